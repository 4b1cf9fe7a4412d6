"""When the task of a finite run counts as done: not before what it wrote for other tasks stands on the broker."""

import asyncio
from collections.abc import Iterable

import orjson

from schemas.decoding.record import FileRecord
from schemas.records.rekeyed import REKEYED
from streams.clock import SystemClock
from streams.engine.batch import Batch
from streams.engine.commit import Commit
from streams.engine.pipeline import Pipeline
from streams.engine.poison import Resume
from streams.engine.policy import EnginePolicy
from streams.engine.task import PartitionTask
from streams.kafka.kinds import ACCOUNT, TaskId
from streams.kafka.runner import TaskRunner
from streams.kafka.sweep_pace import SweepPace
from streams.kafka.throttle import Throttle
from streams.kafka.time_guard import ClockWatch
from streams.kafka.transactions import Fenced, Writer
from streams.observe.metrics import Metrics
from streams.settings import Settings
from tests.faults.workload import partition_of

UNTIL_MS = 1_750_000_000_000
TOPICS = ("tickets", REKEYED)


class SlowBroker(Writer):
    """Takes a commit, and answers when it is told to."""

    def __init__(self) -> None:
        self.taken: asyncio.Queue[Commit] = asyncio.Queue()
        self.answers: asyncio.Queue[Exception | None] = asyncio.Queue()

    async def write(self, commit: Commit) -> None:
        self.taken.put_nowait(commit)
        problem = await self.answers.get()
        if problem is not None:
            raise problem

    async def close(self) -> None:
        pass


class Around:
    """The shell around one runner."""

    def __init__(self) -> None:
        self.settings = Settings(bootstrap="127.0.0.1:9092", app_id="playcall", commit_interval_ms=1)
        self.watch = ClockWatch(SystemClock())
        self.metrics = Metrics("0")
        self.throttle = Throttle(0)
        self.sweep_pace = SweepPace()
        self.told_finished = asyncio.Event()
        self.told_lost = asyncio.Event()

    def resumes(self, task_id: TaskId) -> Iterable[tuple[str, Resume]]:
        return ()

    def hold(self, topic: str, partition: int) -> None:
        pass

    def release(self, topic: str, partition: int) -> None:
        pass

    def reseek(self, topic: str, partition: int, offset: int) -> None:
        raise AssertionError(f"nothing of {topic} was lost")

    async def ends(self, task_id: TaskId) -> dict[str, int]:
        raise AssertionError("it knows the ends")

    async def lost(self, runner: TaskRunner, problem: Fenced) -> None:
        self.told_lost.set()

    def finished(self, runner: TaskRunner) -> None:
        self.told_finished.set()

    def fatal(self, problem: BaseException) -> None:
        raise problem


def started() -> tuple[TaskRunner, SlowBroker, Around]:
    """A runner whose task has met the one record of its log, which belongs on the other partition."""
    away = 1 - partition_of(b"acme", 2)
    task = PartitionTask(away, Pipeline([], None), EnginePolicy(partitions=2, topics=TOPICS, until_ms=UNTIL_MS))
    task.recovered()
    task.begin_at(dict.fromkeys(TOPICS, 0))
    task.catch_up({"tickets": 1, REKEYED: 0})
    stray = {
        "event_id": "e1", "type": "ticket.created", "account_id": "acme", "occurred_at": "2025-06-01T09:00:00Z", "source": "desk",
        "ticket_id": "t1", "priority": "P2",
    }  # fmt: skip
    assert task.offer(Batch("tickets", 0, 1, [FileRecord(b"acme", orjson.dumps(stray), 0)]))
    broker, around = SlowBroker(), Around()
    runner = TaskRunner(TaskId(ACCOUNT, away), task, broker, around)
    runner.start()
    return runner, broker, around


async def forwarded(broker: SlowBroker) -> Commit:
    """The first commit with something for the other partition; those before it are answered."""
    while True:
        commit = await asyncio.wait_for(broker.taken.get(), 10)
        if any(record.topic == REKEYED for record in commit.outputs):
            return commit
        broker.answers.put_nowait(None)


def done(runner: TaskRunner) -> bool:
    """As it stands now: mypy takes what was asserted before for granted."""
    return runner.finished


async def test_a_task_is_not_done_while_what_it_forwards_is_on_its_way() -> None:
    runner, broker, around = started()
    await forwarded(broker)
    assert runner.task.finished
    await asyncio.sleep(0.3)  # turns of an idle runner
    assert not done(runner)
    assert not around.told_finished.is_set()

    broker.answers.put_nowait(None)
    await asyncio.wait_for(around.told_finished.wait(), 10)
    assert done(runner)
    await runner.stop(commit=False)


async def test_a_task_whose_last_commit_failed_is_lost_and_never_done() -> None:
    runner, broker, around = started()
    await forwarded(broker)
    broker.answers.put_nowait(Fenced("another owner"))
    await asyncio.wait_for(around.told_lost.wait(), 10)
    assert not done(runner)
    assert not around.told_finished.is_set()
