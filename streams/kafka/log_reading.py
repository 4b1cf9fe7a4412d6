"""Reading whole partitions and their bounds, outside any group."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.kafka.clients import Clients

_CHUNK = 4000
_WAIT_MS = 50  # also what the markers at the very end cost


@asynccontextmanager
async def started(consumer: AIOKafkaConsumer) -> AsyncIterator[AIOKafkaConsumer]:
    """Start, hand over, stop in any case."""
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def read_to_end(consumer: AIOKafkaConsumer, partition: TopicPartition) -> AsyncIterator[list[Any]]:
    """Every record from the beginning to the end that the consumer's isolation level sees now, in chunks.

    The position is sought explicitly from `beginning_offsets`: `seek_to_beginning` after `assign` races with aiokafka's
    reset of positions and can end with no records at all, silently.
    """
    consumer.assign([partition])
    begin = (await consumer.beginning_offsets([partition]))[partition]
    end = (await consumer.end_offsets([partition]))[partition]
    consumer.seek(partition, begin)
    while await consumer.position(partition) < end:
        for records in (await consumer.getmany(partition, timeout_ms=_WAIT_MS, max_records=_CHUNK)).values():
            yield records


async def read_range(consumer: AIOKafkaConsumer, partition: TopicPartition, start: int, end: int) -> list[Any]:
    """The records of [start, end) that the isolation level shows; `end` must be readable, or this waits for it."""
    consumer.assign([partition])
    consumer.seek(partition, start)
    records: list[Any] = []
    while await consumer.position(partition) < end:
        fetched = await consumer.getmany(partition, timeout_ms=_WAIT_MS, max_records=_CHUNK)
        records += [record for chunk in fetched.values() for record in chunk if record.offset < end]
    return records


class Bounds:
    """First offsets and high watermarks of topic-partitions; keeps one connection."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._consumer: AIOKafkaConsumer | None = None

    async def start(self) -> None:
        """Connect."""
        self._consumer = self._clients.reader(committed=False)
        await self._consumer.start()

    async def stop(self) -> None:
        """Disconnect."""
        if self._consumer is not None:
            await self._consumer.stop()
            self._consumer = None

    async def beginnings(self, topics: Iterable[str], partition: int) -> dict[str, int]:
        """First available offset by topic, as named on the broker."""
        tps = [TopicPartition(topic, partition) for topic in topics]
        assert self._consumer is not None
        return {tp.topic: offset for tp, offset in (await self._consumer.beginning_offsets(tps)).items()}

    async def ends(self, topics: Iterable[str], partition: int) -> dict[str, int]:
        """High watermark by topic, open transactions included."""
        tps = [TopicPartition(topic, partition) for topic in topics]
        assert self._consumer is not None
        return {tp.topic: offset for tp, offset in (await self._consumer.end_offsets(tps)).items()}
