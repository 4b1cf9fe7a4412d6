"""Which time it was, by the injected clock, when a response of the broker came in."""

import time
from bisect import bisect_left
from collections import deque

from streams.clock import Clock

_KEPT = 1000
_ON_THE_WAY_MS = 100  # a response may have been that long on its way


class Hearing:
    """Translates aiokafka's response stamps (the machine's time) into the injected clock, never too late.

    The injected clock may jump between two rounds (a demo drives it), so an age cannot simply be subtracted from it: the
    answer is what the clock said at a noted moment before the response can have left the broker.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._machine_ms: deque[int] = deque(maxlen=_KEPT)
        self._clock_ms: deque[int] = deque(maxlen=_KEPT)

    def note(self) -> None:
        """Remember the present moment of both clocks. Called once per fetch round."""
        now_ms = int(time.time() * 1000)
        if self._machine_ms and now_ms < self._machine_ms[-1]:  # the machine's clock stepped back: what was noted is void
            self._machine_ms.clear()
            self._clock_ms.clear()
        self._machine_ms.append(now_ms)
        self._clock_ms.append(self._clock.now_ms())

    def clock_at(self, response_ms: int) -> int | None:
        """The injected clock's time safely before the response; None when nothing was noted before it."""
        index = bisect_left(self._machine_ms, response_ms - _ON_THE_WAY_MS) - 1
        return self._clock_ms[index] if index >= 0 else None
