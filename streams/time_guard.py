"""Which time to believe when the machine's wall clock jumps. Pure: readings and the broker's answers come from outside.

Times are integer milliseconds. A jump is a change of wall minus monotonic time: a step by hand or by NTP, or a machine that
was suspended (its monotonic clock stood still). Neither clock can tell which; the broker's append time of a record of ours can.
"""

from enum import Enum
from typing import NamedTuple

TOLERANCE_MS = 5000
"""Clocks that differ by no more agree."""
SKEW_MAX_MS = 300_000
"""A machine further from the broker's time does not start."""
_PRECISE_MS = 2000  # an answer that took longer says too little about now
_STEADY_MS = 1000  # the wall moved while the broker was asked: the answer belongs to neither side of the jump


class Trust(Enum):
    """How far the time may be used."""

    TRUSTED = "trusted"
    ASKING = "asking"  # a jump was noticed and the broker has not answered yet: nothing should be judged by this time
    DOUBTED = "doubted"  # the broker agrees with neither clock: no deadline should fire by it


class Reading(NamedTuple):
    """Both clocks of the machine, at one moment."""

    wall_ms: int
    mono_ms: int

    @property
    def offset_ms(self) -> int:
        """Constant while nobody touches the wall clock and the machine does not sleep."""
        return self.wall_ms - self.mono_ms


class TimeGuard:
    """The time to go by: the wall clock's while it runs evenly, the monotonic clock's from a jump on until the broker has spoken.

    Never goes back. `skew_ms` is how far the broker's clock was ahead of the wall clock at the start: a machine that is half a
    minute off must be able to find back to its own time too. While trusted, the time is never further ahead of the broker's
    (less that skew) than twice the tolerance and what an answer may take, whatever is done to the wall clock.
    """

    __slots__ = ("_confirmed_ms", "_doubted_ms", "_last_ms", "_offset_ms", "_refused_ms", "_skew_ms", "trust")

    def __init__(self, at: Reading, skew_ms: int = 0) -> None:
        self.trust = Trust.TRUSTED
        self._skew_ms = skew_ms
        self._confirmed_ms = at.offset_ms  # offset of the wall clock last agreed with
        self._offset_ms = at.offset_ms  # what is added to the monotonic clock
        self._refused_ms: int | None = None  # offset of a wall clock found wrong
        self._doubted_ms = at.offset_ms
        self._last_ms = at.wall_ms

    def now_ms(self, at: Reading) -> int:
        """The time, at this reading. Notices jumps."""
        offset_ms = at.offset_ms
        if _near(offset_ms, self._confirmed_ms):
            # Compared with what was confirmed, not with the last reading: many small steps are one large one.
            self._offset_ms = offset_ms
            self._refused_ms = None
            self.trust = Trust.TRUSTED
        elif self._refused_ms is not None and _near(offset_ms, self._refused_ms):
            self.trust = Trust.TRUSTED  # the wall clock is known to be wrong, and still as wrong
        elif self.trust is not Trust.DOUBTED or not _near(offset_ms, self._doubted_ms):
            self.trust = Trust.ASKING
            self._doubted_ms = offset_ms
        self._last_ms = max(self._last_ms, at.mono_ms + self._offset_ms)
        return self._last_ms

    def heard(self, broker_ms: int, asked: Reading, got: Reading) -> None:
        """The broker stamped a record of ours with `broker_ms`, at some moment between the two readings."""
        self.now_ms(got)
        if abs(got.offset_ms - asked.offset_ms) > _STEADY_MS:
            return
        if got.mono_ms - asked.mono_ms > _PRECISE_MS:
            if self.trust is Trust.ASKING:
                self._doubt(got)  # a broker that is slow must not stop all work
            return
        mine_ms = got.mono_ms + self._offset_ms
        wall_agrees, mine_agrees = _near(got.wall_ms, broker_ms), _near(mine_ms, broker_ms)
        if self.trust is not Trust.TRUSTED:
            self._judge(broker_ms, mine_ms, got)
        elif wall_agrees and (self._refused_ms is None or not mine_agrees):
            self._take_wall(got, got.offset_ms)
            self._skew_ms = 0
        elif not mine_agrees:  # both run evenly, apart: that casts no doubt, but is good to know when one of them jumps
            self._skew_ms = max(-SKEW_MAX_MS, min(SKEW_MAX_MS, broker_ms - got.mono_ms - self._confirmed_ms))

    def _judge(self, broker_ms: int, mine_ms: int, got: Reading) -> None:
        for skew_ms in (0, self._skew_ms):
            true_ms = broker_ms - skew_ms
            wall_off, mine_off = abs(got.wall_ms - true_ms), abs(mine_ms - true_ms)
            if min(wall_off, mine_off) > TOLERANCE_MS:
                continue
            self._skew_ms = skew_ms
            self.trust = Trust.TRUSTED
            if wall_off <= mine_off:
                # What the skew was learnt against stays: taken anew each time, errors of some seconds would add up.
                self._take_wall(got, true_ms - got.mono_ms if skew_ms else got.offset_ms)
            else:
                self._confirmed_ms = true_ms - got.mono_ms if skew_ms else self._offset_ms
                self._refused_ms = got.offset_ms
            return
        self._doubt(got)

    def _take_wall(self, got: Reading, confirmed_ms: int) -> None:
        self._confirmed_ms = confirmed_ms
        self._offset_ms = got.offset_ms
        self._refused_ms = None
        self._last_ms = max(self._last_ms, got.wall_ms)

    def _doubt(self, got: Reading) -> None:
        self.trust = Trust.DOUBTED
        self._doubted_ms = got.offset_ms

    @property
    def wrong_by_ms(self) -> int | None:
        """How far the wall clock is ahead of the time gone by, where it was found wrong."""
        return None if self._refused_ms is None else self._refused_ms - self._offset_ms


def _near(one_ms: int, other_ms: int) -> bool:
    return abs(one_ms - other_ms) <= TOLERANCE_MS
