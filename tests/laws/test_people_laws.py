"""The two rules over active users, against a plain recount of the events."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from math import sqrt
from statistics import fmean, variance
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings

from plays.rules.book import RuleBook
from schemas.events.event import Event
from streams.processing.effects import Raise
from streams.signals.driver import Driver
from streams.signals.processor import SignalsProcessor
from tests.laws.test_detector_laws import BOOK, SEGMENTS, START, usage_stories
from tests.oracle.days import EPOCH
from tests.oracle.variation import is_closed

SIGNALS = SignalsProcessor(RuleBook(one.rule for one in BOOK if one.rule.id in ("T05", "T24")), SEGMENTS)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(usage_stories())
def test_floors_and_months_are_what_a_plain_recount_of_the_people_says(story: tuple[str, list[Event]]) -> None:
    zone, events = story
    punctual = [events[0], *sorted(events[1:], key=lambda event: event.time_ms)]
    until_ms = max(event.time_ms for event in events) + 100 * 86_400_000
    driver = Driver(SIGNALS, "acme")
    driver.run(punctual, until_ms)
    found = [
        (one.effect.trigger.rule, one.now_ms, one.effect.trigger.evidence.observed)
        for one in driver.happened
        if isinstance(one.effect, Raise)
    ]

    assert found == recount(zone, [event for event in punctual if event.type == "feature.used"], until_ms)


def recount(zone: str, events: Sequence[Event], until_ms: int) -> list[tuple[str, int, float]]:
    place = ZoneInfo(zone)
    people: dict[int, set[str]] = {}
    counts: dict[int, int] = {}
    for event in events:
        day = (datetime.fromtimestamp(event.time_ms / 1000, UTC).astimezone(place).date() - EPOCH).days
        people.setdefault(day, set()).add(event.data["user_id"])
        counts[day] = counts.get(day, 0) + 1
    since = min(people, default=None)
    created = ((START - timedelta(hours=1)).astimezone(place).date() - EPOCH).days

    def active(last: int) -> int:
        return len(set().union(*(people.get(day, set()) for day in range(last - 6, last + 1))))

    found: list[tuple[str, int, float]] = []
    low = well = 0
    floor: int | None = None  # the day on which the floor was last found broken
    open_floor = False
    month: tuple[int, float] | None = None
    day = created
    while True:
        midnight = datetime.combine(EPOCH + timedelta(days=day + 1), datetime.min.time(), tzinfo=place)
        due_ms = round(midnight.astimezone(UTC).timestamp() * 1000) + 600_000
        if due_ms > until_ms:
            return found
        users = active(day)
        if day >= created + 30:
            if open_floor:
                well = well + 1 if users >= 3.3 else 0
                open_floor = well < 7
                low = 0
            else:
                rest = [d for d in range(day - 6, day + 1) if is_closed(d, zone) and (EPOCH + timedelta(days=d)).weekday() < 5]
                if users >= 3:
                    low = 0
                elif len(rest) < 3:
                    low = min(low + 1, 2)
                    if low == 2 and (floor is None or day >= floor + 28):
                        found.append(("T05", due_ms, float(users)))
                        floor, open_floor, well = day, True, 0
        if since is not None and day >= since + 13:
            now = fmean(active(day - 7 * n) for n in range(4))
            if month is not None and (now >= 0.8 * month[1] or day >= month[0] + 56):
                month = None
            if month is None and since <= day - 55 and (before := fallen(active, counts, day, zone)) is not None:
                found.append(("T24", due_ms, now))
                month = (day, before)
        day += 1


def fallen(active: Callable[[int], int], counts: dict[int, int], day: int, zone: str) -> float | None:
    """The mean week of the month before, if that of the last one is an unusual fall from it."""
    weeks = [active(day - 7 * n) for n in range(4)]
    past = [active(day - 28 - 7 * n) for n in range(4)]
    before = fmean(past)
    if before < 5 or 10 * sum(weeks) > 6 * sum(past):
        return None
    days = [d for d in range(day - 55, day - 27) if not is_closed(d, zone)]
    usual = {w: fmean([counts.get(d, 0) for d in days if d % 7 == w] or [0]) for w in range(7)}
    worked = 0
    for n in range(4):
        share = sum(usual[d % 7] for d in range(day - 7 * n - 6, day - 7 * n + 1) if not is_closed(d, zone))
        worked += share >= sum(usual.values()) / 2
    expected = before * worked / 4
    phi = max(0.2, variance(past) / before)
    return before if expected and (expected - fmean(weeks)) / sqrt(phi * expected / 2) >= 2.58 else None
