"""Putting dead letters back on the topics they arrived on, each once, whatever is killed in between."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from schemas.catalogue import MESSAGE_MAX, outside_topics
from schemas.decoding.partitioning import partition_of
from schemas.records.dead_letter import SUFFIX
from streams.broker.errors import BrokerError
from streams.kafka.clients import Clients
from streams.kafka.dead_letters import DeadLetter, Wanted, partitions_of, read_letters
from streams.kafka.log_reading import started
from streams.kafka.redriven import Done, Marker, marker_key, marker_of, read_markers
from streams.kafka.transactions import is_fenced
from streams.settings import Settings

COUNT, FROM = "playcall.redriven.count", "playcall.redriven.from"
TIMES = 3
SAMPLES = 3
_RECORDS, _BYTES = 500, 4 << 20  # most of one transaction
_SAY = 5000  # put back between two lines of progress
_HEADROOM = 4096  # of the largest message, for framing and our headers

Kind = tuple[str, str]
"""(topic it goes back to, reason)"""


class Choice(NamedTuple):
    """What is to be put back: of which topics (logical, without .dlq), which letters, how many at most, how often each."""

    topics: Sequence[str]
    wanted: Wanted
    limit: int | None = None
    max_times: int = TIMES


@dataclass(slots=True)
class Redriven:
    """What happened, or in a dry run would have. Samples are places of dead letters, a few per kind."""

    sent: Counter[Kind] = field(default_factory=Counter)
    worn_out: Counter[Kind] = field(default_factory=Counter)  # put back `max_times` times already
    too_large: Counter[Kind] = field(default_factory=Counter)  # with our headers it would not fit, or only its beginning was kept
    no_way_back: Counter[Kind] = field(default_factory=Counter)  # of `rekeyed`: nobody but workers writes there
    already: int = 0  # put back by an earlier run
    limited: bool = False  # there were more than the limit
    samples: dict[Kind, list[str]] = field(default_factory=dict)

    @property
    def left(self) -> bool:
        """Something that was asked for is still only a dead letter."""
        return self.limited or bool(self.worn_out or self.too_large or self.no_way_back)


async def redrive(settings: Settings, choice: Choice, *, dry_run: bool, say: Callable[[str], object]) -> Redriven:
    """Read the dead letters up to the ends noted now, oldest first per partition, and put back those chosen.

    Key, value and headers are as they came, without `dlq.*`, with COUNT and FROM; the partition is murmur2 of the key. Letters and
    the note that they are done go in one transaction: run again, also after a kill, nothing goes twice. A second run at the
    same time fences the first. Raises BrokerError.
    """
    clients, feeds = Clients(settings), settings.topic("feeds")
    dead = [topic + SUFFIX for topic in choice.topics]
    parts = await partitions_of(settings, [*dead, *outside_topics(), "feeds"])
    counts = {topic: len(parts[topic]) for topic in outside_topics()}
    producer = None if dry_run else clients.transactional(f"{settings.app_id}.redrive")
    try:
        if producer is not None:
            await producer.start()
        markers = await read_markers(clients, feeds)
        async with started(clients.reader(committed=True)) as consumer:
            run = _Run(consumer, producer, settings, choice, counts, feeds, say)
            ends = await consumer.end_offsets([part for topic in dead for part in parts[topic]])
            for topic in dead:
                for part in parts[topic]:
                    await run.partition(topic, part, ends[part], markers.get((topic, part.partition), []))
        return run.result
    except KafkaError as problem:
        if is_fenced(problem):
            raise BrokerError("another redrive of this application took over: what this one did so far is done; see to the other") from None
        raise BrokerError(f"the redrive stopped: {type(problem).__name__}: {problem}; run it again, nothing goes twice") from problem
    finally:
        if producer is not None:
            await _close(producer)


class _Run:
    def __init__(
        self, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer | None, settings: Settings, choice: Choice,
        counts: Mapping[str, int], feeds: str, say: Callable[[str], object],
    ) -> None:  # fmt: skip
        self.result = Redriven()
        self._consumer = consumer
        self._producer = producer
        self._settings = settings
        self._choice = choice
        self._counts = counts
        self._feeds = feeds
        self._say = say
        self._pending: list[DeadLetter] = []
        self._bytes = 0
        self._said = 0

    async def partition(self, topic: str, part: TopicPartition, end: int, markers: Sequence[Marker]) -> None:
        """One partition of a dead letter topic; the last transaction ends with it."""
        if self.result.limited:
            return
        begin = (await self._consumer.beginning_offsets([part]))[part]
        await self._forget(topic, part.partition, [marker for marker in markers if marker.end <= begin])
        done = Done(markers)
        async for letters in read_letters(self._consumer, topic, part, end, self._choice.wanted):
            for letter in letters:
                if letter.place.offset in done:
                    self.result.already += 1
                elif not await self._take(letter):
                    await self._flush()
                    return
        await self._flush()

    async def _take(self, letter: DeadLetter) -> bool:
        """False: the limit is reached and this one would have been more."""
        result, kind = self.result, (_home(letter), letter.reason)
        if kind[0] not in self._counts:
            result.no_way_back[kind] += 1
        elif _times(letter) >= self._choice.max_times:
            result.worn_out[kind] += 1
        elif (size := _size(letter)) > MESSAGE_MAX - _HEADROOM or letter.cut:
            result.too_large[kind] += 1
        elif self._choice.limit is not None and result.sent.total() >= self._choice.limit:
            result.limited = True
            return False
        else:
            result.sent[kind] += 1
            if self._producer is not None:
                if len(self._pending) >= _RECORDS or (self._pending and self._bytes + size > _BYTES):
                    await self._flush()
                self._pending.append(letter)
                self._bytes += size
        samples = result.samples.setdefault(kind, [])
        if len(samples) < SAMPLES:
            samples.append(str(letter.place))
        return True

    async def _flush(self) -> None:
        """One transaction: the letters, and the marker of their offsets."""
        if self._producer is None or not self._pending:
            return
        producer, letters = self._producer, self._pending
        marker = marker_of([letter.place.offset for letter in letters])
        topic, partition, _ = letters[0].place
        await producer.begin_transaction()
        waiting = [await producer.send_batch(batch, name, partition=place) for name, place, batch in self._pack(letters)]
        waiting.append(await producer.send(self._feeds, marker.value(), marker_key(topic, partition, marker.first), partition=0))
        await asyncio.gather(*waiting)
        await producer.commit_transaction()
        self._pending, self._bytes = [], 0
        if self.result.sent.total() // _SAY != self._said:
            self._said = self.result.sent.total() // _SAY
            self._say(f"{self.result.sent.total():,} put back, now at {letters[-1].place}")

    def _pack(self, letters: Sequence[DeadLetter]) -> list[tuple[str, int, Any]]:
        """Batches by topic and partition. They take what `send` does not: a letter may have neither key nor value."""
        assert self._producer is not None
        packed: list[tuple[str, int, Any]] = []
        open_batches: dict[tuple[str, int], Any] = {}
        for letter in letters:
            target = (self._settings.topic(_home(letter)), _partition(letter, self._counts[_home(letter)]))
            record = {"timestamp": None, "key": letter.key, "value": letter.value, "headers": _headers(letter)}
            batch = open_batches.get(target)
            if batch is None or batch.append(**record) is None:
                batch = open_batches[target] = self._producer.create_batch()
                batch.append(**record)
                packed.append((*target, batch))
        for _, _, batch in packed:
            batch.close()
        return packed

    async def _forget(self, topic: str, partition: int, markers: Sequence[Marker]) -> None:
        """Letters that retention took need no marker any more."""
        if self._producer is None or not markers:
            return
        await self._producer.begin_transaction()
        keys = [marker_key(topic, partition, marker.first) for marker in markers]
        await asyncio.gather(*[await self._producer.send(self._feeds, None, key, partition=0) for key in keys])
        await self._producer.commit_transaction()


def _home(letter: DeadLetter) -> str:
    return letter.source.topic


def _partition(letter: DeadLetter, count: int) -> int:
    """Of its key; one without a key goes where it came from."""
    if letter.key is not None:
        return partition_of(letter.key, count)
    return letter.source.partition if 0 <= letter.source.partition < count else 0


def _times(letter: DeadLetter) -> int:
    """How often it was put back before: the newest header of the name counts."""
    found = [value for name, value in letter.headers if name == COUNT]
    return int(found[-1]) if found and (found[-1] or b"").isdigit() else 0


def _headers(letter: DeadLetter) -> list[tuple[str, bytes]]:
    kept = [(name, value) for name, value in letter.headers if name not in {COUNT, FROM}]
    return [*kept, (COUNT, b"%d" % (_times(letter) + 1)), (FROM, str(letter.place).encode())]


def _size(letter: DeadLetter) -> int:
    headers = sum(len(name) + len(value or b"") + 10 for name, value in letter.headers)
    return len(letter.key or b"") + len(letter.value or b"") + headers


async def _close(producer: AIOKafkaProducer) -> None:
    """A producer that failed in a transaction cannot stop in peace; the broker aborts what it left open."""
    try:
        await asyncio.wait_for(producer.stop(), 5)
    except (TimeoutError, KafkaError):
        return
