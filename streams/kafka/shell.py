"""The tasks of this worker: who is recovering, who runs, and what a rebalance does to them."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, ProducerClosed
from faust.types import TP

from schemas.catalogue import BETWEEN_TASKS
from streams.clock import Clock
from streams.engine.poison import Resume
from streams.kafka.assignor import ByNumber
from streams.kafka.clients import Clients
from streams.kafka.fatal import Fatal, die
from streams.kafka.feed_exchange import FeedExchange
from streams.kafka.fetched import FetchedRange
from streams.kafka.finish_line import FinishLine
from streams.kafka.kinds import ACCOUNT, Kinds, TaskId
from streams.kafka.log_reading import Bounds
from streams.kafka.lost_topics import LostTopics
from streams.kafka.pauses import report_dead_letters
from streams.kafka.readings import reading_of, why_not_ready
from streams.kafka.recoveries import Recoveries
from streams.kafka.recovery import Recovered
from streams.kafka.resumes import Resumes
from streams.kafka.runner import TaskRunner
from streams.kafka.sweep_pace import SweepPace
from streams.kafka.task import Task, TaskFactory
from streams.kafka.throttle import Throttle
from streams.kafka.time_guard import ClockWatch
from streams.kafka.topic_watch import TopicWatch
from streams.kafka.transactions import Fenced, Unsettled, Writer
from streams.observe.metrics import Metrics, TaskReading
from streams.settings import Settings
from streams.time_guard import Trust

_PAUSED_LOOK_S = 2.0
_SLOW_COMMIT_S = 10.0
_REVOKE_COMMIT_S = 2.0  # a courtesy to the next owner; the group waits for us meanwhile

log = structlog.get_logger("playcall.shell")


class Shell:
    """Everything the Faust app delegates to. Lives in the main loop; the consumer thread only reads `clock`."""

    def __init__(
        self, settings: Settings, clock: Clock, kinds: Kinds, factories: Mapping[str, TaskFactory], metrics: Metrics,
        output: Callable[[str], str] | None = None, revision: int = 0,
    ) -> None:  # fmt: skip
        self.settings = settings
        self.clock = clock
        self.watch = ClockWatch(clock)
        self.metrics = metrics
        self.throttle = Throttle(settings.catch_up_rate)
        self.sweep_pace = SweepPace()
        self.assignor = ByNumber(revision)
        self.kinds = kinds
        self.inputs = kinds.inputs  # logical -> on the broker
        output = output or settings.topic
        self._clients = Clients(settings)
        self._bounds = Bounds(self._clients)
        self._admin: AIOKafkaAdminClient = self._clients.admin()
        between = [name for topic, name in self.inputs.items() if topic in BETWEEN_TASKS]
        self._finish_line = FinishLine(self._bounds, self._admin, settings.app_id, between, settings.session_timeout_ms)
        self._finishing: asyncio.Task[None] | None = None
        self._recoveries = Recoveries(settings, kinds, factories, self._clients, self._bounds, self._admin, output, clock, self)
        self._owned: frozenset[TaskId] = frozenset()
        self._confirmed: int | None = None  # the generation that `_owned` belongs to
        self._following: list[asyncio.Task[None]] = []
        self._incomplete = False  # a partition number came without some of its topics
        self._background: set[asyncio.Task[Any]] = set()
        self._resumes = Resumes(settings.app_id)
        self._exchange = FeedExchange(self._clients, output("feeds"), settings.app_id, self._resumes)
        self._waiting: dict[tuple[str, int], int] = {}  # ends of paused topics, which are not fetched
        self.runners: dict[TaskId, TaskRunner] = {}
        self.app: Any = None  # the Faust app, once built
        self.done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.fetched_at = time.monotonic()

    async def start(self) -> None:
        """Connect what recoveries need."""
        await self._bounds.start()
        await self._admin.start()
        await self._exchange.start()
        self._following = [asyncio.create_task(work) for work in (self._follow_feeds(), self._tell_progress(), self._look_at_paused())]

    async def stop(self) -> None:
        """Commit what is pending and let go of everything. The group is left by stopping the app."""
        if self._finishing is not None:
            self._finishing.cancel()
        for task in self._following:
            task.cancel()
        await asyncio.gather(self._recoveries.stop(), *self._following, return_exceptions=True)
        await asyncio.gather(*(runner.stop(commit=True) for runner in self.runners.values()))
        self.runners.clear()
        await self._exchange.stop()
        await self._bounds.stop()
        await self._admin.close()

    async def watch_topics(self, topics: Iterable[str]) -> None:
        """Ends the process when a topic (name on the broker) is no longer what it was at the start."""
        lost = LostTopics(self._admin, topics, lambda: self._stands_still, self.fatal)
        await asyncio.gather(TopicWatch(self._admin, topics, self.settings.topic_watch_s, self.fatal).run(), lost.run())

    # Called by the transport.

    def new_group_consumer(self, assignor: ByNumber) -> AIOKafkaConsumer:
        """Runs in the consumer thread."""
        return self._clients.group(assignor, self._name_taken)

    def _name_taken(self) -> None:
        if not self.done.done():
            die(
                Fatal(
                    f"another worker has joined {self.settings.app_id} with the instance_id {self.settings.instance_id} of this one",
                    "It has taken over, this one ends. If both were meant to run, give each an instance_id of its own (the pod's name)",
                )
            )

    def fetch_round(self) -> None:
        """The fetcher came round: it is alive."""
        self.fetched_at = time.monotonic()

    def accept(self, item: FetchedRange) -> None:
        """A fetched range, from an agent."""
        runner = self.runners.get(self.kinds.task_of(item.topic, item.partition))
        if runner is not None:
            runner.offer(self.kinds.logical(item.topic), item)

    def silence(self, items: Iterable[FetchedRange]) -> None:
        """Partitions with nothing beyond their position."""
        for item in items:
            runner = self.runners.get(self.kinds.task_of(item.topic, item.partition))
            if runner is not None:
                runner.silence(self.kinds.logical(item.topic), item)

    async def place_ready_tasks(self) -> dict[TP, int]:
        """After a rebalance: put every partition of a running task where its queue ends."""
        offsets: dict[tuple[str, int], int] = {}
        for runner in self.runners.values():
            offsets.update(self._positions(runner))
        placed = await self._in_thread(self._thread.place, offsets)
        return {TP(topic, partition): offsets[topic, partition] for topic, partition in placed}

    # Rebalances, by Faust's signals.

    async def on_revoked(self) -> None:
        """Give the next owner as much as possible; nothing depends on it."""
        commits = [asyncio.ensure_future(self._settle(runner)) for runner in self.runners.values()]
        if commits:
            await asyncio.wait(commits, timeout=_REVOKE_COMMIT_S)  # not cancelled: a transaction is ended, not dropped

    async def on_assigned(self) -> None:
        """Keep what is provably still ours, drop the rest, recover what is new."""
        generation = self.app.consumer_generation_id
        self._owned, self._incomplete = self.kinds.owned(self.app.consumer.assignment())
        self._confirmed = generation
        for task_id in self._recoveries.under_way - self._owned:
            self._recoveries.cancel(task_id)
        gone = [self.runners.pop(task_id) for task_id in list(self.runners) if task_id not in self._owned]
        await asyncio.gather(*(self._prove(runner) for runner in list(self.runners.values())), *(r.stop(commit=False) for r in gone))
        for task_id in sorted(self._owned - set(self.runners)):
            self._recoveries.begin(task_id)
        log.info(
            "assigned",
            generation=generation,
            partitions=_partitions(self._owned),
            warm=_partitions(self.runners),
            recovering=_partitions(self._recoveries.under_way),
            others=[task_id.label for task_id in sorted(self._owned) if task_id.kind != ACCOUNT],
        )

    async def _prove(self, runner: TaskRunner) -> None:
        """State kept warm is valid only while its producer is unfenced: rewrite the cursor to prove it."""
        if self.done.done():
            return
        runner.rearm()
        try:
            await runner.commit()
        except Fenced as problem:
            if self.runners.get(runner.id) is runner:
                del self.runners[runner.id]
            if not isinstance(problem, Unsettled):
                self.metrics.fenced()
            await runner.stop(commit=False)
        except Exception as problem:  # noqa: BLE001 the outcome of the transaction is unknown
            self._unless_stopping(problem)

    # What recoveries ask for.

    def is_ours(self, task_id: TaskId) -> bool:
        """Whether the present generation says so."""
        return task_id in self._owned and self._confirmed == self.app.consumer_generation_id and not self.done.done()

    def wants(self, task_id: TaskId) -> bool:
        """Whether it ought to run here and does not."""
        return task_id in self._owned and task_id not in self.runners and not self.done.done()

    async def adopt(self, task_id: TaskId, task: Task, writer: Writer, figures: Recovered) -> None:
        """Run a recovered task."""
        runner = self.runners[task_id] = TaskRunner(task_id, task, writer, self)
        self.metrics.recovered(figures.seconds, figures.records)
        seconds = round(figures.seconds, 3)
        log.info("recovered", partition=task_id.label, records=figures.records, seconds=seconds, mode=task.mode.value)
        if task_id.kind == ACCOUNT:
            self._exchange.inform(task)
        runner.start()
        await self._in_thread(self._thread.place, self._positions(runner))

    async def forget(self, task_id: TaskId, problem: Fenced) -> None:
        """Another owner has it, or its producer was given up: the group tells who goes on."""
        if not isinstance(problem, Unsettled):
            self.metrics.fenced()
        self._owned -= {task_id}
        await self._in_thread(self._thread.rejoin)

    # What runners ask for.

    def resumes(self, task_id: TaskId) -> Iterable[tuple[str, Resume]]:
        """Who asked for a topic of the task to be read on, as far as known."""
        names = self.kinds.names(task_id.kind)
        return [(topic, asked) for topic, asked in self._resumes.of(task_id.partition) if topic in names]

    def hold(self, topic: str, partition: int) -> None:
        """Stop fetching a partition whose queue is full."""
        self._thread.hold(self.inputs[topic], partition)

    def release(self, topic: str, partition: int) -> None:
        """Fetch it again."""
        self._thread.release(self.inputs[topic], partition)

    def reseek(self, topic: str, partition: int, offset: int) -> None:
        """Read again from the position a task needs."""
        self._spawn(self._in_thread(self._thread.place, {(self.inputs[topic], partition): offset}))

    async def ends(self, task_id: TaskId) -> dict[str, int]:
        """High watermarks by logical topic."""
        return await self._recoveries.ends(task_id)

    async def lost(self, runner: TaskRunner, problem: Fenced) -> None:
        """Somebody else has the partition, or a transaction was given up by the coordinator or the broker. The group knows whose it is."""
        name = "interrupted" if isinstance(problem, Unsettled) else "fenced"
        log.warning(name, partition=runner.id.label, problem=str(problem))
        if self.runners.get(runner.id) is runner:
            del self.runners[runner.id]
        self._spawn(runner.stop(commit=False))
        await self.forget(runner.id, problem)

    def finished(self, runner: TaskRunner) -> None:  # noqa: ARG002 one done task asks whether all are
        """A finite run is over when every owned task is done and committed, and nothing that tasks wrote for others is left unread."""
        if self._all_finished and self._finishing is None:
            self._finishing = asyncio.create_task(self._finish())

    @property
    def _all_finished(self) -> bool:
        return bool(self._owned) and set(self.runners) == self._owned and all(r.finished for r in self.runners.values())

    async def _finish(self) -> None:
        try:
            owned = self._owned
            if await self._finish_line.reached(self._read_between_tasks()) and self._all_finished and owned == self._owned:
                self._report_dead_letters()
                self.request_stop(0)
        except KafkaError:
            log.warning("cannot see whether the run is over; asking again")
        except Exception as problem:  # noqa: BLE001 a finite run that cannot tell its end must not go on for ever
            self.fatal(problem)
        finally:
            self._finishing = None

    def _read_between_tasks(self) -> dict[tuple[str, int], int]:
        """Where the next range starts of what other tasks write, by name on the broker and partition."""
        return {
            (self.inputs[topic], task_id.partition): runner.task.expected(topic)
            for task_id, runner in self.runners.items()
            for topic in self.kinds.names(task_id.kind)
            if topic in BETWEEN_TASKS
        }

    def _report_dead_letters(self) -> None:
        counts: Counter[tuple[str, str]] = Counter()
        for runner in self.runners.values():
            counts.update(runner.task.counts)
        report_dead_letters(counts)

    def request_stop(self, code: int) -> None:
        """Ask the worker to end in good order."""
        if not self.done.done():
            self.done.set_result(code)

    def fatal(self, problem: BaseException | None) -> None:
        """End the process now, with the reason."""
        die(problem or RuntimeError("unknown"))

    # What health and metrics look at.

    def readings(self) -> Iterator[tuple[TaskRunner, TaskReading]]:
        """The tasks as they stand."""
        now_ms, _ = self.watch.look()
        for task_id, runner in sorted(self.runners.items()):
            paused, partition = runner.pauses.committed, task_id.partition
            ends = {
                topic: self._waiting.get((topic, partition)) if topic in paused else self._thread.high_watermark(name, partition)
                for topic, name in self.kinds.names(task_id.kind).items()
            }
            yield runner, reading_of(runner, ends, now_ms)

    def feeds_heard(self) -> Iterator[tuple[str, str, float]]:
        """(topic, source, event time in seconds) of every feed, the latest over all partitions."""
        for (topic, source), time_ms in sorted(self._exchange.heard().items()):
            yield topic, source, time_ms / 1000

    @property
    def clock_in_doubt(self) -> bool:
        """Whether deadlines are held because of the clock."""
        return self.watch.look()[1] is not Trust.TRUSTED

    @property
    def not_ready(self) -> str | None:
        """Why this worker takes no full part; None: assigned (if only to nothing), recovered, the broker answers, nothing is paused."""
        settled = self._confirmed is not None and self._confirmed == self.app.consumer_generation_id
        if not settled or self.app.rebalancing or set(self.runners) != self._owned:
            return "recovering or rebalancing"
        return why_not_ready(self.runners, self._thread.reach)

    @property
    def _stands_still(self) -> bool:
        """Something waits for a broker's answer longer than it should: a topic may be gone."""
        now = time.monotonic()
        slow = any(now - runner.commit_since > _SLOW_COMMIT_S for runner in self.runners.values())
        return slow or self._incomplete or bool(self._recoveries.under_way) or self._thread.reach.silent(now) is not None

    # Inside.

    async def _follow_feeds(self) -> None:
        def changed() -> None:
            for task_id, runner in self.runners.items():
                if task_id.kind == ACCOUNT:
                    self._exchange.inform(runner.task)
                runner.take_resumes()

        try:
            await self._exchange.follow(changed)
        except Exception as problem:  # noqa: BLE001 a worker that cannot be told to read on is not to be left so
            self.fatal(problem)

    async def _tell_progress(self) -> None:
        """Every few seconds, to all workers: what the partitions of the accounts here have read and heard."""
        while True:
            now_ms, _ = self.watch.look()
            with suppress(KafkaError):  # an unreachable broker is noticed elsewhere; the next report says the same
                told = {task_id.partition: runner.progress() for task_id, runner in self.runners.items() if task_id.kind == ACCOUNT}
                await self._exchange.tell(told, now_ms)
            await asyncio.sleep(self.settings.feeds_interval_s)

    async def _look_at_paused(self) -> None:
        """Where paused topics end by now: how much waits is seen in the lag."""
        while True:
            for task_id, runner in list(self.runners.items()):
                if runner.pauses.committed:
                    with suppress(KafkaError):  # the next look will do
                        ends = await self.ends(task_id)
                        self._waiting |= {(topic, task_id.partition): ends[topic] for topic in runner.pauses.committed}
            await asyncio.sleep(_PAUSED_LOOK_S)

    @property
    def _thread(self) -> Any:
        return self.app.consumer._thread

    async def _in_thread(self, method: Any, *args: Any) -> Any:
        return await self._thread.call_thread(method, *args)

    def _positions(self, runner: TaskRunner) -> dict[tuple[str, int], int]:
        task, names = runner.task, self.kinds.names(runner.id.kind)
        return {(name, task.partition): task.expected(topic) for topic, name in names.items()}

    async def _settle(self, runner: TaskRunner) -> None:
        try:
            await runner.settle()
        except Fenced:
            return
        except Exception as problem:  # noqa: BLE001 the outcome of the transaction is unknown
            self._unless_stopping(problem)

    def _unless_stopping(self, problem: Exception) -> None:
        """A rebalance that overtakes an orderly stop finds producers closed: their last commits are done."""
        if not (self.done.done() and isinstance(problem, ProducerClosed)):
            self.fatal(problem)

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def _partitions(tasks: Iterable[TaskId]) -> list[int]:
    """Of the accounts."""
    return sorted(task.partition for task in tasks if task.kind == ACCOUNT)
