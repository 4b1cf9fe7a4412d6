"""Drives the engine over event files: the same engine and processors as live, without Kafka."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from schemas.records.wire import OutRecord
from streams.engine.batch import Batch
from streams.engine.pipeline import Pipeline
from streams.engine.policy import EnginePolicy
from streams.engine.task import PartitionTask
from streams.replay.source import Logs

_BATCH = 5000
_BUDGET = 5000


@dataclass(slots=True)
class ReplayResult:
    """What came out, in order of time, then partition, then the order decided."""

    records: list[OutRecord] = field(default_factory=list)
    inputs: Counter[tuple[str, str]] = field(default_factory=Counter)  # (topic, outcome)
    dead_letters: Counter[tuple[str, str]] = field(default_factory=Counter)  # (topic, reason)
    state_cells: int = 0


def replay(
    logs: Logs, build: Callable[[], Pipeline], policy: EnginePolicy, wall_ms: int, progress: Callable[[int], object] = bool
) -> ReplayResult:
    """Replay all partitions. `wall_ms` stands in for the wall clock in the guard against far-future events.

    `policy.until_ms` is where time stops; `build` makes a fresh pipeline per partition. `progress` is told records applied.
    """
    result = ReplayResult()
    timed: list[tuple[str, int, int, OutRecord]] = []
    for partition in sorted(logs):
        task = PartitionTask(partition, build(), policy)
        task.begin_at(dict.fromkeys(policy.topics, 0))
        ends = {topic: len(logs[partition].get(topic, ())) for topic in policy.topics}
        task.catch_up(ends)
        feeds = {topic: _batches(topic, logs, partition) for topic in policy.topics}
        sequence = 0
        while not task.finished:
            for topic, feed in feeds.items():
                while task.queued(topic) <= policy.lookahead + _BATCH and (batch := next(feed, None)) is not None:
                    task.offer(batch)
            while task.work(wall_ms, _BUDGET):
                pass
            commit = task.prepare()
            for record in commit.outputs:
                if not record.topic.endswith(".dlq"):
                    timed.append((_time_of(record), partition, sequence, record))
                    sequence += 1
            result.inputs.update(commit.tally.inputs)
            result.dead_letters.update(commit.tally.dead_letters)
            progress(commit.events)
        result.state_cells += task.cells
    timed.sort(key=lambda entry: entry[:3])
    result.records = [entry[3] for entry in timed]
    return result


def _batches(topic: str, logs: Logs, partition: int) -> Iterator[Batch]:
    log = logs[partition].get(topic, [])
    for start in range(0, len(log), _BATCH):
        records = log[start : start + _BATCH]
        yield Batch(topic, start, start + len(records), records)


def _time_of(record: OutRecord) -> str:
    return next(value.decode() for name, value in record.headers if name == "ce_time")
