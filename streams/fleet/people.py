"""The people at the customer: who they are, how they take part, and how they come and go."""

from dataclasses import dataclass, replace
from random import Random

from streams.fleet.diary import Diary
from streams.fleet.draws import chance, pick, stream
from streams.fleet.profile import ENTERPRISE, Profile, dealt, person
from streams.fleet.span import HOUR_MS, MINUTE_MS, Span
from streams.fleet.story import Kind, Story

_CRM = "crm"
_NEVER = 10**6

# role -> (influence, seniority, title)
_ROLES = {
    "champion": ("high", "director", "Head of Operations"),
    "decision_maker": ("high", "vp", "VP Operations"),
    "executive_sponsor": ("high", "c_level", "Chief Operating Officer"),
    "team_lead": ("medium", "manager", "Team Lead"),
    "technical_admin": ("medium", "specialist", "Systems Administrator"),
    "user": ("low", "specialist", "Analyst"),
}
_TITLES = ("Director of Strategy", "Head of Digital", "VP Transformation", "General Manager")


@dataclass(frozen=True, slots=True)
class Contact:
    """One person. Days count from the start of the span; `cold` is when they neither come nor answer, `away` an announced leave.

    `takes_on` is the role they have from the day they leave the old one, None for those who leave the company.
    """

    contact_id: str
    name: str
    role: str
    arrives: int
    leaves: int = _NEVER
    takes_on: str | None = None
    cold: tuple[int, int] = (_NEVER, _NEVER)
    away: tuple[int, int] = (_NEVER, _NEVER)

    @property
    def influence(self) -> str:
        return _ROLES[self.role][0]

    @property
    def about(self) -> dict[str, str]:
        """What the CRM notes of the person."""
        influence, seniority, title = _ROLES[self.role]
        return {
            "contact_id": self.contact_id,
            "name": self.name,
            "role": self.role,
            "influence": influence,
            "seniority": seniority,
            "title": title,
        }

    def there(self, day: int) -> bool:
        """In this role at the customer on that day."""
        return self.arrives <= day < self.leaves

    def responsive(self, day: int) -> bool:
        """There, not on leave, and willing."""
        return self.there(day) and not _within(day, self.cold) and not _within(day, self.away)


def contacts(seed: int, profile: Profile, story: Story, span: Span) -> tuple[Contact, ...]:
    """Everybody we ever know at the account, in the order in which we learn of them; the champion is the first."""
    rng = stream(seed, "contacts", profile.account_id)
    roles = ["champion"]
    if profile.human_touch:
        roles += ["technical_admin", "decision_maker"]
        if profile.size is ENTERPRISE:
            roles += ["executive_sponsor", "team_lead", "user"]
        elif chance(rng, 0.5):
            roles += ["team_lead"]
    first = story.joined if story.joined is not None else 0
    # The team lead is somebody who works with the product: the CRM knows them by their user id.
    ids = ["u01" if role == "team_lead" else f"c{number}" for number, role in enumerate(roles, start=1)]
    found = [Contact(f"{profile.account_id}-{name}", person(rng), role, first) for name, role in zip(ids, roles, strict=True)]
    _move(rng, found, seed, profile, story, span)
    if profile.human_touch:
        _arrivals(rng, found, seed, profile, story, span)
        if story.well and dealt(seed, "parental leave", profile.account_id, 8):
            begin = rng.randint(first + 20, max(first + 21, span.days - 40))
            found[0] = replace(found[0], away=(begin, begin + rng.randint(60, 150)))
    return tuple(found)


def write_people(seed: int, profile: Profile, story: Story, span: Span) -> Diary:
    """Who is known, who comes, who goes. Those of an old customer are loaded, not added."""
    diary = Diary(seed, profile, story, span, "people")
    rng = diary.rng
    for number, contact in enumerate(contacts(seed, profile, story, span)):
        _introduce(diary, contact, number)
        if _within(contact.leaves, (0, span.days)):
            _goes(diary, contact)
        if contact.away[0] < _NEVER:
            told = diary.office(contact.away[0] - rng.randint(10, 25))
            first, last = (str(span.date_of(day)) for day in contact.away)
            diary.write(told, "contact.leave", _CRM, contact_id=contact.contact_id, **{"from": first, "until": last})
        if contact.cold[0] < _NEVER and chance(rng, 0.5):
            # What holds them elsewhere shows in public weeks later.
            diary.write(diary.office(contact.cold[0] + rng.randint(20, 40)), "contact.profile_changed", _CRM, **_promoted(rng, contact))
    if profile.human_touch and dealt(seed, "new title", profile.account_id, 15):
        chosen = contacts(seed, profile, story, span)[1]
        diary.write(diary.office(rng.randint(20, span.days)), "contact.profile_changed", _CRM, **_promoted(rng, chosen))
    return diary


