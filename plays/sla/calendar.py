"""Business time: arithmetic on a working calendar. All instants are integer ms since the epoch, UTC; all spans are ms."""

from zoneinfo import ZoneInfo

from plays.sla.business_days import add_business_days
from plays.sla.offsets import Offsets
from plays.sla.openings import DayPlan, Openings, week_of

IDLE_WEEKS_AT_MOST = 58
"""So many weeks (406 days) without working time end a search."""
WEEKS_AT_MOST = 2_087
"""No span reaches further than forty years."""


class NoWorkingTimeError(ArithmeticError):
    """A calendar has no working time for longer than a search goes on, or a span is longer than forty years."""


class WorkingCalendar:
    """When somebody works. Intervals are half-open: at the closing moment it is closed.

    Deterministic and without a clock; only derived values are kept, within fixed bounds. `description` is for people.
    """

    __slots__ = ("_openings", "description", "name", "zone")

    def __init__(self, name: str, zone: ZoneInfo, plan: DayPlan, description: str = "") -> None:
        self.name = name
        self.zone = zone
        self.description = description
        self._openings = Openings(Offsets(zone), plan)

    def __repr__(self) -> str:
        return f"WorkingCalendar({self.name!r}, {self.zone.key!r})"

    def add(self, start_ms: int, work_ms: int) -> int:
        """The earliest instant with `work_ms` of working time between `start_ms` and it; `start_ms` itself for 0.

        So a span that ends with the day is due at closing time, not at the next opening. Negative spans are subtracted.
        Raises `NoWorkingTimeError`.
        """
        if work_ms <= 0:
            return start_ms if work_ms == 0 else self.subtract(start_ms, -work_ms)
        openings, first = self._openings, week_of(start_ms)
        week, index, idle = openings.week(first), first, 0
        left = work_ms + week.worked(start_ms)
        while left > week.total:
            left -= week.total
            idle = 0 if week.total else idle + 1
            self._go_on(idle, index - first)
            index += 1
            week = openings.week(index)
        return week.first_after(left)

    def subtract(self, end_ms: int, work_ms: int) -> int:
        """The latest instant with `work_ms` of working time between it and `end_ms`; `end_ms` itself for 0.

        Negative spans are added. Raises `NoWorkingTimeError`.
        """
        if work_ms <= 0:
            return self.add(end_ms, -work_ms)
        openings, first = self._openings, week_of(end_ms)
        week, index, idle = openings.week(first), first, 0
        before = week.worked(end_ms)
        left = work_ms
        while left > before:
            left -= before
            idle = 0 if week.total else idle + 1
            self._go_on(idle, first - index)
            index -= 1
            week = openings.week(index)
            before = week.total
        return week.last_after(before - left)

    def between(self, a_ms: int, b_ms: int) -> int:
        """Working time from `a_ms` to `b_ms`; negative where `b_ms` is before `a_ms`. Raises `NoWorkingTimeError` beyond forty years."""
        if b_ms < a_ms:
            return -self.between(b_ms, a_ms)
        openings, first, last = self._openings, week_of(a_ms), week_of(b_ms)
        self._go_on(0, last - first)
        found = openings.week(last).worked(b_ms) - openings.week(first).worked(a_ms)
        return found + sum(openings.week(index).total for index in range(first, last))

    def add_days(self, start_ms: int, days: int) -> int:
        """The moment `days` business days later, 0 or more; see `plays.sla.business_days`. Raises `NoWorkingTimeError`."""
        found = add_business_days(self._openings, start_ms, days, IDLE_WEEKS_AT_MOST * 7)
        if found is None:
            raise NoWorkingTimeError(f"calendar {self.name}: {days} business days take too long; shorten the span or its closures")
        return found

    def is_open(self, at_ms: int) -> bool:
        """Whether the instant is working time."""
        return self._openings.week(week_of(at_ms)).worked(at_ms + 1) > self._openings.week(week_of(at_ms)).worked(at_ms)

    def next_open(self, at_ms: int) -> int:
        """The instant itself where it is working time, else the next opening. Raises `NoWorkingTimeError`."""
        return self.add(at_ms, 1) - 1

    def intervals(self, a_ms: int, b_ms: int) -> tuple[tuple[int, int], ...]:
        """The working time within `[a_ms, b_ms)` as disjoint intervals in order, none touching the next."""
        found: list[tuple[int, int]] = []
        self._go_on(0, week_of(b_ms) - week_of(a_ms))
        for index in range(week_of(a_ms), week_of(b_ms) + 1):
            week = self._openings.week(index)
            for opens, closes in zip(week.starts, week.ends, strict=True):
                start, end = max(opens, a_ms), min(closes, b_ms)
                if start >= end:
                    continue
                if found and found[-1][1] == start:
                    start = found.pop()[0]
                found.append((start, end))
        return tuple(found)

    def _go_on(self, idle: int, weeks: int) -> None:
        if idle > IDLE_WEEKS_AT_MOST:
            raise NoWorkingTimeError(self._idle())
        if weeks > WEEKS_AT_MOST:
            raise NoWorkingTimeError(f"calendar {self.name}: the span is longer than forty years; shorten it")

    def _idle(self) -> str:
        return f"calendar {self.name}: nobody works for more than {IDLE_WEEKS_AT_MOST * 7} days on end; shorten its closures"
