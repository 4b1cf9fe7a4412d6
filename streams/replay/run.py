"""Drives the engine over event files: the same engine and processors as live, without Kafka."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush

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


Keep = Callable[[int, Sequence[tuple[bytes, bytes | None]]], object]
"""Is given what every commit writes to `state`: the number of the task's partition, that of the roster one above them all; the records."""


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
    keep: Keep | None = None,
) -> ReplayResult:
    """Replay all partitions. `wall_ms` stands in for the wall clock in the guard against far-future events.

    `policy.until_ms` is where time stops; `build` makes a fresh pipeline per partition. `progress` is told records applied. With a
    `roster` asks are answered as they come; without, answers are those in the logs. Nothing depends on `batch` but the memory it takes.
    """
    gathering = _Gathering(progress, keep)
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
        task = PartitionTask(0, roster.build(), policy.of_roster())
        answering = RosterRun(task, roster.people, lambda commit: gathering.landed(last, commit))
        together(runs, answering, policy.until_ms or 0, wall_ms)
        answering.commit()
        gathering.result.state_cells += sum(run.task.cells for run in runs.values()) + task.cells
    return gathering.finish()


def together(runs: Mapping[int, PartitionRun], roster: RosterRun, until_ms: int, wall_ms: int) -> None:
    """Let what is said first be heard first: by time, then partition, then the order of saying.

    Each partition's time only grows, and each stands at its next question or at its end: the first of these questions, and whatever was
    said before it, is the earliest there will ever be.
    """
    words: list[tuple[int, int, int, OutRecord]] = []
    count = 0
    going_on = sorted(runs)
    while True:
        for number in going_on:
            run = runs[number]
            run.advance(wall_ms)
            for at_ms, record in run.said:
                heappush(words, (at_ms, number, count, record))
                count += 1
            run.said = []
        asking = min(((run.asked_ms, number) for number, run in runs.items() if run.asked_ms is not None), default=None)
        heard: list[tuple[int, OutRecord]] = []
        while words and (asking is None or words[0][:2] <= asking):
            at_ms, _, _, record = heappop(words)
            heard.append((at_ms, record))
        at_ms = until_ms if asking is None else asking[0]
        said = roster.hear(heard, at_ms, wall_ms)
        homes = sorted({record.partition for record in said if record.partition is not None})
        for home in homes:
            runs[home].answer([record for record in said if record.partition == home], at_ms)
        if asking is None and not homes:
            return
        waiting = {number for number, run in runs.items() if run.asked_ms is not None and (asking is None or number != asking[1])}
        going_on = [number for number in sorted({*homes, *(() if asking is None else (asking[1],))}) if number not in waiting]


class _Gathering:
    """Collects the commits of all tasks."""

    def __init__(self, progress: Callable[[int], object], keep: Keep | None) -> None:
        self.result = ReplayResult()
        self._keep = keep
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
        if self._keep is not None:
            self._keep(task, commit.cells)

    def finish(self) -> ReplayResult:
        """Everything, in order."""
        self._timed.sort(key=lambda entry: entry[:3])
        self.result.records = [entry[3] for entry in self._timed]
        return self.result


def _time_of(record: OutRecord) -> str:
    return next(value.decode() for name, value in record.headers if name == "ce_time")
