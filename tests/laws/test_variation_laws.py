"""Laws of what the past and the calendar let expect."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from plays.loading.closures import countries_of_zones
from plays.loading.segments import POLICY, load_segments
from plays.policy.closures import ClosedDays, Closure, ClosurePolicy
from plays.policy.segments import SegmentIndex
from streams.processing.account import PROFILE
from streams.processing.cells import Cells
from streams.processing.moment import Moment
from streams.signals.calendar import calendar_of, day_number
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.state import Weeks
from streams.signals.variation import Outlook, highest_z, outlook
from streams.signals.weeks import add

TREE = load_segments(POLICY).segments
ALWAYS_OPEN = SegmentIndex(TREE)
LAST = day_number(date(2026, 4, 12))  # the week after Easter, in which Monday is a holiday in Germany
SINCE = LAST - 62


@st.composite
def pasts(draw: st.DrawFn) -> tuple[list[int], int]:
    """Events of each day up to the last, and on how many of the first days there was nothing yet."""
    weekdays = draw(st.lists(st.integers(0, 12), min_size=7, max_size=7))
    days = [max(0, weekdays[at % 7] + draw(st.integers(-3, 3))) for at in range(63)]
    return days, draw(st.integers(0, 48))


def close_of(days: list[int], unknown: int) -> DayClose:
    weeks = Weeks()
    for at, count in enumerate(days):
        if at >= unknown:
            add(weeks, SINCE + at, count, [f"u{n}" for n in range(count)], ("export",))
    return DayClose(LAST, SINCE + unknown, weeks, calendar_of(None))


def seen(close: DayClose, now: list[int], baseline: float, weeks: int, segments: SegmentIndex, *, people: bool) -> Outlook:
    cells = Cells("acme")
    cells.edit(PROFILE).timezone = "Europe/Berlin"
    return outlook(Context(cells, Moment(0), segments), close, now, baseline, weeks, people=people)


def weeks_of(close: DayClose, spans: int, *, people: bool) -> tuple[list[int], float]:
    count = close.users if people else close.usage
    before = [count(LAST - 7 * back) for back in range(spans, 2 * spans)]
    return [count(LAST - 7 * back) for back in range(spans)], sum(before) / spans


@settings(max_examples=200, deadline=None)
@given(pasts(), st.sampled_from([1, 2, 4]), st.booleans())
def test_no_past_makes_a_fall_more_unlikely_than_the_bound_that_is_asked_first(
    past: tuple[list[int], int], spans: int, people: bool
) -> None:
    close = close_of(*past)
    now, baseline = weeks_of(close, spans, people=people)

    for segments in (ALWAYS_OPEN, load_segments(POLICY)):
        found = seen(close, now, baseline, spans, segments, people=people)

        assert found.z <= max(0.0, highest_z(now, baseline, people=people)) + 1e-9
        assert found.expected <= baseline + 1e-9
        assert found.weeks <= 8
        assert found.phi >= (0.2 if people else 1.0)


@settings(max_examples=200, deadline=None)
@given(pasts(), st.sampled_from([1, 2, 4]), st.booleans(), st.integers(1, 20))
def test_the_less_there_is_the_more_unlikely_it_is(past: tuple[list[int], int], spans: int, people: bool, less: int) -> None:
    close = close_of(*past)
    now, baseline = weeks_of(close, spans, people=people)
    fewer = [max(0, one - less) for one in now]

    found = seen(close, now, baseline, spans, ALWAYS_OPEN, people=people)

    assert seen(close, fewer, baseline, spans, ALWAYS_OPEN, people=people).z >= found.z


@settings(max_examples=200, deadline=None)
@given(pasts(), st.sampled_from([1, 2]), st.booleans(), st.integers(0, 6), st.integers(0, 6))
def test_closing_days_of_the_week_judged_never_makes_it_more_unlikely(
    past: tuple[list[int], int], spans: int, people: bool, first: int, length: int
) -> None:
    close = close_of(*past)
    now, baseline = weeks_of(close, spans, people=people)
    ends = [date.fromordinal(date(1970, 1, 1).toordinal() + min(LAST, LAST - 6 + first + days)).isoformat() for days in (0, length)]
    shut = ClosurePolicy(public_holidays=False, closures=(Closure(name="shut", first=ends[0], last=ends[1]),))

    found = seen(close, now, baseline, spans, SegmentIndex(TREE, ClosedDays(shut, countries_of_zones())), people=people)

    assert found.closed >= 1 or not found.weeks
    assert found.z <= max(0.0, seen(close, now, baseline, spans, ALWAYS_OPEN, people=people).z) + 1e-9


def test_without_a_whole_week_of_past_nothing_is_unlikely() -> None:
    close = close_of([10] * 63, 50)

    assert seen(close, [0], 70.0, 1, ALWAYS_OPEN, people=False) == Outlook(0.0, 0.0, 1.0, 0, 0)


def closed(first: str, last: str) -> SegmentIndex:
    shut = ClosurePolicy(public_holidays=False, closures=(Closure(name="plant holidays", first=first, last=last),))
    return SegmentIndex(TREE, ClosedDays(shut, countries_of_zones()))


def test_a_baseline_is_scaled_to_the_days_that_are_open() -> None:
    """Seven weeks of 10 a day, then one of 5; of the week judged one day is closed: of 35 a week six sevenths are left."""
    close = close_of([10] * 49 + [5] * 7 + [0] * 7, 0)

    assert seen(close, [0], 35.0, 1, ALWAYS_OPEN, people=False).expected == 35.0
    assert seen(close, [0], 35.0, 1, closed("2026-04-08", "2026-04-08"), people=False).expected == 30.0


def test_where_all_of_the_baseline_was_closed_the_lesser_of_it_and_the_past_is_expected() -> None:
    close, shut = close_of([10] * 63, 0), closed("2026-03-30", "2026-04-05")

    assert [seen(close, [0], baseline, 1, shut, people=False).expected for baseline in (60.0, 80.0)] == [60.0, 70.0]
