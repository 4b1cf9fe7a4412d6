"""Who asked for a paused topic to be read on: records `resume/<application>/<topic>` of `feeds`."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import orjson
import structlog
from aiokafka import TopicPartition

from streams.clock import Clock
from streams.engine.poison import Resume
from streams.kafka.admin import partitions_of
from streams.kafka.clients import Clients
from streams.kafka.feeds_topic import PARTITION
from streams.kafka.log_reading import read_to_end, started
from streams.settings import Settings

log = structlog.get_logger("playcall.resumes")


class Asked(NamedTuple):
    """When somebody asked, and where each partition of the topic ended then: what was written before is read as it is."""

    at_ms: int
    upto: Sequence[int]


class Resumes:
    """What the topic `feeds` says of resumes. Everything written before a task begins is older than any pause to come."""

    def __init__(self, app_id: str) -> None:
        self._app_id = app_id
        self._known: dict[str, Asked] = {}

    def of(self, partition: int) -> Iterator[tuple[str, Resume]]:
        """The newest request for each topic, as the task of a partition takes it."""
        for topic, asked in self._known.items():
            yield topic, Resume(asked.at_ms, asked.upto[partition] if partition < len(asked.upto) else 0)

    def take(self, records: Iterable[Any]) -> bool:
        """Take in records of the topic; others than resumes are passed over."""
        found = False
        for record in records:
            topic = _topic_of(self._app_id, record.key)
            if topic is None or record.value is None:
                continue
            asked = _decode(record.value)
            if asked is None:
                log.warning("a resume that cannot be read is passed over", offset=record.offset)
            else:
                self._known[topic] = asked
                found = True
        return found


async def ask_for_resume(settings: Settings, topic: str, clock: Clock) -> Asked:
    """Write the request for a topic (logical name). Raises BrokerError where topics are missing.

    Times of one topic only grow, whatever the clocks of those who ask: by its time a task knows a new request from an old one.
    """
    clients, feeds, source = Clients(settings), settings.topic("feeds"), settings.topic(topic)
    partitions = await partitions_of(settings, "feeds", topic)
    key = _key(settings.app_id, topic)
    last_ms = -1
    async with started(clients.reader(committed=True)) as consumer:
        async for chunk in read_to_end(consumer, TopicPartition(feeds, PARTITION)):
            for record in chunk:
                if record.key == key and record.value is not None and (before := _decode(record.value)) is not None:
                    last_ms = before.at_ms
    async with started(clients.reader(committed=False)) as consumer:
        parts = [TopicPartition(source, number) for number in range(partitions[topic])]
        ends = await consumer.end_offsets(parts)
    asked = Asked(max(clock.now_ms(), last_ms + 1), [ends[part] for part in parts])
    async with clients.plain() as producer:
        await producer.send_and_wait(feeds, key=key, value=orjson.dumps(asked._asdict()), partition=PARTITION)
    return asked


def _key(app_id: str, topic: str) -> bytes:
    return f"resume/{app_id}/{topic}".encode()


def _topic_of(app_id: str, key: bytes | None) -> str | None:
    prefix = _key(app_id, "")
    return key[len(prefix) :].decode(errors="replace") if key is not None and key.startswith(prefix) else None


def _decode(value: bytes) -> Asked | None:
    try:
        raw = orjson.loads(value)
        return Asked(int(raw["at_ms"]), [int(end) for end in raw.get("upto", ())])
    except (ValueError, TypeError, KeyError):
        return None
