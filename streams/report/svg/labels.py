"""Placing text without a browser: widths are estimated, overlaps avoided greedily from left to right."""


def text_width(text: str, size: float = 10.0) -> float:
    """Estimated width in units; a humanist sans runs at about 0.54 em per character."""
    return len(text) * size * 0.54


class Rows:
    """Greedy interval packing: each `[start, end]` goes into the first row where it does not touch another."""

    __slots__ = ("_ends", "gap")

    def __init__(self, gap: float = 4.0) -> None:
        self._ends: list[float] = []
        self.gap = gap

    def place(self, start: float, end: float) -> int:
        """Row number of the interval. Intervals come in order of start."""
        for row, taken in enumerate(self._ends):
            if start >= taken + self.gap:
                self._ends[row] = end
                return row
        self._ends.append(end)
        return len(self._ends) - 1

    @property
    def count(self) -> int:
        """Rows in use."""
        return len(self._ends)
