"""Reading dead letters: the newest of a topic, one by its place, or all that are wanted, in bounded memory."""

from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.catalogue import read_topics
from schemas.records.dead_letter import SUFFIX
from streams.broker.errors import BrokerError
from streams.kafka.admin import connected, existing_topics
from streams.kafka.clients import Clients
from streams.kafka.log_reading import started
from streams.settings import Settings

FETCH_WAIT_MS = 200
_CHUNK = 500
FARTHEST = 64
"""How many offsets per wanted record are read back at most: transaction markers and aborted records take offsets too."""


class Place(NamedTuple):
    """Where a record stands: topic (no prefix), partition, offset. Written `topic:partition:offset`."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}:{self.partition}:{self.offset}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `topic:partition:offset`. Raises ValueError with the expected form."""
        topic, partition, offset = ([*text.rsplit(":", 2), "", ""])[:3]
        if not topic or not partition.isdecimal() or not offset.isdecimal():
            raise ValueError(f"{text!r} is no place of a record: expected TOPIC:PARTITION:OFFSET, such as tickets{SUFFIX}:0:17")
        return cls(topic, int(partition), int(offset))


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One dead letter: where it stands, where it came from and why, and what arrived, untouched."""

    place: Place
    source: Place
    reason: str
    error: str
    refused_ms: int
    """When it became a dead letter: append time on the dead letter topic, ms since the epoch."""
    appended_ms: int
    """Append time of the source record, ms since the epoch."""
    app_version: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    cut: bool = False
    """What arrived was too large for the topic of dead letters: only its beginning is here."""


class Wanted(NamedTuple):
    """Which dead letters: of these reasons (none: of any), refused in [since, until). Times in ms since the epoch."""

    reasons: frozenset[str] = frozenset()
    since_ms: int | None = None
    until_ms: int | None = None

    def takes(self, letter: DeadLetter) -> bool:
        """Whether this one is meant."""
        in_time = (self.since_ms or 0) <= letter.refused_ms and (self.until_ms is None or letter.refused_ms < self.until_ms)
        return in_time and (not self.reasons or letter.reason in self.reasons)


EVERYTHING = Wanted()


def dead_letter_topics() -> tuple[str, ...]:
    """All dead letter topics, logical names."""
    return tuple(name + SUFFIX for name in read_topics())


async def newest(settings: Settings, topics: Sequence[str], limit: int, wanted: Wanted = EVERYTHING) -> list[DeadLetter]:
    """At most `limit` dead letters per topic, the newest of those wanted, in order of time over all topics.

    Without a wish only the ends of the topics are read, else all of them from `since_ms` on. Raises BrokerError for a topic that is
    not there.
    """
    partitions = await partitions_of(settings, topics)
    letters: list[DeadLetter] = []
    async with started(Clients(settings).reader(committed=True)) as consumer:
        for topic in topics:
            found: list[DeadLetter] = []
            for partition in partitions[topic]:
                if wanted == EVERYTHING:
                    found += [_letter(topic, record) for record in await _last(consumer, partition, limit)]
                else:
                    last: deque[DeadLetter] = deque(maxlen=limit)
                    end = (await consumer.end_offsets([partition]))[partition]
                    async for chunk in read_letters(consumer, topic, partition, end, wanted):
                        last.extend(chunk)
                    found += last
            found.sort(key=_in_time)
            letters += found[-limit:]
    return sorted(letters, key=_in_time)


async def read_letters(
    consumer: AIOKafkaConsumer, topic: str, partition: TopicPartition, end: int, wanted: Wanted
) -> AsyncIterator[list[DeadLetter]]:
    """The wanted dead letters of a partition before offset `end`, in order, in chunks. The consumer reads committed records only."""
    consumer.assign([partition])
    start = (await consumer.beginning_offsets([partition]))[partition]
    if wanted.since_ms is not None:
        found = (await consumer.offsets_for_times({partition: wanted.since_ms}))[partition]
        start = end if found is None else max(start, found.offset)
    consumer.seek(partition, start)
    while await consumer.position(partition) < end:
        fetched = await consumer.getmany(partition, timeout_ms=FETCH_WAIT_MS, max_records=_CHUNK)
        for records in fetched.values():
            letters = [letter for record in records if record.offset < end and wanted.takes(letter := _letter(topic, record))]
            if letters:
                yield letters


async def read_one(settings: Settings, place: Place) -> DeadLetter:
    """The dead letter at a place. Raises BrokerError where there is none (expired, a marker, beyond the end)."""
    partitions = await partitions_of(settings, [place.topic])
    count = len(partitions[place.topic])
    if place.partition >= count:
        raise BrokerError(f"{place.topic} has partitions 0 to {count - 1}, not {place.partition}")
    partition = partitions[place.topic][place.partition]
    async with started(Clients(settings).reader(committed=True)) as consumer:
        begin, end = await _bounds(consumer, partition)
        if not begin <= place.offset < end:
            raise BrokerError(f"{place.topic}:{place.partition} holds offsets {begin} to {end - 1}, not {place.offset}")
        records = await _range(consumer, partition, place.offset, place.offset + 1)
    if not records or records[0].offset != place.offset:
        raise BrokerError(f"no dead letter at {place}: the offset belongs to a transaction marker or an aborted record")
    return _letter(place.topic, records[0])


async def partitions_of(settings: Settings, topics: Sequence[str]) -> dict[str, list[TopicPartition]]:
    """The partitions of topics (logical names). Raises BrokerError for one that is not there."""
    async with connected(settings) as client:
        there = await existing_topics(client, settings)
    names = {topic: settings.topic(topic) for topic in topics}
    for name in names.values():
        if name not in there:
            raise BrokerError(f"topic {name} does not exist at {settings.bootstrap}: see `playcall topics check`")
    return {topic: [TopicPartition(name, number) for number in range(there[name][0])] for topic, name in names.items()}


async def _bounds(consumer: AIOKafkaConsumer, partition: TopicPartition) -> tuple[int, int]:
    begin = (await consumer.beginning_offsets([partition]))[partition]
    end = (await consumer.end_offsets([partition]))[partition]
    return begin, end


async def _last(consumer: AIOKafkaConsumer, partition: TopicPartition, limit: int) -> list[Any]:
    consumer.assign([partition])
    begin, end = await _bounds(consumer, partition)
    back = 2 * limit  # a transaction with one dead letter takes two offsets
    while True:
        start = max(begin, end - back)
        records = await _range(consumer, partition, start, end)
        if len(records) >= limit or start == begin or back >= FARTHEST * limit:
            return records[-limit:]
        back *= 4


async def _range(consumer: AIOKafkaConsumer, partition: TopicPartition, start: int, end: int) -> list[Any]:
    """The records of [start, end) that are committed."""
    consumer.assign([partition])
    consumer.seek(partition, start)
    records: list[Any] = []
    while await consumer.position(partition) < end:
        fetched = await consumer.getmany(partition, timeout_ms=FETCH_WAIT_MS)
        records += [record for chunk in fetched.values() for record in chunk if record.offset < end]
    return records


def _in_time(letter: DeadLetter) -> tuple[int, Place]:
    return letter.refused_ms, letter.place


def _letter(topic: str, record: Any) -> DeadLetter:
    notes = {name: value.decode(errors="replace") for name, value in record.headers if name.startswith("dlq.")}
    return DeadLetter(
        place=Place(topic, record.partition, record.offset),
        source=Place(
            notes.get("dlq.original.topic", topic.removesuffix(SUFFIX)),
            int(notes.get("dlq.original.partition", "-1")),
            int(notes.get("dlq.original.offset", "-1")),
        ),
        reason=notes.get("dlq.reason", "unknown"),
        error=notes.get("dlq.error", ""),
        refused_ms=record.timestamp,
        appended_ms=int(notes.get("dlq.original.timestamp", record.timestamp)),
        app_version=notes.get("dlq.app.version", "unknown"),
        key=record.key,
        value=record.value,
        headers=tuple((name, value) for name, value in record.headers if not name.startswith("dlq.")),
        cut="dlq.truncated" in notes,
    )
