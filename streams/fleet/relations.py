"""The people at the customer, and our meetings, mails and surveys with them."""

from dataclasses import dataclass

from streams.fleet.diary import Diary
from streams.fleet.draws import chance, pick
from streams.fleet.profile import Profile, person
from streams.fleet.span import HOUR_MS, MINUTE_MS, Span
from streams.fleet.story import Kind, Story

_CRM, _CALENDAR, _SURVEY, _MAIL = "crm", "calendar", "survey", "mail"


@dataclass(frozen=True, slots=True)
class _Contact:
    contact_id: str
    name: str
    role: str


def write_relations(seed: int, profile: Profile, story: Story, span: Span) -> Diary:
    """Contacts and everything that passes between them and us."""
    diary = Diary(seed, profile, story, span, "relations")
    contacts = _contacts(diary)
    for number, contact in enumerate(contacts):
        joined = span.start_ms + 2 * MINUTE_MS if story.joined is None else diary.at(story.joined, 9.2)
        _added(diary, joined + number, contact)
    gone = _champion_leaves(diary, contacts[0]) if story.kind is Kind.CHAMPION_LEAVES else None
    _ordinary_changes(diary, contacts)
    if profile.human_touch:
        _meetings(diary, contacts, gone)
    _scores(diary, contacts)
    return diary


def _contacts(diary: Diary) -> list[_Contact]:
    rng, profile = diary.rng, diary.profile
    roles = ["champion", "technical_admin", "decision_maker"] if profile.human_touch else ["champion"]
    if profile.size.name == "enterprise":
        roles += ["executive_sponsor", "team_lead"]
    return [_Contact(f"{profile.account_id}-c{number}", person(rng), role) for number, role in enumerate(roles, start=1)]


def _added(diary: Diary, time_ms: int, contact: _Contact) -> None:
    influence = "high" if contact.role in ("champion", "decision_maker", "executive_sponsor") else "medium"
    diary.write(time_ms, "contact.added", _CRM, contact_id=contact.contact_id, name=contact.name, role=contact.role, influence=influence)


def _champion_leaves(diary: Diary, champion: _Contact) -> int:
    """The champion leaves the company or takes another job in it; a successor comes weeks later, or never. Returns the day."""
    rng, story = diary.rng, diary.story
    day = diary.workday((story.start or 0) - rng.randint(1, 4))
    if chance(rng, 0.65):
        diary.write(diary.office(day), "contact.left", _CRM, contact_id=champion.contact_id)
    else:
        diary.write(diary.office(day), "contact.role_changed", _CRM, contact_id=champion.contact_id, role="user", role_before="champion")
    if story.until is not None:
        successor = _Contact(f"{diary.profile.account_id}-c9", person(rng), "champion")
        _added(diary, diary.office(story.until - 6), successor)
    return day


def _ordinary_changes(diary: Diary, contacts: list[_Contact]) -> None:
    """Now and then somebody who matters less moves on and is replaced."""
    rng, span = diary.rng, diary.span
    for contact in contacts[1:]:
        if chance(rng, 0.05 * span.days / 150):
            day = rng.randint((diary.story.joined or 0) + 5, span.days + 5)
            diary.write(diary.office(day), "contact.left", _CRM, contact_id=contact.contact_id)
            _added(diary, diary.office(day + rng.randint(4, 20)), _Contact(contact.contact_id + "b", person(rng), contact.role))


def _meetings(diary: Diary, contacts: list[_Contact], gone: int | None) -> None:
    """Check-ins and business reviews at the rhythm of the segment."""
    rng, span, profile = diary.rng, diary.span, diary.profile
    every = 14 if profile.size.name == "enterprise" else 31
    day = (diary.story.joined + 20 if diary.story.joined is not None else 0) + rng.randrange(every)
    number = 0
    while day < span.days:
        number += 1
        kind = "qbr" if number * every % 91 < every else "check_in"
        people = [c.contact_id for c in contacts if gone is None or day < gone or c is not contacts[0]]
        meeting = diary.new_id("mt")
        held = diary.office(day)
        diary.write(held - 6 * 24 * HOUR_MS, "meeting.scheduled", _CALENDAR, meeting_id=meeting, kind=kind, invited=people)
        attended = [contact for contact in people if chance(rng, 0.8)]
        if chance(rng, 0.92):
            diary.write(held, "meeting.held", _CALENDAR, meeting_id=meeting, kind=kind, invited=people, attended=attended)
            if kind == "qbr":
                mood = "negative" if diary.story.vitality(day) < 0.6 else pick(rng, ("positive", "neutral"), (0.7, 0.3))
                diary.write(held + 3 * HOUR_MS, "qbr.completed", _CRM, sentiment=mood, attendees=attended)
        else:
            diary.write(held - 20 * HOUR_MS, "meeting.cancelled", _CALENDAR, meeting_id=meeting, kind=kind)
        mailed = diary.office(day + rng.randint(1, 5))
        diary.write(mailed, "email.sent", _MAIL, to=people[:1])
        if people and chance(rng, 0.7):
            diary.write(diary.later(mailed, 14), "email.replied", _MAIL, **{"from": people[0], "auto_reply": chance(rng, 0.08)})
        day += every


def _scores(diary: Diary, contacts: list[_Contact]) -> None:
    """A relationship survey every quarter that some answer."""
    rng, story = diary.rng, diary.story
    day = (story.joined or 0) + rng.randint(10, 90)
    while day < diary.span.days:
        for contact in contacts:
            if chance(rng, 0.3) and story.kind is not Kind.NEVER_STARTED:
                low = story.vitality(day) < 0.6 or story.kind is Kind.TICKET_STORM
                score = rng.randint(1, 7) if low else pick(rng, (5, 6, 7, 8, 9, 10), (1, 2, 5, 10, 12, 8))
                answer = {"kind": "nps", "score": score, "scale": "0-10", "contact_id": contact.contact_id}
                diary.write(diary.office(day + rng.randint(0, 6)), "survey.responded", _SURVEY, **answer)
        day += 91
