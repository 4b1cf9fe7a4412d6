"""Drives the engine over event files: the same engine and processors as live, without Kafka."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from schemas.catalogue import ASSIGNMENTS, roster_topics
from schemas.decoding.record import FileRecord
from schemas.records.wire import OutRecord
from streams.engine.commit import Commit
from streams.engine.pipeline import Pipeline
from streams.engine.policy import EnginePolicy
from streams.engine.task import PartitionTask
from streams.replay.partition_run import BATCH, PartitionRun
from streams.replay.roster_run import RosterRun
from streams.replay.source import Logs


@dataclass(slots=True)
class ReplayResult:
    """What came out, in order of time, then partition (the roster's words last), then the order decided."""

    records: list[OutRecord] = field(default_factory=list)
    inputs: Counter[tuple[str, str]] = field(default_factory=Counter)  # (topic, outcome)
    dead_letters: Counter[tuple[str, str]] = field(default_factory=Counter)  # (topic, reason)
    state_cells: int = 0


@dataclass(frozen=True, slots=True)
class RosterPlan:
    """A roster that answers while the replay runs: how its pipeline is built, and what is told of people."""

    build: Callable[[], Pipeline]
    people: Sequence[FileRecord] = ()


def replay(
    logs: Logs,
    build: Callable[[], Pipeline],
    policy: EnginePolicy,
    wall_ms: int,
    progress: Callable[[int], object] = bool,
    roster: RosterPlan | None = None,
    batch: int = BATCH,
) -> ReplayResult:
    """Replay all partitions. `wall_ms` stands in for the wall clock in the guard against far-future events.

    `policy.until_ms` is where time stops; `build` makes a fresh pipeline per partition. `progress` is told records applied. With a
    `roster` asks are answered as they come; without, answers are those in the logs. Nothing depends on `batch` but the memory it takes.
    """
    gathering = _Gathering(progress)
    if roster is None:
        for partition in sorted(logs):
            run = PartitionRun(PartitionTask(partition, build(), policy), logs[partition], policy.lookahead, batch, gathering.landed)
            run.advance(wall_ms)
            gathering.result.state_cells += run.task.cells
    else:
        asking = replace(policy, stops_at_asks=True, answer_patience_ms=1)
        runs = {
            p: PartitionRun(PartitionTask(p, build(), asking), logs[p], policy.lookahead, batch, gathering.landed) for p in sorted(logs)
        }
        last = len(logs)
        task = PartitionTask(0, roster.build(), roster_policy(policy))
        answering = RosterRun(task, roster.people, lambda commit: gathering.landed(last, commit))
        _together(runs, answering, policy.until_ms or 0, wall_ms)
        answering.commit()
        gathering.result.state_cells += sum(run.task.cells for run in runs.values()) + task.cells
    return gathering.finish()


def roster_policy(policy: EnginePolicy) -> EnginePolicy:
    """The engine's numbers for the roster beside tasks of this policy: one partition, and outputs on that of their account."""
    elsewhere = {ASSIGNMENTS: policy.partitions, "decisions": policy.partitions}
    return replace(
        policy,
        partitions=1,
        topics=roster_topics(),
        elsewhere=elsewhere,
        stops_at_asks=False,
        answer_patience_ms=0,
        usage_duplicates_ms=0,
        answers=None,
    )


def _together(runs: dict[int, PartitionRun], roster: RosterRun, until_ms: int, wall_ms: int) -> None:
    """Let the partition whose ask comes first be heard first: by time, then partition, then the order of asking.

    Each partition's time only grows, and each stands at its next ask or at its end: what is heard next is the earliest there will ever be.
    """
    for run in runs.values():
        run.advance(wall_ms)
    while True:
        asking = [(run.asked_ms, partition) for partition, run in runs.items() if run.asks]
        if asking:
            at_ms, partition = min(asking)
            asks, runs[partition].asks = runs[partition].asks, []
            said = roster.hear(asks, at_ms, wall_ms)
            going_on = {partition}
        else:
            at_ms = until_ms
            said = roster.hear((), at_ms, wall_ms)
            going_on = set()
            if not said:
                return
        for home in sorted({record.partition for record in said if record.partition is not None}):
            runs[home].answer([record for record in said if record.partition == home], at_ms)
            going_on.add(home)
        for number in sorted(going_on):
            if not runs[number].asks:
                runs[number].advance(wall_ms)


class _Gathering:
    """Collects the commits of all tasks."""

    def __init__(self, progress: Callable[[int], object]) -> None:
        self.result = ReplayResult()
        self._progress = progress
        self._timed: list[tuple[str, int, int, OutRecord]] = []

    def landed(self, task: int, commit: Commit) -> None:
        """One commit; `task` is its place among those of one time."""
        for record in commit.outputs:
            if not record.topic.endswith(".dlq"):
                self._timed.append((_time_of(record), task, len(self._timed), record))
        self.result.inputs.update(commit.tally.inputs)
        self.result.dead_letters.update(commit.tally.dead_letters)
        self._progress(commit.events)

    def finish(self) -> ReplayResult:
        """Everything, in order."""
        self._timed.sort(key=lambda entry: entry[:3])
        self.result.records = [entry[3] for entry in self._timed]
        return self.result


def _time_of(record: OutRecord) -> str:
    return next(value.decode() for name, value in record.headers if name == "ce_time")
