"""The last cursor of a partition, without reading its state: it is the last record of every commit."""

from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.engine.cursor import CURSOR_KEY, noted_partitions
from streams.kafka.clients import Clients
from streams.kafka.log_identity import repartitioned
from streams.kafka.log_reading import read_range, started

_BACK = 64  # offsets looked at first: a commit ends with the cursor and a marker
_LOOKED_AT = 8


async def check_partitions(clients: Clients, state: str, partitions: int) -> None:
    """Refuses to start where a cursor was written under another partition count.

    Each recovery checks its own; this is for the new partitions, which have no cursor: a worker that gets only those would begin
    on them as if nothing had been. What was grown keeps the low numbers, so these are looked at.
    """
    async with started(clients.reader(committed=True)) as consumer:
        for partition in range(min(partitions, _LOOKED_AT)):
            cursor = await last_cursor(consumer, TopicPartition(state, partition))
            noted = None if cursor is None else noted_partitions(cursor)
            if noted not in (None, partitions):
                raise repartitioned(state, partition, noted, partitions)


async def last_cursor(consumer: AIOKafkaConsumer, partition: TopicPartition) -> bytes | None:
    """The newest committed cursor record; None where the partition holds none."""
    consumer.assign([partition])
    begin = (await consumer.beginning_offsets([partition]))[partition]
    end = (await consumer.end_offsets([partition]))[partition]
    back = _BACK
    while begin < end:
        start = max(begin, end - back)
        cursors = _cursors(await read_range(consumer, partition, start, end))
        if cursors or start == begin:
            return cursors[-1] if cursors else None
        back *= 16
    return None


def _cursors(records: Iterable[object]) -> list[bytes | None]:
    return [record.value for record in records if record.key == CURSOR_KEY]  # type: ignore[attr-defined]
