"""When a finite run may end: what one task forwarded, another has read."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import GroupCoordinatorNotAvailableError

from streams.broker.ladder import Kafka
from streams.kafka.clients import Clients
from streams.kafka.finish_line import FinishLine
from streams.kafka.log_reading import Bounds
from streams.settings import Settings

GROUP = "finish"
SESSION_MS = 6_000


@pytest.fixture
def topic(prefix: str) -> str:
    return f"{prefix}rekeyed"


@pytest.fixture
async def line(settings: Settings, topic: str) -> AsyncIterator[FinishLine]:
    """Over a topic of two partitions with one record in partition 1."""
    clients = Clients(settings)
    bounds, admin = Bounds(clients), clients.admin()
    await bounds.start()
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 2, 1)])
        await _visible(admin, topic)
        await _coordinated(admin, f"{topic}.{GROUP}")
        async with AIOKafkaProducer(bootstrap_servers=settings.bootstrap) as producer:
            await producer.send_and_wait(topic, b"stray", b"acme", partition=1)
        yield FinishLine(bounds, admin, f"{topic}.{GROUP}", [topic], SESSION_MS)
    finally:
        await bounds.stop()
        await admin.close()


async def _visible(admin: AIOKafkaAdminClient, topic: str) -> None:
    deadline = time.monotonic() + 15
    while (await admin.describe_topics([topic]))[0]["error_code"]:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)


async def _coordinated(admin: AIOKafkaAdminClient, group: str) -> None:
    """A node that has just started makes the topic of groups first: until then asking is an error, and workers ask again."""
    deadline = time.monotonic() + 30
    while True:
        try:
            await admin.list_consumer_group_offsets(group)
        except GroupCoordinatorNotAvailableError:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)
        else:
            return


async def test_a_run_is_not_over_while_a_task_of_its_own_has_records_to_read(line: FinishLine, topic: str) -> None:
    assert not await line.reached({(topic, 0): 0, (topic, 1): 0})
    assert await line.reached({(topic, 0): 0, (topic, 1): 1})


async def test_a_run_is_over_once_the_others_have_read_what_was_forwarded_to_them(line: FinishLine, kafka: Kafka, topic: str) -> None:
    waiting = asyncio.create_task(line.reached({(topic, 0): 0}))
    done, _ = await asyncio.wait({waiting}, timeout=2)
    assert not done

    async with AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap, group_id=f"{topic}.{GROUP}", enable_auto_commit=False) as other:
        other.assign([TopicPartition(topic, 1)])
        await other.commit({TopicPartition(topic, 1): 1})
    assert await asyncio.wait_for(waiting, 10)


async def test_tasks_that_read_nothing_forwarded_are_over_at_once(settings: Settings) -> None:
    clients = Clients(settings)
    assert await FinishLine(Bounds(clients), clients.admin(), GROUP, [], SESSION_MS).reached({})
