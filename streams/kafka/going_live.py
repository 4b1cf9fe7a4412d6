"""When launching begins: given, or the first start of the application, written once for all its workers."""

import uuid

import orjson
from aiokafka import TopicPartition

from streams.clock import Clock
from streams.kafka.clients import Clients
from streams.kafka.fatal import Refused
from streams.kafka.log_reading import read_to_end, started
from streams.settings import Settings

_PARTITION = 0


async def go_live_ms(settings: Settings, clients: Clients, feeds: str, clock: Clock) -> int:
    """Milliseconds since the epoch. Called before any task commits.

    Not given in the settings, it is read from the topic `feeds`: the record of this application with the lowest offset
    counts. Every writer uses a key of its own, so that compaction can never take the first away.
    """
    found = await known_go_live_ms(settings, clients, feeds)
    if found is not None:
        return found
    value = orjson.dumps({"go_live_at_ms": clock.now_ms()})
    async with clients.plain() as producer:
        await producer.send_and_wait(feeds, key=_key(settings) + uuid.uuid4().hex.encode(), value=value, partition=_PARTITION)
    found = await _first(settings, clients, feeds)
    if found is None:
        raise Refused(
            f"{feeds} does not show what was just written to it", "check the topic's retention: it must be cleanup.policy=compact"
        )
    return found


async def known_go_live_ms(settings: Settings, clients: Clients, feeds: str) -> int | None:
    """As set or as written, milliseconds since the epoch; None where no worker has started yet."""
    if settings.go_live_at is not None:
        return int(settings.go_live_at.timestamp() * 1000)
    return await _first(settings, clients, feeds)


async def _first(settings: Settings, clients: Clients, feeds: str) -> int | None:
    async with started(clients.reader(committed=True)) as consumer:
        async for chunk in read_to_end(consumer, TopicPartition(feeds, _PARTITION)):
            for record in chunk:
                if record.key is not None and record.key.startswith(_key(settings)) and record.value is not None:
                    return int(orjson.loads(record.value)["go_live_at_ms"])
    return None


def _key(settings: Settings) -> bytes:
    return b"go-live/" + settings.app_id.encode() + b"/"
