"""How far the workers are, as their committed cursors say."""

import time
from collections.abc import Awaitable, Callable

import orjson

from streams.demo.errors import DemoError
from streams.kafka.tail import Tail

_CURSOR = b"\x00cursor"


class Cursors:
    """Follows `state` for the cursor of each partition."""

    def __init__(self, state: Tail, partitions: int) -> None:
        self._state = state
        self._reached = dict.fromkeys(range(partitions), -1)

    async def reach(self, time_ms: int, check: Callable[[], Awaitable[None]], patience_s: float) -> None:
        """Return when every partition is live and its time is at least `time_ms`.

        Calls `check` meanwhile, which may raise; raises DemoError when nothing was committed for `patience_s` seconds.
        """
        moved = time.monotonic()
        while min(self._reached.values()) < time_ms:
            records = await self._state.poll()
            for record in records:
                if record.key == _CURSOR and record.value is not None:
                    cursor = orjson.loads(record.value)
                    # Of a task that catches up, the time is that of the record it is at: not yet the end of the slice.
                    self._reached[record.partition] = cursor["task_time"] if cursor["mode"] == "live" else -1
            if records:
                moved = time.monotonic()
            elif time.monotonic() - moved > patience_s:
                behind = sorted(partition for partition, reached in self._reached.items() if reached < time_ms)
                raise DemoError(f"no commit for {patience_s:g} s although partitions {behind} are not up to date: see the workers' logs")
            else:
                await check()
