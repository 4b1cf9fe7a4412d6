"""Writing a workload to a broker, and reading back what was committed."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from schemas.decoding.record import Headers
from tests.faults.workload import Planned, Workload

TRANSACTION = 5_000


class Read(NamedTuple):
    """One committed record."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp_ms: int
    headers: Headers = ()


async def write(bootstrap: str, prefix: str, work: Workload) -> int:
    """Write all topics: what counts in committed transactions, the phantoms in transactions that abort between them."""
    options = {"bootstrap_servers": bootstrap, "max_batch_size": 256 * 1024, "linger_ms": 5}
    good = AIOKafkaProducer(**options, transactional_id=f"{prefix}loader")
    phantom = AIOKafkaProducer(**options, transactional_id=f"{prefix}phantom")
    await good.start()
    await phantom.start()
    written = 0
    try:
        for topic, records in work.topics.items():
            for start in range(0, len(records), TRANSACTION):
                await _write_piece(good, phantom, prefix + topic, records[start : start + TRANSACTION])
                written += min(TRANSACTION, len(records) - start)
    finally:
        await good.stop()
        await phantom.stop()
    return written


async def _write_piece(good: AIOKafkaProducer, phantom: AIOKafkaProducer, topic: str, records: Sequence[Planned]) -> None:
    await good.begin_transaction()
    sent = []
    aborted: list[Planned] = []
    for record in records:
        if record.fate == "aborted":
            aborted.append(record)
            continue
        if aborted:
            await _abort(phantom, topic, aborted)
            aborted = []
        sent.append(await good.send(topic, record.value, key=record.key, partition=record.partition, headers=list(record.headers)))
    if aborted:
        await _abort(phantom, topic, aborted)
    await asyncio.gather(*sent)
    await good.commit_transaction()


async def _abort(phantom: AIOKafkaProducer, topic: str, records: Iterable[Planned]) -> None:
    await phantom.begin_transaction()
    await asyncio.gather(*[await phantom.send(topic, r.value, key=r.key, partition=r.partition) for r in records])
    await phantom.abort_transaction()


async def read_committed(bootstrap: str, topic: str) -> list[Read]:
    """Every committed record of a topic, partition by partition in offset order."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, isolation_level="read_committed", auto_offset_reset="none", fetch_max_bytes=64 << 20
    )
    await consumer.start()
    try:
        known = await consumer._client._wait_on_metadata(topic)
        partitions = [TopicPartition(topic, p) for p in sorted(known)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        for partition, offset in (await consumer.beginning_offsets(partitions)).items():
            consumer.seek(partition, offset)
        read: list[Read] = []
        while not all([(await consumer.position(p)) >= ends[p] for p in partitions]):
            for records in (await consumer.getmany(timeout_ms=200, max_records=50_000)).values():
                read += [Read(r.partition, r.offset, r.key, r.value, r.timestamp, tuple(r.headers)) for r in records]
        return sorted(read, key=lambda r: (r.partition, r.offset))
    finally:
        await consumer.stop()


def read_now(bootstrap: str, topic: str) -> list[Read]:
    """The same, for callers without a loop."""
    return asyncio.run(read_committed(bootstrap, topic))


async def high_watermarks(bootstrap: str, topics: Iterable[str], partitions: int) -> dict[tuple[str, int], int]:
    """End of every topic-partition, markers included."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="none")
    await consumer.start()
    try:
        wanted = [TopicPartition(t, p) for t in topics for p in range(partitions)]
        return {(tp.topic, tp.partition): end for tp, end in (await consumer.end_offsets(wanted)).items()}
    finally:
        await consumer.stop()
