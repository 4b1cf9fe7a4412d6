"""Tickets: the ordinary trickle, the storms, what support makes of them, and how customers liked it."""

from streams.fleet.diary import Diary
from streams.fleet.draws import chance, pick, poisson
from streams.fleet.profile import Profile
from streams.fleet.span import DAY_MS, HOUR_MS, Span
from streams.fleet.story import FALLS, Kind, Story

_DESK, _SURVEY = "helpdesk", "survey"
_CATEGORIES = ("login", "import", "performance", "billing", "how_to", "integration", "reports")


def write_support(seed: int, profile: Profile, story: Story, span: Span) -> Diary:
    """The helpdesk's view of one account, with the satisfaction surveys that follow tickets."""
    diary = Diary(seed, profile, story, span, "support")
    rng = diary.rng
    daily = profile.size.tickets_per_week * rng.gammavariate(4, 0.25) / 5
    if story.kind is Kind.NEVER_STARTED:
        return diary
    for day in range(story.joined or 0, span.days):
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
    return diary


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
    if priority != "P1" and chance(rng, 0.12 if storm else 0.02):
        moment = diary.later(moment, 6, 30)
        diary.write(moment, "ticket.priority_changed", _DESK, ticket_id=ticket, priority="P1", priority_before=priority)
        priority = "P1"
    if chance(rng, 0.15 if storm else 0.012):
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
    if chance(rng, 0.3):
        unhappy = storm or reopenings > 0
        score = pick(rng, (1, 2, 3, 4, 5), (0.25, 0.3, 0.25, 0.15, 0.05) if unhappy else (0.01, 0.03, 0.11, 0.35, 0.5))
        answered = moment + 2 * HOUR_MS + rng.randrange(20 * HOUR_MS)
        diary.write(answered, "survey.responded", _SURVEY, kind="csat", score=score, scale="1-5", ticket_id=ticket)
