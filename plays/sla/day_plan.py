"""What is worked on which date: the week, but for closed days and days with hours of their own."""

from collections.abc import Callable

from plays.sla.shifts import Shift, Week

_THURSDAY = 3  # 1970-01-01

Exceptions = Callable[[int], tuple[Shift, ...] | None]
"""Shifts of a date (days since 1970-01-01) where they differ from the week's: empty is closed; None: as every week."""


class WeekPlan:
    """Hours that repeat every week; a `DayPlan`."""

    __slots__ = ("exceptions", "week")

    def __init__(self, week: Week, exceptions: Exceptions | None = None) -> None:
        self.week = week
        self.exceptions = exceptions

    def on(self, day: int) -> tuple[Shift, ...]:
        """Shifts that begin on a date (days since 1970-01-01)."""
        if self.exceptions is not None:
            found = self.exceptions(day)
            if found is not None:
                return found
        return self.week[(day + _THURSDAY) % 7]
