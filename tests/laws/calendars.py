"""Working calendars and instants for the laws: odd zones, split and night shifts, closed days, moments around clock changes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from plays.sla.calendar import WorkingCalendar
from plays.sla.day_plan import WeekPlan
from plays.sla.shifts import Shift, as_week
from tests.oracle.minutes import Walked

MINUTE = 60_000
HOUR = 3_600_000
DAY = 24 * HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# each with a moment near a change of its clocks or rules: gaps, folds, half hours, midnight, a day that never was
AROUND = {
    "UTC": datetime(2024, 2, 29, 12, tzinfo=UTC),
    "Europe/Berlin": datetime(2026, 3, 29, 1, tzinfo=UTC),
    "Europe/London": datetime(2026, 10, 25, 1, tzinfo=UTC),
    "America/New_York": datetime(2026, 11, 1, 6, tzinfo=UTC),
    "America/Los_Angeles": datetime(2026, 3, 8, 10, tzinfo=UTC),
    "America/Sao_Paulo": datetime(2018, 11, 4, 3, tzinfo=UTC),  # midnight is skipped
    "America/St_Johns": datetime(2010, 11, 7, 2, 31, tzinfo=UTC),  # put back from 00:01 to 23:01 of the day before
    "Australia/Lord_Howe": datetime(2026, 4, 4, 15, tzinfo=UTC),  # by half an hour
    "Asia/Kathmandu": datetime(2026, 2, 28, tzinfo=UTC),
    "Pacific/Apia": datetime(2011, 12, 30, 10, tzinfo=UTC),  # 30 December 2011 never was
    "Africa/Casablanca": datetime(2026, 3, 22, 2, tzinfo=UTC),  # summer time ends for Ramadan
    "Europe/Istanbul": datetime(2016, 9, 7, tzinfo=UTC),  # summer time for good
    "Asia/Pyongyang": datetime(2018, 5, 4, 15, tzinfo=UTC),  # half an hour on, once
}


def ms(at: datetime) -> int:
    return (at - EPOCH) // timedelta(milliseconds=1)


def instant(at_ms: int) -> datetime:
    return EPOCH + timedelta(milliseconds=at_ms)


def number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def calendar_of(walked: Walked) -> WorkingCalendar:
    """The product's calendar for the same data."""
    week = as_week({day: [Shift(*shift) for shift in shifts] for day, shifts in enumerate(walked.week)})
    closed = {number(day) for day in walked.closed}
    special = {number(day): tuple(Shift(*shift) for shift in sorted(shifts)) for day, shifts in walked.special.items()}
    plan = WeekPlan(week, lambda day: special.get(day, () if day in closed else None))
    return WorkingCalendar("drawn", ZoneInfo(walked.zone), plan)


@st.composite
def day_shifts(draw: st.DrawFn) -> list[tuple[int, int]]:
    """None to three shifts on quarter hours, often on the hours at which clocks change, sometimes over midnight."""
    cuts = sorted(draw(st.sets(st.integers(0, 96) | st.sampled_from([0, 4, 8, 10, 12, 36, 68, 96]), max_size=6)))
    shifts = [(cuts[at] * 15, cuts[at + 1] * 15) for at in range(0, len(cuts) - 1, 2)]
    if shifts and draw(st.integers(0, 3)) == 0:
        start, _ = shifts.pop()
        shifts.append((start, draw(st.integers(start // 15 + 1, 96 + shifts[0][0] // 15 if shifts else start // 15 + 96)) * 15))
    return shifts


@st.composite
def weeks(draw: st.DrawFn) -> list[list[tuple[int, int]]]:
    """A week without overlaps and with at least one shift."""
    days = draw(st.lists(day_shifts(), min_size=7, max_size=7).filter(any))
    if draw(st.booleans()):  # often the same hours on most days
        days = [draw(st.sampled_from([days[0], days[0], days[1]])) for _ in range(7)]
    kept = []
    for index, day in enumerate(days):
        following = days[(index + 1) % 7]
        limit = 1440 + (following[0][0] if following else 0)
        kept.append([(start, min(end, limit)) for start, end in day])
    return kept if any(kept) else [[(540, 1020)]] * 7


@st.composite
def walked_calendars(draw: st.DrawFn, *, closures: bool = True) -> Walked:
    zone = draw(st.sampled_from(sorted(AROUND)))
    middle = AROUND[zone].date()
    dates = st.integers(-9, 9).map(lambda off: middle + timedelta(days=off))
    closed = draw(st.sets(dates, max_size=4)) if closures else set()
    special = draw(st.dictionaries(dates, st.just([]) | st.just([(600, 720)]), max_size=2)) if closures else {}
    return Walked(zone, draw(weeks()), closed, special)


def moments(zone: str) -> st.SearchStrategy[int]:
    """Whole minutes (ms) within a week of the zone's change, often within its hours."""
    middle = ms(AROUND[zone]) // MINUTE * MINUTE
    near = st.integers(-200, 200).map(lambda n: n * MINUTE)
    hours = st.integers(-100, 100).map(lambda n: n * HOUR)
    return (near | hours | st.integers(-10_000, 10_000).map(lambda n: n * MINUTE)).map(lambda off: middle + off)


@st.composite
def calendars_and_moments(draw: st.DrawFn) -> tuple[Walked, WorkingCalendar, int]:
    walked = draw(walked_calendars())
    return walked, calendar_of(walked), draw(moments(walked.zone))
