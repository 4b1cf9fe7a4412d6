"""Without a broker: what the fault runs of the whole library take for granted of one thread."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from schemas.catalogue import ASSIGNMENTS, input_topics
from schemas.decoding.record import FileRecord
from schemas.records.wire import OutRecord
from streams.cli.compose import Configuration, load_configuration
from streams.engine.batch import Batch
from streams.engine.partition_cells import PARTITION_ACCOUNT
from streams.engine.policy import EnginePolicy
from streams.engine.task import PartitionTask
from streams.fleet.fleet import FleetSpec
from streams.fleet.span import DAY_MS
from streams.replay.run import ReplayResult, RosterPlan, replay
from streams.replay.source import Logs
from tests.faults.whole.policy import write_policy
from tests.faults.whole.rehearsal import Rehearsal
from tests.faults.whole.scenario import END
from tests.faults.whole.written import written

PARTITIONS = 2
SAID = ("triggers", "play-launches", "play-outcomes", "decisions", "health", "assignment-requests")


class Lived(NamedTuple):
    """A fleet's topics, and what a replay made of them with a roster that answers."""

    configuration: Configuration
    policy: EnginePolicy
    logs: Logs
    answered: ReplayResult


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    spec = FleetSpec(seed=7, accounts=12, days=60, end=END)
    go_live_ms, end_ms = spec.span.start_ms + 35 * DAY_MS, spec.span.end_ms
    folder: Path = tmp_path_factory.mktemp("whole")
    configuration = load_configuration(policy=write_policy(folder, go_live_ms + 12 * DAY_MS), only=("all",))
    work = written(Rehearsal(spec, configuration, go_live_ms, PARTITIONS).lines, Random(7), PARTITIONS, end_ms)
    logs: Logs = {p: {} for p in range(PARTITIONS)}
    for topic, planned in work.topics.items():
        for record in planned:
            if record.fate != "aborted":
                log = logs[record.partition].setdefault(topic, [])
                log.append(FileRecord(record.key, record.value, len(log), end_ms))
    topics = (*input_topics(), ASSIGNMENTS)
    policy = EnginePolicy(PARTITIONS, topics, go_live_ms=go_live_ms, until_ms=end_ms, quiet=configuration.quiet())
    answered = replay(logs, partial(configuration.pipeline, roster=True), policy, end_ms, roster=RosterPlan(configuration.roster_pipeline))
    for said in answered.records:
        if said.topic == ASSIGNMENTS:
            assert said.partition is not None
            log = logs[said.partition].setdefault(ASSIGNMENTS, [])
            log.append(FileRecord(said.key, said.value, len(log), end_ms, said.headers))
    return Lived(configuration, policy, logs, answered)


def test_recorded_answers_lead_to_what_the_roster_led_to(lived: Lived) -> None:
    recorded = replay(lived.logs, partial(lived.configuration.pipeline, roster=True), lived.policy, lived.policy.until_ms or 0)
    for topic in SAID:
        assert _of(recorded, topic) == _of(lived.answered, topic), topic
    assert len(_of(recorded, "play-launches")) > 100


def test_what_is_kept_is_the_same_bytes_however_often_it_was_committed_and_read_back(lived: Lived) -> None:
    for partition in range(PARTITIONS):
        whole = _state(lived, partition, budget=1 << 30, commits_each=1 << 30, restarts=False)
        assert _state(lived, partition, budget=700, commits_each=4, restarts=True) == whole


def _of(result: ReplayResult, topic: str) -> list[OutRecord]:
    return [record for record in result.records if record.topic == topic]


def _state(lived: Lived, partition: int, *, budget: int, commits_each: int, restarts: bool) -> Mapping[bytes, bytes]:
    """Cells of accounts at the end. Those of the partition itself are pieces by commit."""
    kept: dict[bytes, bytes] = {}
    task, turns = _restored(lived, partition, kept), 0
    while not task.until_reached:
        task.work(lived.policy.until_ms or 0, budget)
        turns += 1
        if turns % commits_each == 0:
            _commit(task, kept)
            if restarts:
                task = _restored(lived, partition, kept)
    _commit(task, kept)
    return {key: value for key, value in kept.items() if not key.startswith((b"\x00cursor", PARTITION_ACCOUNT.encode()))}


def _restored(lived: Lived, partition: int, kept: Mapping[bytes, bytes]) -> PartitionTask:
    logs = lived.logs[partition]
    task = PartitionTask(partition, lived.configuration.pipeline(roster=True), lived.policy)
    for key, value in kept.items():
        task.restore(key, value)
    task.recovered()
    task.begin_at(dict.fromkeys(task.topics, 0))
    task.catch_up({topic: len(logs.get(topic, ())) for topic in task.topics})
    for topic in task.topics:
        start, log = task.cursor[topic], logs.get(topic, [])
        task.offer(Batch(topic, start, len(log), log[start:]))
    return task


def _commit(task: PartitionTask, kept: dict[bytes, bytes]) -> None:
    for key, value in task.prepare().cells:
        if value is None:
            kept.pop(key, None)
        else:
            kept[key] = value
