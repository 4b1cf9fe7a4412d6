"""What tasks keep, read from their state topics: committed records only, outside any group."""

from collections.abc import Callable

from schemas.decoding.partitioning import partition_of
from streams.kafka.clients import Clients
from streams.kafka.dead_letters import partitions_of
from streams.kafka.log_reading import read_to_end, started
from streams.settings import Settings


async def read_state(settings: Settings, topic: str, wanted: Callable[[bytes], bool], account: str | None = None) -> dict[bytes, bytes]:
    """The last record of each wanted key of a state topic (logical name), as of its present end; without those that are deleted.

    Of one account only its partition is read. Raises BrokerError for a topic that is not there.
    """
    partitions = (await partitions_of(settings, [topic]))[topic]
    if account is not None:
        partitions = [partitions[partition_of(account.encode(), len(partitions))]]
    found: dict[bytes, bytes] = {}
    async with started(Clients(settings).reader(committed=True)) as consumer:
        for partition in partitions:
            async for records in read_to_end(consumer, partition):
                for record in records:
                    if record.key is None or not wanted(record.key):
                        continue
                    if record.value is None:
                        found.pop(record.key, None)
                    else:
                        found[record.key] = record.value
    return found
