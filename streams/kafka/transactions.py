"""One transactional producer per partition task: a commit is one transaction, or nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    IllegalOperation,
    InvalidProducerEpoch,
    InvalidProducerIdMapping,
    InvalidTxnState,
    ProducerFenced,
    UnknownProducerId,
)
from aiokafka.structs import OffsetAndMetadata, RecordMetadata

from streams.clock import Clock, read_machine
from streams.engine.commit import Commit
from streams.kafka.reach import may_pass
from streams.kafka.time_guard import append_time_ms
from streams.time_guard import Reading

BATCH_BYTES = 1 << 19
_NO_HEADERS: list[tuple[str, bytes]] = []
# IllegalOperation: a sender task of aiokafka met the fence first and ended the transaction under us (a process woken from a freeze).
_FENCED = (ProducerFenced, InvalidProducerEpoch, InvalidProducerIdMapping, InvalidTxnState, UnknownProducerId, IllegalOperation)

Packed = list[tuple[str, int, Any]]


class Fenced(Exception):
    """Another owner took the partition, or the coordinator gave the transaction up. Not an error: drop the task, rejoin."""


class Unsettled(Fenced):
    """The broker was out of reach in the middle of a transaction: whether it was committed, the next recovery finds in `state`."""


class Writer:
    """Writes the commits of one partition task. Not for concurrent use: one transaction at a time."""

    def __init__(
        self, producer: AIOKafkaProducer, partition: int, group: str, name: Callable[[str], str], topics: Mapping[str, str], state: str,
        clock: Clock,
    ) -> None:  # fmt: skip
        self._producer = producer
        self._clock = clock  # is told the broker's time with every commit
        self._partition = partition
        self._group = group
        self._name = name  # logical -> name on the broker, for what goes out
        self._topics = topics  # the same for what comes in
        self._state = state  # on the broker, where the cells go
        self._fenced = False

    async def fence(self) -> None:
        """Start the producer: `init_transactions` ends what an older owner had open and locks it out."""
        await self._producer.start()

    async def write(self, commit: Commit) -> None:
        """Outputs, cells, cursor and group offsets in one transaction.

        Raises `Fenced`, or its kind `Unsettled`: the task must be recovered. After any other error the process must end.
        Everything is encoded before the transaction opens: one that stays open hides other writers' records from every reader.
        """
        if self._fenced:  # aiokafka would fail an assertion
            raise Fenced(f"partition {self._partition}: fenced before")
        packed = self._pack(commit)
        offsets = {
            TopicPartition(self._topics[topic], self._partition): OffsetAndMetadata(offset, "")
            for topic, offset in commit.offsets.items()
            if topic in self._topics  # the cursor may know an input that is read no more
        }
        producer = self._producer
        try:
            await producer.begin_transaction()
            asked = read_machine()
            sent = [await self._send(topic, partition, batch) for topic, partition, batch in packed]
            also = [producer.send_offsets_to_transaction(offsets, self._group)] if offsets else []
            await asyncio.gather(*sent[:-1], *also, self._hear(sent[-1], asked))
            await producer.commit_transaction()
        except Exception as problem:
            if is_fenced(problem):
                self._fenced = True
                raise Fenced(f"partition {self._partition}: {type(problem).__name__}") from problem
            if may_pass(problem):
                self._fenced = True
                raise Unsettled(f"{type(problem).__name__}: {problem}") from problem
            raise

    async def _send(self, topic: str, partition: int, batch: Any) -> asyncio.Future[RecordMetadata]:
        """Its error is the transaction's. Where that has ended with another one already, nobody awaits this one."""
        sent: asyncio.Future[RecordMetadata] = await self._producer.send_batch(batch, topic, partition=partition)
        sent.add_done_callback(lambda done: done.cancelled() or done.exception())
        return sent

    async def _hear(self, last: Awaitable[RecordMetadata], asked: Reading) -> None:
        """The last batch is the one with the cursor."""
        broker_ms = append_time_ms(await last)
        if broker_ms is not None:
            self._clock.heard(broker_ms, asked)

    async def close(self) -> None:
        """Stop the producer. An open transaction is left to the next owner's fence."""
        try:
            await asyncio.wait_for(self._producer.stop(), 5)
        except Exception:  # noqa: BLE001 a producer that was fenced cannot stop in peace; nothing of it is needed
            return

    def _pack(self, commit: Commit) -> Packed:
        by_place: dict[tuple[str, int], list[tuple[bytes | None, bytes | None, Any]]] = {}
        for record in commit.outputs:
            place = self._name(record.topic), self._partition if record.partition is None else record.partition
            by_place.setdefault(place, []).append((record.key, record.value, list(record.headers)))
        packed: Packed = []
        for (topic, partition), records in by_place.items():
            self._fill(packed, topic, partition, records)
        self._fill(packed, self._state, self._partition, ((key, value, _NO_HEADERS) for key, value in commit.cells))
        return packed

    def _fill(self, packed: Packed, topic: str, partition: int, records: Iterable[tuple[bytes | None, bytes | None, Any]]) -> None:
        batch = self._producer.create_batch()
        for key, value, headers in records:
            if batch.append(timestamp=None, key=key, value=value, headers=headers) is None:
                packed.append((topic, partition, batch))
                batch = self._producer.create_batch()
                batch.append(timestamp=None, key=key, value=value, headers=headers)
        batch.close()
        packed.append((topic, partition, batch))


def is_fenced(problem: BaseException | None) -> bool:
    """Whether the error, or one it was raised from, says that the producer lost its partition."""
    seen = 0
    while problem is not None and seen < 10:  # chains are short; this only guards against a loop
        if isinstance(problem, _FENCED):
            return True
        problem, seen = problem.__cause__ or problem.__context__, seen + 1
    return False
