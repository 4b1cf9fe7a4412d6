"""How we stay in touch: meetings at the rhythm of the segment, mails and their answers, calls to whom we have not heard."""

from dataclasses import dataclass

from streams.fleet.diary import Diary
from streams.fleet.draws import chance, pick
from streams.fleet.people import Contact, contacts
from streams.fleet.profile import ENTERPRISE, Profile
from streams.fleet.span import HOUR_MS, Span
from streams.fleet.story import FALLS, Kind, Story

_CALENDAR, _MAIL, _CRM = "calendar", "mail", "crm"
_EVERYBODY = ("champion", "technical_admin", "decision_maker", "executive_sponsor", "team_lead")

_LAST_DAYS = 16  # in which a leaver answers no more
# How long a good account manager lets a person go without a word, in days.
_PATIENCE = {"high": (19, 24), "medium": (40, 50), "low": (80, 100)}


@dataclass(frozen=True, slots=True)
class _Series:
    """A meeting that comes again and again: every so many days, with the contacts of these roles."""

    kind: str
    every: int
    roles: tuple[str, ...]
    first: tuple[int, int]  # days after the beginning


_HIGH = (
    _Series("weekly_sync", 7, ("champion", "technical_admin"), (14, 20)),
    _Series("stakeholder", 28, _EVERYBODY, (18, 27)),
    _Series("executive", 84, ("champion", "decision_maker", "executive_sponsor"), (60, 80)),
)
_MID = (
    _Series("check_in", 24, ("champion", "technical_admin", "team_lead"), (16, 22)),
    _Series("qbr", 84, ("champion", "decision_maker", "team_lead"), (60, 80)),
)


