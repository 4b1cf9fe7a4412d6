"""Tickets: the ordinary trickle, the storms, what support makes of them, and how customers liked it."""

from streams.fleet.diary import Diary
from streams.fleet.draws import chance, pick, poisson
from streams.fleet.people import Contact, contacts
from streams.fleet.profile import Profile
from streams.fleet.span import DAY_MS, HOUR_MS, Span
from streams.fleet.story import FALLS, Kind, Story

_DESK, _SURVEY = "helpdesk", "survey"
_CONTENT = (Kind.SILENT_DECLINE, Kind.POWER_USERS_GONE)  # customers who have nothing to complain about
_CATEGORIES = ("login", "import", "performance", "billing", "how_to", "integration", "reports")


def write_support(seed: int, profile: Profile, story: Story, span: Span) -> Diary:
    """The helpdesk's view of one account, with the satisfaction surveys that follow tickets."""
    diary = Diary(seed, profile, story, span, "support")
    rng = diary.rng
    daily = profile.size.tickets_per_week * rng.gammavariate(4, 0.25) / 5
    if story.kind is Kind.NEVER_STARTED:
        return diary
    for day in range((story.joined or 0) + 1, span.days):
        if not story.alive(day):
            break
        rate = daily * (1.5 if story.joined is not None and day < story.joined + 30 else 1.0)
        if story.kind in FALLS:
            rate *= 0.4 + 0.6 * story.vitality(day)  # who stops using it stops asking
        if span.date_of(day).weekday() >= 5:
            rate *= 0.1
        for _ in range(poisson(rng, rate)):
            _ticket(diary, diary.at(day, rng.uniform(8, 19)), storm=False)
    if story.kind is Kind.TICKET_STORM and story.start is not None:
        _storm(diary, story.start, story.ramp)
    if story.kind in _CONTENT:
        for day in range(rng.randint(5, 20), span.days, 26):  # small questions, well answered
            _ticket(diary, diary.at(diary.workday(day), rng.uniform(9, 17)), storm=False, category="how_to")
    _chats(diary)
    return diary


def _chats(diary: Diary) -> None:
    """What the assistant could not answer goes to a person, with all that was said."""
    rng, story = diary.rng, diary.story
    person = _whoever(diary)
    mean = (6.0 if story.kind is Kind.TICKET_STORM else 0.25) * diary.span.days / 245
    for _ in range(poisson(rng, mean)):
        stormy = story.kind is Kind.TICKET_STORM and story.start is not None
        day = (story.start or 0) + rng.randint(0, 9) if stormy else rng.randint(story.joined or 0, diary.span.days)
        if story.alive(day):
            chat = diary.new_id("CH")
            about = {"chat_id": chat, "context_link": f"https://chat.example/{chat}", "contact_id": person.contact_id}
            diary.write(diary.at(day, rng.uniform(8, 19)), "chat.escalated", _DESK, **about)


def _whoever(diary: Diary) -> Contact:
    """One of those who are known from the beginning."""
    first = diary.story.joined or 0
    return pick(diary.rng, [contact for contact in contacts(diary.seed, diary.profile, diary.story, diary.span) if contact.there(first)])


def _storm(diary: Diary, start: int, days: int) -> None:
    """One cause, many tickets: a bad release, a broken import."""
    rng = diary.rng
    cause = pick(rng, _CATEGORIES[:3])
    for number in range(rng.randint(6, 13)):
        hour = rng.uniform(8, 19)
        day = start + (0 if number < 2 else rng.randint(0, days))
        _ticket(diary, diary.at(day, hour), storm=True, category=cause)


def _ticket(diary: Diary, created: int, storm: bool, category: str | None = None) -> None:
    rng = diary.rng
    ticket = diary.new_id("T")
    created += rng.randrange(1000)
    category = category or pick(rng, _CATEGORIES)
    weights = (0.14, 0.36, 0.4, 0.1) if storm else (0.03, 0.17, 0.55, 0.25)
    priority = pick(rng, ("P1", "P2", "P3", "P4"), weights)
    fingerprint = f"{category}-{rng.randrange(2 if storm else 9)}"
    requester = f"{diary.profile.account_id}-u{rng.randint(1, diary.profile.users):02d}"
    diary.write(
        created, "ticket.created", _DESK, ticket_id=ticket, priority=priority, category=category,
        subject_fingerprint=fingerprint, requester_id=requester, channel=pick(rng, ("email", "portal", "chat")),
    )  # fmt: skip
    moment = created
    content = diary.story.kind in _CONTENT
    if priority != "P1" and chance(rng, 0.12 if storm else 0.02):
        moment = diary.later(moment, 6, 30)
        diary.write(moment, "ticket.priority_changed", _DESK, ticket_id=ticket, priority="P1", priority_before=priority)
        priority = "P1"
    if chance(rng, 0.4):
        mood = "negative" if storm and chance(rng, 0.7) else pick(rng, ("neutral", "positive"), (0.6, 0.4))
        diary.write(moment + 45_000, "ticket.sentiment", _DESK, ticket_id=ticket, sentiment=mood)
    if not content and chance(rng, 0.15 if storm else 0.012):
        moment = diary.later(moment, 8, 60)
        diary.write(moment, "ticket.escalated", _DESK, ticket_id=ticket, level=2, to_management=chance(rng, 0.5))
    hours = {"P1": 4.0, "P2": 16.0, "P3": 34.0, "P4": 60.0}[priority]
    moment = diary.later(moment, hours * (2.0 if storm else 1.0), 25)
    diary.write(moment, "ticket.resolved", _DESK, ticket_id=ticket)
    reopenings = 0
    while reopenings < 4 and chance(rng, (0.3 if storm else 0.05) if reopenings == 0 else 0.4):
        reopenings += 1
        moment = diary.later(moment, 30, 60)
        diary.write(moment, "ticket.reopened", _DESK, ticket_id=ticket)
        moment = diary.later(moment, hours, 60)
        diary.write(moment, "ticket.resolved", _DESK, ticket_id=ticket)
    diary.write(moment + 3 * DAY_MS, "ticket.closed", _DESK, ticket_id=ticket)
    if chance(rng, 0.8 if content else 0.3):
        unhappy = (storm or reopenings > 0) and not content
        score = 5 if content else pick(rng, (1, 2, 3, 4, 5), (0.25, 0.3, 0.25, 0.15, 0.05) if unhappy else (0.005, 0.015, 0.1, 0.36, 0.52))
        answer = {"kind": "csat", "score": score, "scale": "1-5", "ticket_id": ticket, "contact_id": _whoever(diary).contact_id}
        if score <= 3 and chance(rng, 0.5):
            answer["comment"] = "took too long" if reopenings == 0 else "came back again"
        diary.write(moment + 2 * HOUR_MS + rng.randrange(20 * HOUR_MS), "survey.responded", _SURVEY, **answer)
