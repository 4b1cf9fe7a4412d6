"""The working intervals of a calendar as instants, worked out once for each week and each day."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from plays.sla.offsets import WEEK_MS, Offsets, Piece
from plays.sla.shifts import Shift

DAY_MS = 86_400_000
_MINUTE_MS = 60_000
_WEEKS_KEPT = 256
_DAYS_KEPT = 1024


class DayPlan(Protocol):
    """What is worked on which date, weekends, holidays, closures and special openings considered."""

    def on(self, day: int) -> tuple[Shift, ...]:
        """Shifts that begin on the date (days since 1970-01-01), in order; empty: nobody works."""


class Stretch(NamedTuple):
    """Disjoint intervals `[starts[i], ends[i])` in order, which do not touch; `done[i]` is the working time before the i-th."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    done: tuple[int, ...]
    total: int

    def worked(self, until_ms: int) -> int:
        """Working ms of the stretch before an instant."""
        index = bisect_right(self.starts, until_ms) - 1
        if index < 0:
            return 0
        return self.done[index] + min(until_ms, self.ends[index]) - self.starts[index]

    def first_after(self, work_ms: int) -> int:
        """The earliest instant with so much work before it; 0 < work_ms <= total."""
        index = bisect_left(self.done, work_ms) - 1
        return self.starts[index] + work_ms - self.done[index]

    def last_after(self, work_ms: int) -> int:
        """The latest instant with so much work before it; 0 <= work_ms < total."""
        index = bisect_right(self.done, work_ms) - 1
        return self.starts[index] + work_ms - self.done[index]


class Openings:
    """An instant is working time where the clock on the wall shows a time inside a shift.

    So a shift whose hours the clocks skip is shorter by what is skipped, and hours that come twice are worked twice. Weeks are
    spans of seven days since 1970-01-01, UTC.
    """

    __slots__ = ("_days", "_plan", "_weeks", "offsets")

    def __init__(self, offsets: Offsets, plan: DayPlan) -> None:
        self.offsets = offsets
        self._plan = plan
        self._weeks: dict[int, Stretch] = {}
        self._days: dict[int, Stretch] = {}

    def week(self, index: int) -> Stretch:
        """What is worked in one week."""
        found = self._weeks.get(index)
        if found is None:
            if len(self._weeks) >= _WEEKS_KEPT:
                del self._weeks[next(iter(self._weeks))]
            found = self._weeks[index] = _stretch(sorted(self._of_week(index)))
        return found

    def day(self, day: int) -> Stretch:
        """What is worked in the shifts that begin on a date (days since 1970-01-01)."""
        found = self._days.get(day)
        if found is None:
            if len(self._days) >= _DAYS_KEPT:
                del self._days[next(iter(self._days))]
            found = self._days[day] = _stretch(sorted(self._of_day(day)))
        return found

    def _of_week(self, index: int) -> Iterator[tuple[int, int]]:
        for piece in self.offsets.week(index):
            # the night shift of the day before may still be on
            first, last = (piece.start_ms + piece.offset_ms) // DAY_MS - 1, (piece.end_ms + piece.offset_ms - 1) // DAY_MS
            for day in range(first, last + 1):
                yield from _inside(piece, day, self._plan.on(day))

    def _of_day(self, day: int) -> Iterator[tuple[int, int]]:
        shifts = self._plan.on(day)
        if shifts:
            for piece in self.offsets.pieces((day - 1) * DAY_MS, (day + 3) * DAY_MS):
                yield from _inside(piece, day, shifts)


def _inside(piece: Piece, day: int, shifts: tuple[Shift, ...]) -> Iterator[tuple[int, int]]:
    midnight = day * DAY_MS - piece.offset_ms
    for shift in shifts:
        start = max(piece.start_ms, midnight + shift.start * _MINUTE_MS)
        end = min(piece.end_ms, midnight + shift.end * _MINUTE_MS)
        if start < end:
            yield start, end


def _stretch(intervals: list[tuple[int, int]]) -> Stretch:
    starts: list[int] = []
    ends: list[int] = []
    for start, end in intervals:
        if ends and start <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    done, total = [], 0
    for start, end in zip(starts, ends, strict=True):
        done.append(total)
        total += end - start
    return Stretch(tuple(starts), tuple(ends), tuple(done), total)


def week_of(at_ms: int) -> int:
    """The week an instant lies in."""
    return at_ms // WEEK_MS
