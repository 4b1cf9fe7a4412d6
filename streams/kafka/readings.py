"""What health and metrics are told of the tasks that run."""

import time
from collections.abc import Mapping

from aiokafka import TopicPartition

from streams.kafka.kinds import TaskId
from streams.kafka.reach import Reach
from streams.kafka.runner import TaskRunner
from streams.observe.metrics import TaskReading
from streams.processing.moment import Mode


def reading_of(runner: TaskRunner, ends: Mapping[str, int | None], now_ms: int) -> TaskReading:
    """One task as it stands at `now_ms`; `ends` by logical topic as last seen, None where not seen yet."""
    task = runner.task
    cursor = task.cursor
    return TaskReading(
        runner.id.label,
        runner.id.partition,
        {topic: max(0, end - cursor[topic]) for topic, end in ends.items() if end is not None},
        max(0, now_ms - task.task_time_ms) / 1000,
        task.mode is Mode.CATCHING_UP,
        task.deadlines_pending,
        task.deadlines_overdue,
        task.cells,
        task.usage_horizon_ms / 1000,
        {topic: topic in runner.pauses.committed for topic in ends},
        {",".join(topics) or "any": accounts for topics, accounts in task.held.items()},
        task.sweep_remaining,
    )


def why_not_ready(runners: Mapping[TaskId, TaskRunner], reach: Reach) -> str | None:
    """Why running tasks take no full part; None: the broker answers, nothing is paused."""
    silent = reach.silent(time.monotonic())
    if silent is not None:
        part, seconds = silent
        assert isinstance(part, TopicPartition)
        return f"no answer from the broker for {seconds:.0f} s ({part.topic}:{part.partition})"
    paused = [text for _, runner in sorted(runners.items()) for text in runner.pauses.describe()]
    return f"paused: {'; '.join(paused)}" if paused else None