class _Rhythm:
    """The days of one account as its manager lives them, in order."""

    def __init__(self, diary: Diary, people: tuple[Contact, ...]) -> None:
        self.diary = diary
        self.people = people
        self.begin = diary.story.joined or 0
        self.high = diary.profile.size is ENTERPRISE
        self.heard = {contact.contact_id: contact.arrives - diary.rng.randint(0, 12) for contact in people}
        self.patience = {contact.contact_id: diary.rng.randint(*_PATIENCE[contact.influence]) for contact in people}
        new = diary.story.joined is not None
        self.next = {
            series.kind: self.begin + (diary.rng.randint(*series.first) if new else diary.rng.randrange(1, series.every - 2))
            for series in (_HIGH if self.high else _MID)
        }
        self.mail_day = self.begin + diary.rng.randint(4, 16)

    def live(self) -> None:
        for day in range(self.begin, self.diary.span.days + 7):
            if not self.diary.story.alive(day) or self._slipping(day):
                continue
            for series in _HIGH if self.high else _MID:
                if day >= self.next[series.kind]:
                    self._meet(series, day)
                    late = self._behind(series.kind)
                    self.next[series.kind] = day + series.every + late
            if day >= self.mail_day:
                self._write(day)
                self.mail_day = day + self.diary.rng.randint(13, 20)
            self._call_whom_we_miss(day)

    def _slipping(self, day: int) -> bool:
        return self.diary.story.kind is Kind.CADENCE_LOST and self.diary.story.on(day)

    def _known(self, contact: Contact, day: int) -> bool:
        """There, and introduced to us: newcomers take some days to be."""
        return contact.there(day) and (contact.arrives <= self.begin or day - contact.arrives > 3)

    def _behind(self, kind: str) -> int:
        """Some days later than planned, now and then; the weekly meeting keeps its weekday."""
        rng = self.diary.rng
        return 0 if kind == "weekly_sync" else rng.randint(-2, 1) if kind == "check_in" else rng.randint(-3, 2)

    def _meet(self, series: _Series, planned: int) -> None:
        diary, rng = self.diary, self.diary.rng
        put_off = series.every > 7 and chance(rng, 0.05)
        day = diary.workday(diary.workday(planned) + 2) if put_off else diary.workday(planned)
        people = [contact for contact in self.people if contact.role in series.roles and self._known(contact, day)]
        if not people:
            return
        held = diary.office(day)
        meeting, invited = diary.new_id("mt"), [contact.contact_id for contact in people]
        about = {"meeting_id": meeting, "kind": series.kind, "invited": invited}
        if put_off:  # a day or two before, to a day or two later
            first = {**about, "meeting_id": diary.new_id("mt")}
            diary.write(held - 8 * 24 * HOUR_MS, "meeting.scheduled", _CALENDAR, **first)
            diary.write(held - 50 * HOUR_MS, "meeting.cancelled", _CALENDAR, meeting_id=first["meeting_id"], kind=series.kind)
            diary.write(held - 49 * HOUR_MS, "meeting.scheduled", _CALENDAR, **about)
        else:
            diary.write(held - (6 if series.every > 7 else 4) * 24 * HOUR_MS, "meeting.scheduled", _CALENDAR, **about)
        came = [contact.contact_id for contact in people if contact.responsive(day) and chance(rng, 0.95)]
        diary.write(held, "meeting.held", _CALENDAR, **about, attended=came)
        self._heard(came, day)
        if series.kind == "check_in":
            diary.write(
                held + HOUR_MS // 2, "touch.logged", _CRM, kind="note", contact_id=came[0] if came else None, user_id=diary.profile.csm
            )
        if series.every > 60:
            diary.write(held + 3 * HOUR_MS, "qbr.completed", _CRM, sentiment=self._mood(day), attendees=came)

    def _mood(self, day: int) -> str:
        story, rng = self.diary.story, self.diary.rng
        stormy = story.kind is Kind.TICKET_STORM and story.start is not None and story.start <= day <= story.start + 60
        if stormy or (story.kind in FALLS and story.kind is not Kind.SILENT_DECLINE and story.vitality(day) < 0.6):
            return "negative"
        return pick(rng, ("positive", "neutral"), (0.75, 0.25))

    def _write(self, day: int) -> None:
        """A mail to somebody with a say; most answer within two days, a few only after their vacation."""
        diary, rng = self.diary, self.diary.rng
        day = diary.workday(day)
        people = [contact for contact in self.people if self._known(contact, day) and contact.influence == "high"]
        if not people:
            return
        contact = people[(day // 13) % len(people)]
        mailed = diary.office(day)
        diary.write(mailed, "email.sent", _MAIL, to=[contact.contact_id])
        back = {"from": contact.contact_id}
        if not contact.responsive(day):
            if contact.there(day) and contact.away[0] <= day < contact.away[1]:
                diary.write(mailed + 90_000, "email.replied", _MAIL, **back, auto_reply=True)
            return
        if contact.leaves - day < _LAST_DAYS:
            return
        if chance(rng, 0.07):
            diary.write(mailed + 60_000, "email.replied", _MAIL, **back, auto_reply=True)
            diary.write(diary.office(day + rng.randint(5, 11)), "email.replied", _MAIL, **back, auto_reply=False)
            self._heard([contact.contact_id], day + 11)
        elif chance(rng, 0.985):
            diary.write(diary.later(mailed, 16), "email.replied", _MAIL, **back, auto_reply=False)
            self._heard([contact.contact_id], day + 1)

    def _call_whom_we_miss(self, day: int) -> None:
        diary = self.diary
        if diary.workday(day) != day:
            return
        for contact in self.people:
            if (
                not self._known(contact, day)
                or not contact.responsive(day)
                or day - self.heard[contact.contact_id] < self.patience[contact.contact_id]
            ):
                continue
            kind = pick(diary.rng, ("call", "visit", "chat"), (6, 1, 3))
            diary.write(diary.office(day), "touch.logged", _CRM, kind=kind, contact_id=contact.contact_id, user_id=diary.profile.csm)
            self._heard([contact.contact_id], day)

    def _heard(self, ids: list[str], day: int) -> None:
        for contact_id in ids:
            self.heard[contact_id] = max(self.heard[contact_id], day)


def write_rhythm(seed: int, profile: Profile, story: Story, span: Span) -> Diary:
    """Meetings, mails and calls with a customer whom somebody of ours knows by name."""
    diary = Diary(seed, profile, story, span, "rhythm")
    if profile.human_touch and story.kind is not Kind.NEVER_STARTED:
        _Rhythm(diary, contacts(seed, profile, story, span)).live()
    return diary
