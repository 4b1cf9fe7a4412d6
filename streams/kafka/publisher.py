"""Publishing many events as one transaction: all of them become readable at once, or none."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from schemas.decoding.partitioning import partition_of
from streams.kafka.clients import Clients

Part = tuple[str, int]
Keyed = tuple[str, bytes | None, bytes]
"""(topic as named on the broker, key, value); without a key it goes to every partition."""


class Publisher:
    """One transactional producer. `begin`, `send` (flushed when it returns, but not yet readable), `commit`."""

    def __init__(self, clients: Clients, transactional_id: str, partitions: int) -> None:
        self._producer = clients.transactional(transactional_id)
        self._partitions = partitions

    async def start(self) -> None:
        """Connect; ends what a former producer of this id left open."""
        await self._producer.start()

    async def stop(self) -> None:
        """Disconnect; an open transaction is aborted by the broker in time."""
        await self._producer.stop()

    async def begin(self) -> None:
        """Open a transaction."""
        await self._producer.begin_transaction()

    async def commit(self) -> None:
        """Make everything sent since `begin` readable."""
        await self._producer.commit_transaction()

    async def send(self, records: Iterable[Keyed]) -> None:
        """Append to the logs, in order per partition (murmur2 of the key). Returns when the broker has them."""
        parts: dict[Part, list[tuple[bytes | None, bytes]]] = defaultdict(list)
        for topic, key, value in records:
            for partition in range(self._partitions) if key is None else (partition_of(key, self._partitions),):
                parts[topic, partition].append((key, value))
        await self._fill(parts)

    async def _fill(self, parts: Mapping[Part, Sequence[tuple[bytes | None, bytes]]]) -> None:
        sent: list[asyncio.Future[object]] = []
        for (topic, partition), records in parts.items():
            batch = self._producer.create_batch()
            for key, value in records:
                if batch.append(timestamp=None, key=key, value=value, headers=[]) is None:
                    sent.append(await self._producer.send_batch(batch, topic, partition=partition))
                    batch = self._producer.create_batch()
                    batch.append(timestamp=None, key=key, value=value, headers=[])
            sent.append(await self._producer.send_batch(batch, topic, partition=partition))
        await asyncio.gather(*sent)
