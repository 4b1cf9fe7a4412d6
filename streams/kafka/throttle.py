"""The most records per second that all tasks of a worker apply together while catching up."""

import time


class Throttle:
    """A token bucket that holds a tenth of a second's worth. Rate 0 means no limit."""

    def __init__(self, per_second: int) -> None:
        self.active = per_second > 0
        self._rate = per_second
        self._tokens = 0.0
        self._at = time.monotonic()

    def allowance(self, wanted: int) -> int:
        """How many of the wanted records may be applied now."""
        now = time.monotonic()
        self._tokens = min(self._rate / 10 + 1, self._tokens + (now - self._at) * self._rate)
        self._at = now
        return min(wanted, max(0, int(self._tokens)))

    def spend(self, records: int) -> None:
        """Account for what was applied."""
        self._tokens -= records
