"""Counts of counts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """A count of a count; `value` is None of nothing."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """0 to 1."""
        return self.part / self.whole if self.whole else None

    def data(self) -> dict[str, int | float | None]:
        """As JSON has it: with both counts."""
        return {"part": self.part, "whole": self.whole, "share": self.value}
