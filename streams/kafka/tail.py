"""Following whole topics outside any group: everything committed, from the beginning, each record once."""

from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka import TopicPartition

from streams.kafka.clients import Clients

_WAIT_MS = 20
_CHUNK = 10_000


class Tail:
    """Reads some topics (names on the broker) from their beginning, read committed. `start` first, `stop` in any case."""

    def __init__(self, clients: Clients, topics: Iterable[str], partitions: int) -> None:
        self._consumer = clients.reader(committed=True)
        self._parts = [TopicPartition(topic, partition) for topic in topics for partition in range(partitions)]

    async def start(self) -> None:
        """Connect, and stand at the first record of each partition."""
        await self._consumer.start()
        self._consumer.assign(self._parts)
        for part, offset in (await self._consumer.beginning_offsets(self._parts)).items():
            self._consumer.seek(part, offset)

    @property
    def parts(self) -> list[TopicPartition]:
        """The partitions it reads."""
        return self._parts

    async def stop(self) -> None:
        """Disconnect."""
        await self._consumer.stop()

    async def poll(self, timeout_ms: int = _WAIT_MS) -> list[Any]:
        """What has come since, in log order per partition; waits at most `timeout_ms` for the first record."""
        fetched = await self._consumer.getmany(timeout_ms=timeout_ms, max_records=_CHUNK)
        return [record for records in fetched.values() for record in records]

    async def read_to_end(self, ends: Mapping[TopicPartition, int] | None = None) -> list[Any]:
        """Everything committed up to now. An open transaction of somebody else ends it there, as nothing behind is readable.

        With `ends`, everything up to these offsets: waits for what hides them.
        """
        if ends is None:
            ends = await self._consumer.end_offsets(self._parts)
        found: list[Any] = []
        while True:
            behind = [part for part in self._parts if await self._consumer.position(part) < ends[part]]
            if not behind:
                return found
            fetched = await self._consumer.getmany(*behind, timeout_ms=_WAIT_MS, max_records=_CHUNK)
            found += [record for records in fetched.values() for record in records]
