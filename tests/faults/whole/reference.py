"""What one thread makes of the same topics: each partition read once from end to end by the task that replay drives, and never hurt."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from importlib.metadata import version as distribution_version

from schemas.catalogue import task_topics
from schemas.decoding.record import FileRecord
from schemas.records.wire import OutRecord
from streams.cli.compose import Configuration
from streams.cli.worker import engine_policy
from streams.clock import SystemClock
from streams.engine.batch import Batch
from streams.engine.cursor import CURSOR_KEY
from streams.engine.quarantine import Quarantine
from streams.engine.task import PartitionTask
from streams.settings import Settings
from tests.faults.log_io import Read, high_watermarks, read_committed


@dataclass
class Reference:
    """`outputs` in the order decided, partition by partition; `cells` as state has them; `inputs` by (topic, outcome)."""

    outputs: dict[str, list[OutRecord]] = field(default_factory=dict)
    cells: dict[tuple[int, bytes], bytes] = field(default_factory=dict)
    inputs: Counter[tuple[str, str]] = field(default_factory=Counter)


def read_alone(settings: Settings, configuration: Configuration) -> Reference:
    """Read what stands committed on the topics of a run, with the answers of its roster, which are taken as they are recorded."""
    assert settings.go_live_at is not None
    partitions = settings.partitions
    go_live_ms = round(settings.go_live_at.timestamp() * 1000)
    policy = engine_policy(settings, configuration, partitions, go_live_ms, Quarantine(), distribution_version("playcall"))
    logs, ends = asyncio.run(_logs(settings))
    reference = Reference()
    for partition in range(partitions):
        task = PartitionTask(partition, configuration.pipeline(roster=True), replace(policy, answer_patience_ms=0))
        task.begin_at(dict.fromkeys(task.topics, 0))
        task.catch_up({topic: ends[topic, partition] for topic in task.topics})
        for topic in task.topics:
            records = [FileRecord(r.key, r.value, r.offset, r.timestamp_ms, r.headers) for r in logs[topic] if r.partition == partition]
            assert task.offer(Batch(topic, 0, ends[topic, partition], records))
        while not task.until_reached:
            task.work(SystemClock().now_ms())
        commit = task.prepare()
        for record in commit.outputs:
            reference.outputs.setdefault(record.topic, []).append(record)
        reference.cells.update({(partition, key): value for key, value in commit.cells if value is not None and key != CURSOR_KEY})
        reference.inputs.update(commit.tally.inputs)
    return reference


async def _logs(settings: Settings) -> tuple[dict[str, list[Read]], dict[tuple[str, int], int]]:
    names = {settings.topic(topic): topic for topic in task_topics()}
    logs = {topic: await read_committed(settings.bootstrap, name) for name, topic in names.items()}
    ends = await high_watermarks(settings.bootstrap, names, settings.partitions)
    return logs, {(names[name], partition): end for (name, partition), end in ends.items()}