def _introduce(diary: Diary, contact: Contact, number: int) -> None:
    story, span = diary.story, diary.span
    if contact.arrives > (story.joined or 0):
        diary.write(diary.office(contact.arrives), "contact.added", _CRM, **contact.about)
    elif story.joined is not None:
        diary.write(diary.at(story.joined, 9.2) + number, "contact.added", _CRM, **contact.about)
    else:
        diary.write(span.start_ms + 2 * MINUTE_MS + number, "contact.updated", _CRM, **contact.about)
    if story.back is not None:
        diary.write(diary.at(story.back, 10) + number, "contact.updated", _CRM, **contact.about)


def _goes(diary: Diary, contact: Contact) -> None:
    moment = diary.office(contact.leaves)
    if contact.takes_on is None:
        if chance(diary.rng, 0.3):
            about = {"contact_id": contact.contact_id, "name": contact.name, "employer": f"{person(diary.rng).split()[1]} & Co"}
            diary.write(moment - 30 * HOUR_MS, "contact.profile_changed", _CRM, **about)
        diary.write(moment, "contact.left", _CRM, contact_id=contact.contact_id)
    else:
        diary.write(
            moment, "contact.role_changed", _CRM, contact_id=contact.contact_id, role=contact.takes_on, role_before=contact.role
        )  # fmt: skip


def _move(rng: Random, found: list[Contact], seed: int, profile: Profile, story: Story, span: Span) -> None:
    """What the plot does to the people, and now and then somebody who matters less moves on and is replaced."""
    start = story.start or 0
    for place, contact in enumerate(list(found)):
        if place and profile.human_touch and chance(rng, 0.05 * span.days / 150) and story.kind is not Kind.REORGANISATION:
            leaves = rng.randint((story.joined or 0) + 5, span.days + 5)
            found[place] = replace(contact, leaves=leaves)
            found.append(Contact(contact.contact_id + "b", person(rng), contact.role, leaves + rng.randint(2, 10)))
    if story.kind is Kind.CHAMPION_LEAVES:
        leaves = start - rng.randint(1, 4)
        found[0] = replace(found[0], leaves=leaves, takes_on="user" if dealt(seed, "new job", profile.account_id, 3) else None)
        if story.until is not None:  # a successor comes weeks later, or never
            found.append(Contact(f"{profile.account_id}-c9", person(rng), "champion", story.until - 6))
    elif story.kind is Kind.REORGANISATION:
        job = "user" if dealt(seed, "new job", profile.account_id, 3) else None  # with luck they stay in the house
        found[1:] = [replace(contact, leaves=start + rng.randint(0, story.ramp), takes_on=job) for contact in found[1:]]
        found[0] = replace(found[0], cold=(start + 10, start + 45)) if chance(rng, 0.5) else found[0]
    elif story.kind is Kind.SPONSOR_FADES and len(found) > 3:
        found[3] = replace(found[3], leaves=_NEVER, cold=(start, story.until or _NEVER))
    elif story.kind is Kind.CONTACT_COOLS:
        found[0] = replace(found[0], cold=(start, story.until or _NEVER))


def _arrivals(rng: Random, found: list[Contact], seed: int, profile: Profile, story: Story, span: Span) -> None:
    """Somebody new with a say, long after the beginning."""
    after = (story.joined or 0) + 75
    if dealt(seed, "second champion", profile.account_id, 14) and after < span.days - 10:
        found.append(Contact(f"{profile.account_id}-c7", person(rng), "champion", rng.randint(after, span.days - 10)))
    if dealt(seed, "new decision maker", profile.account_id, 15) and after < span.days - 10:
        found.append(Contact(f"{profile.account_id}-c8", person(rng), "decision_maker", rng.randint(after, span.days - 10)))


def _promoted(rng: Random, contact: Contact) -> dict[str, str]:
    return {"contact_id": contact.contact_id, "name": contact.name, "title": pick(rng, _TITLES)}


def _within(day: int, span: tuple[int, int]) -> bool:
    return span[0] <= day < span[1]
