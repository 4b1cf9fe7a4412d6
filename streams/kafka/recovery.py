"""From an assigned partition number to a task that may read: fence, read `state`, verify, take positions, commit."""

import asyncio
import time
from collections.abc import Container, Mapping
from dataclasses import dataclass

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from streams.engine.errors import StateError
from streams.kafka.clients import Clients
from streams.kafka.fatal import Refused
from streams.kafka.log_identity import LogIdentity
from streams.kafka.log_reading import Bounds, read_to_end, started
from streams.kafka.refusals import afresh
from streams.kafka.task import Task
from streams.kafka.transactions import Fenced, Writer

# Markers of a fenced owner's last transaction become visible in the group's offsets late. Counted, not timed: a process that
# was frozen meanwhile has not waited.
_MIRROR_POLLS = 75
_MIRROR_POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a recovery took, for the metrics."""

    seconds: float
    records: int


class Recovery:
    """Brings tasks up on their state. The producer must already be fenced off from older owners when it is called."""

    def __init__(
        self, clients: Clients, bounds: Bounds, admin: AIOKafkaAdminClient, group: str, state: str, topics: Mapping[str, str],
        identity: LogIdentity,
    ) -> None:  # fmt: skip
        self._clients = clients
        self._bounds = bounds
        self._admin = admin
        self._group = group
        self._state = state
        self._topics = topics  # logical -> name on the broker
        self._identity = identity

    async def run(self, task: Task, writer: Writer) -> Recovered:
        """Raises `Refused` when the state cannot be trusted, `Fenced` when a new owner came in between."""
        begun = time.monotonic()
        try:
            records, state_end = await self._read_state(task)
            task.recovered()
        except StateError as problem:
            raise Refused(f"state of partition {task.partition} cannot be used", str(problem)) from problem
        anew = await self._identity.check(task)
        cursor = dict(task.cursor)
        await self._check_mirror(task.partition, cursor, anew, state_end)
        begins = await self._bounds.beginnings(self._topics.values(), task.partition)
        self._check_bounds(task.partition, cursor, begins, await self._bounds.ends(self._topics.values(), task.partition))
        task.begin_at({topic: begins[name] for topic, name in self._topics.items() if topic not in cursor})
        # Always a commit before any input: it fixes the first positions, and rewriting the cursor proves the producer
        # unfenced, whatever happened while the state was read.
        await writer.write(task.prepare())
        ends = await self._bounds.ends(self._topics.values(), task.partition)
        task.catch_up({topic: ends[name] for topic, name in self._topics.items()})
        return Recovered(time.monotonic() - begun, records)

    async def ends(self, partition: int) -> dict[str, int]:
        """High watermarks by logical topic."""
        ends = await self._bounds.ends(self._topics.values(), partition)
        return {topic: ends[name] for topic, name in self._topics.items()}

    async def _read_state(self, task: Task) -> tuple[int, int]:
        """(records read, the offset up to which)."""
        count = 0
        restore = task.restore
        part = TopicPartition(self._state, task.partition)
        async with started(self._clients.reader(committed=True)) as consumer:
            async for chunk in read_to_end(consumer, part):
                count += len(chunk)
                for record in chunk:
                    if record.key is None:
                        raise Refused(
                            f"{self._state}:{task.partition} holds a record without a key at offset {record.offset}",
                            f"something else writes to this topic: stop it, and restore the topic, or {afresh(self._state)}",
                        )
                    restore(record.key, record.value)
                await asyncio.sleep(0)
            return count, await consumer.position(part)

    async def _check_mirror(self, partition: int, cursor: Mapping[str, int], anew: Container[str], state_end: int) -> None:
        """Group offsets mirror the cursor. Absent is fine (they expire); present and different was done by hand.

        Unless somebody has written state since it was read: frozen in the middle, this process is no longer the owner. Those of
        topics that begin anew may be left from the log before.
        """
        tps = {TopicPartition(name, partition): topic for topic, name in self._topics.items() if topic not in anew}
        polls = 0
        while True:
            polls += 1
            found = await self._admin.list_consumer_group_offsets(self._group, partitions=list(tps))
            mirror = {topic: found[tp].offset for tp, topic in tps.items() if tp in found and found[tp].offset >= 0}
            different = {topic: offset for topic, offset in mirror.items() if cursor.get(topic) != offset}
            if not different:
                return
            if (not cursor or polls >= _MIRROR_POLLS) and (await self._bounds.ends([self._state], partition))[self._state] > state_end:
                raise Fenced(f"partition {partition}: its state went on while it was being recovered here")
            if not cursor:
                where = ", ".join(f"{topic} {offset}" for topic, offset in different.items())
                raise Refused(
                    f"group {self._group} has offsets for partition {partition} ({where}), but {self._state} holds no state",
                    f"the state topic was deleted or re-created: restore it, or start with another app_id (or delete the offsets of "
                    f"group {self._group}) to begin afresh; accounts are then built anew from the events that are still retained",
                )
            if polls >= _MIRROR_POLLS:
                where = ", ".join(f"{topic}: group {offset}, cursor {cursor.get(topic)}" for topic, offset in different.items())
                raise Refused(
                    f"the offsets of group {self._group} for partition {partition} differ from the cursor in {self._state} ({where})",
                    "somebody moved them; positions belong to the state. Delete the group's offsets (kafka-consumer-groups "
                    f"--delete-offsets) to go on from the state; to read everything again, {afresh(self._state)}",
                )
            await asyncio.sleep(_MIRROR_POLL_S)

    def _check_bounds(self, partition: int, cursor: Mapping[str, int], begins: Mapping[str, int], ends: Mapping[str, int]) -> None:
        for topic, offset in cursor.items():
            name = self._topics.get(topic)
            if name is None:
                continue
            if offset > ends[name]:
                raise Refused(
                    f"the cursor stands at {offset} in {name}:{partition}, which ends at {ends[name]}",
                    f"the topic was re-created or truncated: restore it, or {afresh(self._state)}",
                )
            if offset < begins[name]:
                raise Refused(
                    f"the cursor stands at {offset} in {name}:{partition}, which begins at {begins[name]}",
                    f"retention deleted events that were never read. Restore the topic, or accept the loss and {afresh(self._state)}; "
                    "then lengthen retention.ms",
                )
