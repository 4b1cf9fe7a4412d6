"""What was published about runs: read from the topics, committed records only, outside any group."""

from collections.abc import AsyncIterator
from typing import Any

from schemas.decoding.partitioning import partition_of
from streams.kafka.clients import Clients
from streams.kafka.dead_letters import partitions_of
from streams.kafka.log_reading import read_to_end, started
from streams.settings import Settings


async def read_values(settings: Settings, topic: str, account: str | None = None) -> AsyncIterator[bytes]:
    """The values of a topic (logical name) up to its present end, in the order of each partition.

    Of one account only its partition is read; others that share it are among the values. Raises BrokerError for a topic that is
    not there.
    """
    partitions = (await partitions_of(settings, [topic]))[topic]
    if account is not None:
        partitions = [partitions[partition_of(account.encode(), len(partitions))]]
    async with started(Clients(settings).reader(committed=True)) as consumer:
        for partition in partitions:
            async for records in read_to_end(consumer, partition):
                for record in records:
                    value: Any = record.value
                    if value is not None:
                        yield value
