"""How much of a worker's time a sweep may take: events come first, whatever the number of partitions that sweep."""

import time

TURN_S = 0.005  # an event that comes in the middle of a turn waits this long for it
SWEPT_BYTES = 64 * 1024  # of one transaction, as `Task.pending_bytes` estimates them: about 60 accounts, beside what events bring
_REST = 1.0  # after a turn, so many times its length for everything else: at most half the time is the sweep's
_FEW, _MANY = 4, 500  # accounts per turn


class SweepPace:
    """One per worker: turns of all its partitions follow each other, with a rest after each."""

    def __init__(self) -> None:
        self._free_at = 0.0
        self.accounts = _FEW  # the next turn's size follows what the last one took

    def wait_s(self) -> float:
        """Seconds until the next turn may begin."""
        return max(0.0, self._free_at - time.monotonic())

    def took(self, seconds: float) -> None:
        """A turn of `accounts` took so much of the processor: on a busy machine the clock would count the work of others too."""
        fitting = int(self.accounts * TURN_S / max(seconds, 1e-6))
        self.accounts = max(_FEW, min(_MANY, fitting, 2 * self.accounts))
        self._free_at = time.monotonic() + _REST * seconds
