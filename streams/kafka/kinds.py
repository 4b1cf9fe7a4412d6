"""The kinds of task that a worker runs: what each reads, where its state is, and which topic-partition belongs to which task."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from faust.types import TP

from schemas.catalogue import ROSTER_STATE, STATE
from streams.kafka.names import input_names
from streams.kafka.task import TaskFactory

ACCOUNT, ROSTER = "account", "roster"


class TaskId(NamedTuple):
    """One task: its kind, and the number of the partition it has of each of its topics."""

    kind: str
    partition: int

    @property
    def label(self) -> int | str:
        """The bounded word for it in metrics and logs: accounts' partitions by their number, the roster by its name."""
        return self.partition if self.kind == ACCOUNT else self.kind

    def transactional(self, app_id: str) -> str:
        """Whoever starts a producer of this name locks the task's former owner out."""
        return f"{app_id}.{self.kind}.{self.partition}"


@dataclass(frozen=True, slots=True)
class TaskKind:
    """What all tasks of a kind have in common. Topics by their logical names; no two kinds read the same one."""

    name: str
    topics: tuple[str, ...]  # in merge order
    state: str
    make_factory: Callable[[int, int], TaskFactory]  # (go-live ms, partitions of account-keyed topics) -> builds a partition's task


def account_kind(topics: Sequence[str], make_factory: Callable[[int, int], TaskFactory]) -> TaskKind:
    """Signals and router of one partition of the accounts."""
    return TaskKind(ACCOUNT, tuple(topics), STATE, make_factory)


def roster_kind(topics: Sequence[str], make_factory: Callable[[int, int], TaskFactory]) -> TaskKind:
    """The roster, which has one partition."""
    return TaskKind(ROSTER, tuple(topics), ROSTER_STATE, make_factory)


class Kinds:
    """The names of topics on the broker, and whose they are. `recorded`: what workers wrote earlier, and is read as it came in."""

    def __init__(
        self, kinds: Sequence[TaskKind], incoming: Callable[[str], str], outgoing: Callable[[str], str], recorded: Collection[str] = ()
    ) -> None:
        self._names = {kind.name: input_names(kind.topics, incoming, outgoing, recorded) for kind in kinds}
        self.inputs = {topic: name for names in self._names.values() for topic, name in names.items()}  # logical -> on the broker
        self._logical = {name: topic for topic, name in self.inputs.items()}
        self._kind_of = {name: kind for kind, names in self._names.items() for name in names.values()}
        self.states = {kind.name: outgoing(kind.state) for kind in kinds}

    def names(self, kind: str) -> Mapping[str, str]:
        """Logical -> on the broker, for what tasks of the kind read; empty where this worker runs none."""
        return self._names.get(kind, {})

    def logical(self, name: str) -> str:
        """The logical name of a topic that is read."""
        return self._logical[name]

    def task_of(self, name: str, partition: int) -> TaskId:
        """The task that reads a topic-partition, by the topic's name on the broker."""
        return TaskId(self._kind_of[name], partition)

    def owned(self, assigned: Iterable[TP]) -> tuple[frozenset[TaskId], bool]:
        """Tasks all of whose topics are assigned here; and whether there are others, with only some of theirs."""
        found: dict[TaskId, set[str]] = {}
        for tp in assigned:
            found.setdefault(self.task_of(tp.topic, tp.partition), set()).add(tp.topic)
        whole = frozenset(task for task, names in found.items() if names >= set(self._names[task.kind].values()))
        return whole, len(whole) < len(found)
