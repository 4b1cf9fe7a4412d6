"""When a finite run is over: nothing that any task forwarded is left for another to read."""

import asyncio
import time
from collections.abc import Mapping

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from streams.kafka.log_reading import Bounds

_PATIENCE_S = 14.0  # beyond a session, for partitions of others: a member that left may hold them so long, then they come to us
_POLL_S = 0.3


class FinishLine:
    """Looks at `rekeyed` once all tasks of this worker are done: a worker that left first may have missed what came after.

    Other workers' partitions are judged by the group's offsets; the worker that stays gets the partitions of those who leave.
    """

    def __init__(self, bounds: Bounds, admin: AIOKafkaAdminClient, group: str, rekeyed: str | None, session_ms: int) -> None:
        self._bounds = bounds
        self._admin = admin
        self._group = group
        self._patience_s = session_ms / 1000 + _PATIENCE_S
        self._rekeyed = rekeyed  # name on the broker; None where tasks do not read it

    async def reached(self, own: Mapping[int, int]) -> bool:
        """`own`: by partition of this worker, where the next range of `rekeyed` starts. True once nothing is unread.

        Another worker's partition that makes no progress for a session and 14 s is not waited for: that worker died, or reads no further
        because what is left lies behind the end of time of the run.
        """
        if self._rekeyed is None:
            return True
        since, before = time.monotonic(), -1
        while True:
            ends = await self._ends()
            if any(ends[partition] > position for partition, position in own.items()):
                return False
            others = sum([max(0, end - await self._committed(p)) for p, end in ends.items() if p not in own])
            if others == 0:
                return True
            now = time.monotonic()
            if others != before:
                since, before = now, others
            elif now - since > self._patience_s:
                return True
            await asyncio.sleep(_POLL_S)

    async def _ends(self) -> dict[int, int]:
        assert self._rekeyed is not None
        [described] = await self._admin.describe_topics([self._rekeyed])
        numbers = sorted(entry["partition"] for entry in described["partitions"])
        return {number: (await self._bounds.ends([self._rekeyed], number))[self._rekeyed] for number in numbers}

    async def _committed(self, partition: int) -> int:
        assert self._rekeyed is not None
        tp = TopicPartition(self._rekeyed, partition)
        found = await self._admin.list_consumer_group_offsets(self._group, partitions=[tp])
        return max(0, found[tp].offset) if tp in found else 0
