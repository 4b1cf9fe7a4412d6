"""The shapes of a fall in usage: which weeks are compared with which. Cheap where nothing has fallen: asked at every day close."""

from collections.abc import Callable
from typing import NamedTuple

from streams.signals.day_close import DayClose
from streams.signals.state import Weeks
from streams.signals.statistics import median_twice

_FOUR = 4


class Fall(NamedTuple):
    """`now` and `base` in 1/`scale` of the measure, so that they are whole; `weeks`: the measure of those judged, newest first."""

    now: int
    base: int
    scale: int
    weeks: tuple[int, ...]
    before: tuple[int, ...]  # the weeks the baseline is made of, newest first


class Measure(NamedTuple):
    """What is counted of a week: usage events, or distinct active users."""

    users: bool
    unit: str

    def of(self, close: DayClose) -> Callable[[int], int]:
        """The measure of the seven days that end with a day."""
        return close.users if self.users else close.usage

    def at_most(self, weeks: Weeks) -> int | None:
        """No week's measure exceeds this; None where counting is as cheap as asking."""
        return len(weeks.users) if self.users else None


class Bar(NamedTuple):
    """A ratio as whole numbers, and the least baseline."""

    ratio: int
    parts: int
    floor: int


Shape = Callable[[DayClose, Measure, Bar], Fall | None]
"""The fall, if the close is one by the ratio and the floor alone."""
Level = Callable[[DayClose, Measure], int]
"""What re-arms: the figure now, on the scale of `Fall`."""


def week_over_week(close: DayClose, measure: Measure, bar: Bar) -> Fall | None:
    """Seven days at or below the ratio of the seven before."""
    now, before = (close.users(close.day), close.users(close.day - 7)) if measure.users else close.pair
    if before < bar.floor or now * bar.parts > bar.ratio * before:
        return None
    return Fall(2 * now, 2 * before, 2, (now,), (before,))


def two_weeks(close: DayClose, measure: Measure, bar: Bar) -> Fall | None:
    """Two weeks each strictly below the ratio of the median of the four before them."""
    most = measure.at_most(close.weeks)
    if most is not None and most < bar.floor:
        return None
    day, count = close.day, measure.of(close)
    second = count(day)
    if most is not None and second * bar.parts >= bar.ratio * most:
        return None
    first = count(day - 7)
    before = tuple([count(day - 14 - 7 * week) for week in range(_FOUR)])
    base = median_twice(before)
    low = bar.ratio * base
    if base < 2 * bar.floor or 2 * first * bar.parts >= low or 2 * second * bar.parts >= low:
        return None
    return Fall(2 * second, base, 2, (second, first), before)


def month_over_month(close: DayClose, measure: Measure, bar: Bar) -> Fall | None:
    """The mean of four weeks at or below the ratio of the mean of the four before. Not before eight weeks are known."""
    day = close.day
    if close.since_day > day - 55 or (measure.users and close.weeks.bits_day > max(day - 55, close.since_day)):
        return None
    most, count = measure.at_most(close.weeks), measure.of(close)
    if most is not None and most < bar.floor:
        return None
    now, weeks = 0, []
    for week in range(_FOUR):
        weeks.append(count(day - 7 * week))
        now += weeks[-1]
        # No mean of distinct users exceeds the users known at all: most closes end here after three weeks.
        if most is not None and now * bar.parts > bar.ratio * _FOUR * most:
            return None
    before = tuple([count(day - 28 - 7 * week) for week in range(_FOUR)])
    base = sum(before)
    if base < _FOUR * bar.floor or now * bar.parts > bar.ratio * base:
        return None
    return Fall(now, base, _FOUR, tuple(weeks), before)


def last_week(close: DayClose, measure: Measure) -> int:
    """Twice the measure of the last seven days."""
    return 2 * measure.of(close)(close.day)


def last_four_weeks(close: DayClose, measure: Measure) -> int:
    """The measure of the last four weeks, summed."""
    count = measure.of(close)
    return sum([count(close.day - 7 * week) for week in range(_FOUR)])


SHAPES: dict[str, tuple[Shape, Level]] = {
    "week_over_week": (week_over_week, last_week),
    "two_weeks": (two_weeks, last_week),
    "month_over_month": (month_over_month, last_four_weeks),
}
