"""What would happen next: the real engine on the real state and the next records, in memory, to find what fails."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from streams.engine.batch import Batch
from streams.engine.errors import ProcessingFailed, StateError
from streams.engine.quarantine import Quarantine
from streams.engine.task import PartitionTask

_BUDGET = 2000
FAILURES = 10
"""So many failures are looked for, one after the other; then it is no single record."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """Where a task would begin, and what it would read: one batch per topic at most, from its position on."""

    state: Mapping[bytes, bytes]
    begins: Mapping[str, int]  # of topics the cursor does not know
    ends: Mapping[str, int]
    batches: Sequence[Batch]


@dataclass(slots=True)
class DryRun:
    """How it went: what was applied with everything failing set aside, and what failed, in the order met."""

    failures: list[ProcessingFailed] = field(default_factory=list)
    refused: str | None = None  # the state cannot be used at all
    inputs: Counter[str] = field(default_factory=Counter)  # outcome -> records
    left: int = 0  # records that wait, for the merge or because their topic is paused
    went_live: bool = False


def dry_run(build: Callable[[Quarantine], PartitionTask], ahead: Ahead, quarantine: Quarantine, wall_ms: int) -> DryRun:
    """Run what lies ahead. Whatever fails is quarantined and everything run again, until nothing fails any more."""
    result = DryRun()
    while len(result.failures) < FAILURES:
        try:
            _run(build(quarantine), ahead, wall_ms, result)
        except ProcessingFailed as problem:
            result.failures.append(problem)
            without = quarantine.and_also(problem.flag)
            if without == quarantine:  # to set it aside did not help
                return result
            quarantine = without
        except StateError as problem:
            result.refused = str(problem)
            return result
        else:
            return result
    return result


def _run(task: PartitionTask, ahead: Ahead, wall_ms: int, result: DryRun) -> None:
    for key, value in ahead.state.items():
        task.restore(key, value)
    task.recovered()
    before = Counter(task.counts)
    task.begin_at(ahead.begins)
    task.catch_up(ahead.ends)
    for batch in ahead.batches:
        task.offer(batch)
    while task.work(wall_ms, _BUDGET):
        task.prepare()  # encodes, too; nothing of it is written
    task.prepare()
    result.inputs = Counter()
    for (_, outcome), count in (Counter(task.counts) - before).items():
        result.inputs[outcome] += count
    result.left = sum(task.queued(topic) for topic in task.topics)
    result.went_live = not task.behind and not result.left
