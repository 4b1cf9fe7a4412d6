"""The doctor's look at positions: the cursor against the logs it speaks of, their bounds, and the group's mirror."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from streams.engine.cursor import Cursor
from streams.engine.errors import StateError
from streams.engine.finding import Finding
from streams.engine.logs import Logs
from streams.kafka.clients import Clients
from streams.kafka.cursors import last_cursor
from streams.kafka.log_identity import repartitioned
from streams.kafka.log_reading import Bounds, started
from streams.kafka.refusals import afresh
from streams.settings import Settings


@dataclass(slots=True)
class Placed:
    """What was found for one partition. `begins` are first offsets by topic; not `readable`: positions mean nothing."""

    findings: list[Finding] = field(default_factory=list)
    begins: dict[str, int] = field(default_factory=dict)
    ahead: dict[str, int] = field(default_factory=dict)
    readable: bool = True

    def error(self, where: str, what: str, remedy: str) -> None:
        """A worker would refuse this."""
        self.findings.append(Finding("error", where, what, remedy))


class Positions:
    """Compares the cursor of a partition with what the broker says. `found` are the logs as they are now."""

    def __init__(
        self, settings: Settings, admin: AIOKafkaAdminClient, clients: Clients, bounds: Bounds, names: Mapping[str, str], state: str,
        found: Logs, revision: str,
    ) -> None:  # fmt: skip
        self._group = settings.app_id
        self._accepted = settings.recreated
        self._admin = admin
        self._clients = clients
        self._bounds = bounds
        self._names = names
        self._state = state
        self._found = found
        self._revision = revision
        self.highwater: dict[tuple[str, int], int] = {}

    async def examine(self, partition: int, cursor: Cursor | None) -> Placed:
        """Bounds of every input; and, where there is a cursor, whether a worker would accept it."""
        placed = Placed()
        begins = await self._bounds.beginnings(self._names.values(), partition)
        ends = await self._bounds.ends(self._names.values(), partition)
        placed.begins = {topic: begins[name] for topic, name in self._names.items()}
        self.highwater.update({(topic, partition): ends[name] for topic, name in self._names.items()})
        if cursor is None:
            placed.ahead = {topic: ends[name] - begins[name] for topic, name in self._names.items()}
            await self._mirror(placed, partition, None)
            return placed
        self._logs(placed, partition, cursor.logs)
        for topic, offset in cursor.offsets.items():
            name = self._names.get(topic)
            if name is None:
                continue
            placed.ahead[topic] = ends[name] - offset
            if begins[name] <= offset <= ends[name]:
                continue
            placed.readable = False
            why = "it was re-created or truncated" if offset > ends[name] else "retention deleted events that were never read"
            placed.error(
                f"{name}:{partition}",
                f"the cursor stands at {offset}, the topic holds {begins[name]} to {ends[name]}: {why}",
                f"restore the topic, or {afresh(self._state)}",
            )
        await self._mirror(placed, partition, cursor)
        if cursor.revision != self._revision:
            what = f"the cursor was written with library {cursor.revision or 'unknown'}, here is {self._revision}"
            remedy = "nothing, if the library was changed on purpose: the next worker sweeps its accounts; else use the library it ran with"
            placed.findings.append(Finding("note", f"{self._state}:{partition}", what, remedy))
        return placed

    def _logs(self, placed: Placed, partition: int, noted: Logs) -> None:
        if noted.repartitioned(self._found):
            problem = repartitioned(self._state, partition, noted.partitions, self._found.partitions)
            placed.error(f"{self._state}:{partition}", problem.what, problem.remedy)
            placed.readable = False
        for topic, (then, now) in noted.recreated(self._found).items():
            if any(entry.startswith(f"{topic}:") for entry in self._accepted):
                continue
            placed.error(
                f"{self._names.get(topic, topic)}:{partition}",
                f"was deleted and created anew since the last commit (topic id {then}, now {now})",
                f"`playcall worker --recreated {topic}:keep` if it holds the same records at the same offsets, `{topic}:begin` to read "
                f"it from its beginning; else {afresh(self._state)}",
            )
            placed.readable = placed.readable and topic not in self._names

    async def _mirror(self, placed: Placed, partition: int, cursor: Cursor | None) -> None:
        tps = {TopicPartition(name, partition): topic for topic, name in self._names.items()}
        found = await self._admin.list_consumer_group_offsets(self._group, partitions=list(tps))
        mirror = {topic: found[tp].offset for tp, topic in tps.items() if tp in found and found[tp].offset >= 0}
        offsets = {} if cursor is None else cursor.offsets
        different = {topic: offset for topic, offset in mirror.items() if offsets.get(topic) != offset}
        if not different or await self._moved(partition, cursor):
            return
        where = ", ".join(f"{topic}: group {offset}, cursor {offsets.get(topic, 'none')}" for topic, offset in different.items())
        if cursor is None:
            what = f"the group has offsets, but there is no cursor ({where})"
            placed.error(f"{self._state}:{partition}", what, "the state was lost: restore it, or start with another app_id")
        else:
            what = f"the group's offsets differ from the cursor ({where})"
            remedy = "somebody moved them; delete the group's offsets (kafka-consumer-groups --delete-offsets) to go on from the state"
            placed.error(f"{self._state}:{partition}", what, remedy)

    async def _moved(self, partition: int, cursor: Cursor | None) -> bool:
        """Whether somebody has committed since: then the difference says nothing."""
        async with started(self._clients.reader(committed=True)) as consumer:
            data = await last_cursor(consumer, TopicPartition(self._state, partition))
        try:
            now = None if data is None else Cursor.decode(data)
        except StateError:
            return False
        return now != cursor
