"""Which time it was, by the injected clock, when a response of the broker came in."""

from bisect import bisect_left
from collections import deque
from collections.abc import Hashable, Mapping

from streams.clock import Clock, read_machine

_KEPT = 1000
_ON_THE_WAY_MS = 100  # a response may have been that long on its way
_EVEN_MS = 50  # wall and monotonic clock drift no further apart between two fetch rounds


class Hearing:
    """Translates aiokafka's response stamps (the machine's wall clock) into the injected clock, never too late.

    The injected clock may jump between two rounds (a demo drives it), so an age cannot simply be subtracted from it: the
    answer is what the clock said at a noted moment before the response can have left the broker. When the machine's own clock
    jumps, no stamp from before says anything any more: with the clock set back an hour, a stamp of a broker that went silent
    since would otherwise count as heard just now.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._machine_ms: deque[int] = deque(maxlen=_KEPT)
        self._clock_ms: deque[int] = deque(maxlen=_KEPT)
        self._offset_ms: int | None = None
        self._void: Mapping[Hashable, int | None] = {}

    def note(self) -> bool:
        """Remember the present moment of both clocks. Called at the start of each fetch round, before anything is translated.

        True when the machine's clock jumped since the last time: tell `void` every stamp there is.
        """
        at = read_machine()
        jumped = self._offset_ms is not None and abs(at.offset_ms - self._offset_ms) > _EVEN_MS
        if jumped:
            self._machine_ms.clear()
            self._clock_ms.clear()
        self._offset_ms = at.offset_ms
        self._machine_ms.append(at.wall_ms)
        self._clock_ms.append(self._clock.now_ms())
        return jumped

    def void(self, stamps: Mapping[Hashable, int | None]) -> None:
        """These stamps are from before a jump."""
        self._void = stamps

    def clock_at(self, partition: Hashable, response_ms: int) -> int | None:
        """The injected clock's time safely before the response; None when nothing was noted before it."""
        if self._void.get(partition) == response_ms:
            return None
        index = bisect_left(self._machine_ms, response_ms - _ON_THE_WAY_MS) - 1
        return self._clock_ms[index] if index >= 0 else None
