"""The product's engine over a workload, without a broker: what the reference must agree with."""

from collections import Counter
from dataclasses import replace

from plays.suppression.policy import NOTHING
from schemas.decoding.record import FileRecord
from schemas.records.rekeyed import forwarded
from streams.cli.compose import load_configuration
from streams.engine.batch import Batch
from streams.engine.commit import Commit
from streams.engine.cursor import CURSOR_KEY
from streams.engine.policy import EnginePolicy
from streams.engine.task import PartitionTask
from tests.faults.log_io import Read
from tests.faults.seen import OUTPUTS, REKEYED, Seen
from tests.faults.workload import Workload, partition_of
from tests.oracle.log import TOPICS
from tests.oracle.reference_library import without_exits
from tests.oracle.reference_policy import ANSWERS

WALL_MS = 1_790_000_000_000  # long after the history
PIECE = 500


def run_engine(work: Workload, *, strays_first: bool = False) -> Seen:
    """All partitions, committed after every 500 records of a topic, as a worker might see them; then what was forwarded.

    With `strays_first` what is forwarded stands where it belongs before anything else is read, as it may with other workers.
    """
    configuration = load_configuration(only=("core",), alternatives=ANSWERS)
    configuration = replace(configuration, playbooks=without_exits(configuration.playbooks), suppression=NOTHING)
    seen = Seen(outputs={topic: [] for topic in OUTPUTS}, dead=Counter())
    sent: dict[int, list[FileRecord]] = {p: [] for p in range(work.partitions)}
    early = _strays(work) if strays_first else {p: [] for p in range(work.partitions)}
    tasks = []
    for partition in range(work.partitions):
        policy = EnginePolicy(partitions=work.partitions, topics=(*TOPICS, REKEYED), until_ms=work.until_ms, quiet=configuration.quiet())
        task = PartitionTask(partition, configuration.pipeline(), policy)
        tasks.append(task)
        logs = {topic: _log(work, topic, partition) for topic in TOPICS}
        task.begin_at(dict.fromkeys((*TOPICS, REKEYED), 0))
        task.catch_up({REKEYED: len(early[partition]), **{topic: len(log) for topic, log in logs.items()}})
        assert task.offer(Batch(REKEYED, 0, len(early[partition]), early[partition]))
        given = dict.fromkeys(TOPICS, 0)
        while not task.finished:
            for topic, log in logs.items():
                at = given[topic]
                if at < len(log) and task.queued(topic) <= policy.lookahead + PIECE:
                    records = log[at : at + PIECE]
                    assert task.offer(Batch(topic, at, at + len(records), records))
                    given[topic] = at + len(records)
            while task.work(WALL_MS):
                pass
            _take(seen, partition, task.prepare(), sent)
        seen.ends.update({(topic, partition): len(log) for topic, log in logs.items()})
    for partition, task in enumerate(tasks):
        known = len(early[partition])  # all that was forwarded, or nothing of it
        assert known in (0, len(sent[partition]))
        assert task.offer(Batch(REKEYED, known, len(sent[partition]), sent[partition][known:]))
        while not task.finished:
            while task.work(WALL_MS):
                pass
            _take(seen, partition, task.prepare(), {})
        seen.ends[REKEYED, partition] = len(sent[partition])
        seen.cursors[partition] = {"offsets": task.cursor, "counts": _nested(task.counts)}
    return seen


def _log(work: Workload, topic: str, partition: int) -> list[FileRecord]:
    here = [r for r in work.topics.get(topic, []) if r.partition == partition and r.fate != "aborted"]
    return [FileRecord(r.key, r.value, offset) for offset, r in enumerate(here)]


def _strays(work: Workload) -> dict[int, list[FileRecord]]:
    """What the workers forward, by the partition it belongs on."""
    found: dict[int, list[FileRecord]] = {p: [] for p in range(work.partitions)}
    for topic in TOPICS:
        placed: Counter[int] = Counter()
        for record in work.topics.get(topic, []):
            home = partition_of(record.key or b"", work.partitions)
            if record.fate in ("event", "stray") and record.partition != home:
                moved = forwarded(FileRecord(record.key, record.value, placed[record.partition]), topic, record.partition, home)
                found[home].append(FileRecord(moved.key, moved.value, len(found[home]), WALL_MS, moved.headers))
            placed[record.partition] += record.fate != "aborted"
    return found


def _take(seen: Seen, partition: int, commit: Commit, forwarded: dict[int, list[FileRecord]]) -> None:
    for record in commit.outputs:
        if record.topic == REKEYED:
            assert record.partition is not None
            log = forwarded[record.partition]
            log.append(FileRecord(record.key, record.value, len(log), WALL_MS, record.headers))
        elif record.topic in OUTPUTS:
            seen.outputs[record.topic].append(Read(partition, len(seen.outputs[record.topic]), record.key, record.value, 0))
        else:
            seen.dead[record.topic.removesuffix(".dlq")] += 1
    for key, value in commit.cells:
        if value is None:
            seen.state.pop((partition, key), None)
        elif key != CURSOR_KEY:
            seen.state[partition, key] = value


def _nested(counts: dict[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    nested: dict[str, dict[str, int]] = {}
    for (topic, outcome), count in counts.items():
        nested.setdefault(topic, {})[outcome] = count
    return nested
