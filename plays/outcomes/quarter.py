"""Quarters of the calendar year, in UTC."""

import re
from datetime import UTC, datetime
from typing import NamedTuple

_TEXT = re.compile(r"(\d{4})-?[qQ]([1-4])", re.ASCII)


class QuarterError(ValueError):
    """The text names no quarter."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is no quarter: write 2026Q3")


class Quarter(NamedTuple):
    """One quarter, 1 to 4, of a year. Sorts by time."""

    year: int
    number: int

    @classmethod
    def of(cls, moment: datetime) -> "Quarter":
        """The quarter a moment lies in."""
        moment = moment.astimezone(UTC)
        return cls(moment.year, (moment.month + 2) // 3)

    @classmethod
    def parse(cls, text: str) -> "Quarter":
        """Reads `2026Q3`. Raises `QuarterError`."""
        match = _TEXT.fullmatch(text.strip())
        if match is None or int(match[1]) == 0:
            raise QuarterError(text)
        return cls(int(match[1]), int(match[2]))

    @property
    def start(self) -> datetime:
        """The first instant."""
        return datetime(self.year, self.number * 3 - 2, 1, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """The first instant that is no longer in it."""
        return self.next.start

    @property
    def next(self) -> "Quarter":
        """The quarter after it."""
        return Quarter(self.year + 1, 1) if self.number == 4 else Quarter(self.year, self.number + 1)

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"
