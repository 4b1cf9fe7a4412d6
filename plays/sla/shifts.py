"""Shifts of a working day, as minutes of the clock on the wall."""

import itertools
from collections.abc import Mapping, Sequence
from typing import NamedTuple

MINUTES_OF_DAY = 1440
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Shift(NamedTuple):
    """From `start` up to, not including, `end`: minutes after midnight of the day on which it begins.

    0 <= start < 1440, start < end <= start + 1440. A night shift ends beyond 1440, on the next day, and belongs to the day
    on which it begins.
    """

    start: int
    end: int

    def __str__(self) -> str:
        return f"{_clock(self.start)}-{_clock(self.end if self.end <= MINUTES_OF_DAY else self.end - MINUTES_OF_DAY)}"


Week = tuple[tuple[Shift, ...], ...]
"""Shifts by weekday, Monday first; seven entries, each in order of time."""


def as_week(shifts: Mapping[int, Sequence[Shift]]) -> Week:
    """Shifts by weekday (0: Monday) as a whole week."""
    return tuple(tuple(sorted(shifts.get(day, ()))) for day in range(7))


def overlap(week: Week) -> tuple[int, Shift, int, Shift] | None:
    """Two shifts that share a minute, each with its weekday; None where there are none. Sunday's nights run into Monday."""
    placed = sorted((day * MINUTES_OF_DAY + shift.start, day, shift) for day, shifts in enumerate(week) for shift in shifts)
    for (_, day, shift), (start, other_day, other) in itertools.pairwise(placed):
        if day * MINUTES_OF_DAY + shift.end > start:
            return day, shift, other_day, other
    if placed:
        (first, first_day, earliest), (_, day, latest) = placed[0], placed[-1]
        if day * MINUTES_OF_DAY + latest.end > first + 7 * MINUTES_OF_DAY:
            return day, latest, first_day, earliest
    return None


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
