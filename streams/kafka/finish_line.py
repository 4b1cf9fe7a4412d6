"""When a finite run is over: nothing that any task wrote for another is left unread."""

import asyncio
import time
from collections.abc import Iterable, Mapping

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from streams.kafka.log_reading import Bounds

_PATIENCE_S = 14.0  # beyond a session, for partitions of others: a member that left may hold them so long, then they come to us
_POLL_S = 0.3


class FinishLine:
    """Looks at the topics between tasks once all of this worker are done: a worker that left first may have missed what came after.

    Other workers' partitions are judged by the group's offsets; the worker that stays gets the partitions of those who leave.
    """

    def __init__(self, bounds: Bounds, admin: AIOKafkaAdminClient, group: str, topics: Iterable[str], session_ms: int) -> None:
        self._bounds = bounds
        self._admin = admin
        self._group = group
        self._patience_s = session_ms / 1000 + _PATIENCE_S
        self._topics = tuple(topics)  # names on the broker, of those that tasks read

    async def reached(self, own: Mapping[tuple[str, int], int]) -> bool:
        """`own`: by topic and partition of this worker, where the next range starts. True once nothing is unread.

        Another worker's partition that makes no progress for a session and 14 s is not waited for: that worker died, or reads no further
        because what is left lies behind the end of time of the run.
        """
        since, before = time.monotonic(), -1
        while True:
            ends = await self._ends()
            if any(ends[place] > position for place, position in own.items()):
                return False
            others = sum([max(0, end - await self._committed(*place)) for place, end in ends.items() if place not in own])
            if others == 0:
                return True
            now = time.monotonic()
            if others != before:
                since, before = now, others
            elif now - since > self._patience_s:
                return True
            await asyncio.sleep(_POLL_S)

    async def _ends(self) -> dict[tuple[str, int], int]:
        ends = {}
        for described in await self._admin.describe_topics(list(self._topics)) if self._topics else ():
            name = str(described["topic"])
            for number in sorted(entry["partition"] for entry in described["partitions"]):
                ends[name, number] = (await self._bounds.ends([name], number))[name]
        return ends

    async def _committed(self, topic: str, partition: int) -> int:
        tp = TopicPartition(topic, partition)
        found = await self._admin.list_consumer_group_offsets(self._group, partitions=[tp])
        return max(0, found[tp].offset) if tp in found else 0
