"""What an operator should never do to topics, and how it is undone: deleting, emptying, growing, writing foreign records."""

import asyncio
import subprocess
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from tests.faults.log_io import read_committed
from tests.faults.waiting import until
from tests.faults.workers import PLAYCALL, Fleet

T = TypeVar("T")

State = dict[tuple[int, bytes], bytes]  # (partition, key) -> value


def read_state(bootstrap: str, topic: str) -> State:
    """What compaction would leave."""
    found: State = {}
    for record in asyncio.run(read_committed(bootstrap, topic)):
        assert record.key is not None
        if record.value is None:
            found.pop((record.partition, record.key), None)
        else:
            found[record.partition, record.key] = record.value
    return found


def put(bootstrap: str, topic: str, records: Iterable[tuple[int, bytes, bytes | None]]) -> None:
    """Write (partition, key, value), plainly."""

    async def go() -> None:
        async with AIOKafkaProducer(bootstrap_servers=bootstrap, max_request_size=4 << 20) as producer:
            sent = [await producer.send(topic, value, key, partition=partition) for partition, key, value in records]
            await asyncio.gather(*sent)

    asyncio.run(go())


def restore(bootstrap: str, topic: str, state: State) -> None:
    """Write a saved state back."""
    put(bootstrap, topic, ((partition, key, value) for (partition, key), value in state.items()))


def delete(bootstrap: str, topics: Iterable[str]) -> None:
    """Delete topics, and wait until they are gone."""
    names = list(topics)
    _admin(bootstrap, lambda admin: admin.delete_topics(names))
    until(lambda: not set(names) & set(_admin(bootstrap, lambda admin: admin.list_topics())), 30, f"{', '.join(names)} deleted")


def apply(fleet: Fleet) -> None:
    """`playcall topics apply`, as a remedy says."""
    subprocess.run([PLAYCALL, "topics", "apply"], env=fleet.environ(), check=True, stdout=subprocess.DEVNULL)


def topics_of(bootstrap: str, prefix: str) -> list[str]:
    """Everything under a prefix."""
    return sorted(name for name in _admin(bootstrap, lambda admin: admin.list_topics()) if name.startswith(prefix))


def grow(bootstrap: str, topics: Iterable[str], partitions: int) -> None:
    """More partitions; they are visible when this returns."""
    names = list(topics)
    _admin(bootstrap, lambda admin: admin.create_partitions({name: NewPartitions(partitions) for name in names}))

    def grown() -> bool:
        described = _admin(bootstrap, lambda admin: admin.describe_topics(names))
        return min(len(topic["partitions"]) for topic in described) == partitions

    until(grown, 30, f"{', '.join(names)} have {partitions} partitions")


def empty(bootstrap: str, topic: str, partitions: int, settings: Mapping[str, str]) -> None:
    """Delete every record of a compacted topic that has these settings. The broker wants another policy for so long."""
    configure(bootstrap, topic, {**settings, "cleanup.policy": "compact,delete"})
    ends = _ends(bootstrap, topic, partitions)
    records = {TopicPartition(topic, partition): RecordsToDelete(before_offset=end) for partition, end in ends.items() if end}
    _admin(bootstrap, lambda admin: admin.delete_records(records))
    configure(bootstrap, topic, settings)


def compact_soon(bootstrap: str, topic: str, settings: Mapping[str, str]) -> None:
    """Segments that close after a moment, and a cleaner that finds everything dirty."""
    hasty = {
        **settings,
        "segment.ms": "500",
        "min.cleanable.dirty.ratio": "0.001",
        "max.compaction.lag.ms": "500",
        "delete.retention.ms": "0",
    }
    configure(bootstrap, topic, hasty)


def configure(bootstrap: str, topic: str, settings: Mapping[str, str]) -> None:
    """Set these and no others."""
    _admin(bootstrap, lambda admin: admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, dict(settings))]))


def records_left(bootstrap: str, topic: str) -> int:
    """Records that can be read."""
    return len(asyncio.run(read_committed(bootstrap, topic)))


def _ends(bootstrap: str, topic: str, partitions: int) -> dict[int, int]:
    async def go() -> dict[int, int]:
        async with AIOKafkaConsumer(bootstrap_servers=bootstrap) as consumer:
            found = await consumer.end_offsets([TopicPartition(topic, partition) for partition in range(partitions)])
            return {tp.partition: end for tp, end in found.items()}

    return asyncio.run(go())


def _admin(bootstrap: str, ask: Callable[[AIOKafkaAdminClient], Awaitable[T]]) -> T:
    async def go() -> T:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        await admin.start()
        try:
            return await ask(admin)
        finally:
            await admin.close()

    return asyncio.run(go())
