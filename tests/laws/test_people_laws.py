"""Rules about people, recounted from the events with nothing kept but what a reader of them would note."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import ceil
from statistics import median
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plays.loading.rules import LIBRARY, load_rules
from plays.loading.segments import POLICY, load_segments
from plays.rules.book import RuleBook
from schemas.events.event import Event
from streams.processing.effects import Raise
from streams.signals.driver import Driver, flush
from streams.signals.processor import SignalsProcessor
from streams.signals.timeline import events_of

SEGMENTS = load_segments(POLICY)
SILENCES = ("T17", "T37", "T38", "T54")
SIGNALS = SignalsProcessor(RuleBook(rule for rule in load_rules(LIBRARY, SEGMENTS.names) if rule.id in SILENCES), SEGMENTS)
START = datetime(2026, 3, 2, tzinfo=UTC)
START_MS = round(START.timestamp() * 1000)
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
END_MS = START_MS + 400 * DAY_MS
PEOPLE = {"a": ("champion", "high"), "b": ("executive_sponsor", "medium"), "c": ("team_lead", "low")}

Fired = tuple[str, str, int]
"""Rule, contact, episode in ms."""

some = st.lists(st.sampled_from(sorted(PEOPLE)), max_size=3, unique=True)
happenings = st.one_of(
    st.builds(lambda to: {"type": "email.sent", "to": to}, some),
    st.builds(lambda who, auto: {"type": "email.replied", "from": who, "auto_reply": auto}, st.sampled_from(sorted(PEOPLE)), st.booleans()),
    st.builds(lambda invited, came: {"type": "meeting.held", "invited": invited, "attended": came}, some, some),
    st.builds(lambda who: {"type": "touch.logged", "contact_id": who}, st.sampled_from(sorted(PEOPLE))),
)
times = st.integers(0, 24 * 200) | st.integers(0, 100).map(lambda n: 48 * n)  # hours, often the same


@st.composite
def stories(draw: st.DrawFn) -> list[dict[str, Any]]:
    """What happens to three people in 200 days, in the order of time."""
    found = [{**draw(happenings), "at": draw(times)} for _ in range(draw(st.integers(0, 40)))]
    return sorted(found, key=lambda one: one["at"])


def events(told: Sequence[dict[str, Any]]) -> list[Event]:
    known = [
        {"type": "account.updated", "at": 0, "acv": 20_000},
        *({"type": "contact.added", "at": 0, "contact_id": who, "role": role, "influence": size} for who, (role, size) in PEOPLE.items()),
    ]
    envelope = {"account_id": "acme", "source": "law"}
    return events_of(
        [
            {
                **envelope,
                "event_id": f"e{n}",
                "occurred_at": (START + timedelta(hours=one["at"])).isoformat(),
                **{name: value for name, value in one.items() if name != "at"},
            }
            for n, one in enumerate([*known, *told])
        ]
    )


def fired(told: Sequence[dict[str, Any]], *, flushed: bool = False) -> list[Fired]:
    driver = Driver(SIGNALS, "acme")
    driver.run(events(told), END_MS, after_each=flush if flushed else None)
    triggers = [one.effect.trigger for one in driver.happened if isinstance(one.effect, Raise)]
    return sorted((one.rule, one.subject.id, round(datetime.fromisoformat(one.episode).timestamp() * 1000)) for one in triggers)


LAWS = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@LAWS
@given(stories())
def test_silences_of_people_are_what_a_plain_recount_says(told: list[dict[str, Any]]) -> None:
    assert fired(told) == sorted(found for who in PEOPLE for found in recount(told, who))


@LAWS
@given(stories(), st.randoms(use_true_random=False))
def test_events_of_one_instant_may_come_in_any_order_and_state_be_written_in_between(told: list[dict[str, Any]], chance: Any) -> None:
    shuffled = list(told)
    chance.shuffle(shuffled)
    shuffled.sort(key=lambda one: one["at"])  # stable: only events of one instant stay in the other order

    assert fired(shuffled, flushed=True) == fired(told)


def recount(told: Sequence[dict[str, Any]], who: str) -> list[Fired]:
    role, influence = PEOPLE[who]
    heard = [ms(one) for one in told if is_heard(one, who)]
    contacted = sorted([*heard, *(ms(one) for one in told if one.get("contact_id") == who)])
    patience = {"high": 30, "medium": 60, "low": 120}[influence]
    found = [("T54", who, last) for last in gaps(contacted, lambda _: patience)]
    if role == "executive_sponsor":
        found += [("T17", who, last) for last in gaps(heard, rhythm)]
    if role != "team_lead":
        found += [("T38", who, asked) for asked in unanswered(told, who, heard)]
        found += [("T37", who, first) for first in runs_missed(told, who)]
    return found


def ms(one: dict[str, Any]) -> int:
    return START_MS + int(one["at"]) * HOUR_MS


def is_heard(one: dict[str, Any], who: str) -> bool:
    return (one.get("from") == who and not one["auto_reply"]) or who in one.get("attended", ())


def gaps(occasions: Sequence[int], days: Any) -> list[int]:
    """Beginnings of the silences: from the start or an occasion on, longer than the days that its past allows. What comes within
    the grace of ten minutes is in time.
    """
    found = []
    marks = sorted({START_MS, *occasions})
    for index, last in enumerate(marks):
        until = marks[index + 1] if index + 1 < len(marks) else END_MS
        if until > last + days([at for at in occasions if at <= last]) * DAY_MS:
            found.append(last)
    return found


def rhythm(past: Sequence[int]) -> int:
    days = sorted({at // DAY_MS for at in past})[-9:]
    between = [later - earlier for earlier, later in pairwise(days)]
    return max(60, ceil(2 * median(between))) if len(between) >= 3 else 60


def unanswered(told: Sequence[dict[str, Any]], who: str, heard: Sequence[int]) -> list[int]:
    found, sent = [], sorted({ms(one) for one in told if one["type"] == "email.sent" and who in one["to"]})
    last = -1
    for asked in sent:
        if asked in heard or asked <= last:
            continue  # answered in that instant, or one more while the first is open
        answer = min((at for at in heard if at > asked), default=END_MS)
        if answer > asked + 14 * DAY_MS:
            found.append(asked)
        last = answer
    return found


def runs_missed(told: Sequence[dict[str, Any]], who: str) -> list[int]:
    found: list[int] = []
    came = sorted({ms(one) for one in told if who in one.get("attended", ())})
    missed = sorted({ms(one) for one in told if who in one.get("invited", ()) and who not in one["attended"]} - set(came))
    for begin, end in zip([-1, *came], [*came, END_MS], strict=True):
        run = [at for at in missed if begin < at < end]
        if len(run) >= 3 and run[2] + DAY_MS < end:
            found.append(run[0])
    return found
