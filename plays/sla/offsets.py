"""The offsets of a zone from UTC over time: how instants and the clock on the wall belong together."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

WEEK_MS = 604_800_000
_STEP_MS = 21_600_000  # no zone has changed its clocks twice within six hours
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WEEKS_KEPT = 512


class Piece(NamedTuple):
    """Between two changes of the clocks: instants `[start_ms, end_ms)` show `instant + offset_ms` on the wall."""

    start_ms: int
    end_ms: int
    offset_ms: int


class Offsets:
    """One zone. Whole weeks (of seven days since 1970-01-01, UTC) are worked out once and kept."""

    __slots__ = ("_weeks", "zone")

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._weeks: dict[int, tuple[Piece, ...]] = {}

    def at(self, at_ms: int) -> int:
        """Offset in ms at an instant (ms since the epoch, UTC)."""
        return next(piece.offset_ms for piece in self.week(at_ms // WEEK_MS) if at_ms < piece.end_ms)

    def week(self, index: int) -> tuple[Piece, ...]:
        """The pieces of one week, without gaps, in order. Raises `OverflowError` outside the years 1 to 9999."""
        found = self._weeks.get(index)
        if found is None:
            if len(self._weeks) >= _WEEKS_KEPT:
                del self._weeks[next(iter(self._weeks))]
            found = self._weeks[index] = tuple(self._find(index * WEEK_MS, (index + 1) * WEEK_MS))
        return found

    def pieces(self, from_ms: int, to_ms: int) -> tuple[Piece, ...]:
        """The pieces of all weeks that `[from_ms, to_ms]` touches. Two that follow each other may have the same offset."""
        first, last = from_ms // WEEK_MS, to_ms // WEEK_MS
        if first == last:
            return self.week(first)
        return tuple(piece for index in range(first, last + 1) for piece in self.week(index))

    def _find(self, from_ms: int, to_ms: int) -> list[Piece]:
        found: list[Piece] = []
        start, offset = from_ms, self._ask(from_ms)
        for probe in range(from_ms + _STEP_MS, to_ms, _STEP_MS):
            seen = self._ask(probe)
            if seen != offset:
                change = self._change(probe - _STEP_MS, probe)
                found.append(Piece(start, change, offset))
                start, offset = change, seen
        if self._ask(to_ms - 1) != offset:
            change = self._change(to_ms - _STEP_MS, to_ms - 1)
            found.append(Piece(start, change, offset))
            start, offset = change, self._ask(change)
        found.append(Piece(start, to_ms, offset))
        return found

    def _change(self, low_ms: int, high_ms: int) -> int:
        """The first instant after `low_ms` with another offset; at `high_ms` it is another one."""
        before = self._ask(low_ms)
        while high_ms - low_ms > 1:
            middle = (low_ms + high_ms) // 2
            if self._ask(middle) == before:
                low_ms = middle
            else:
                high_ms = middle
        return high_ms

    def _ask(self, at_ms: int) -> int:
        offset = (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(self.zone).utcoffset()
        assert offset is not None
        return offset // timedelta(milliseconds=1)
