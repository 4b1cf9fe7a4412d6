"""Runs one partition task: queues in, slices of work, at most one transaction in flight."""

import asyncio
import math
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Protocol

import structlog

from streams.engine.batch import Batch
from streams.engine.poison import Resume
from streams.engine.progress import Progress
from streams.kafka.fetched import FetchedRange
from streams.kafka.kinds import TaskId
from streams.kafka.pauses import Pauses
from streams.kafka.reach import may_pass
from streams.kafka.sweep_pace import SWEPT_BYTES, SweepPace
from streams.kafka.task import Task
from streams.kafka.throttle import Throttle
from streams.kafka.time_guard import ClockWatch
from streams.kafka.transactions import Fenced, Writer
from streams.observe.metrics import Metrics
from streams.processing.moment import Mode
from streams.settings import Settings
from streams.time_guard import Trust

_TURN_S = 0.015  # how long one turn of a task should take: then the other tasks, the fetcher and the commits have theirs
_SLICE_MIN, _SLICE_MAX = 50, 2000  # records and deadlines per turn
_IDLE_S = 0.1  # deadlines are looked at this often when nothing arrives
_RESEEK_S = 2.0
_CATCH_UP_COMMITS = 25  # catching up, latency is no concern: commit rarely, within the same bounds on events and bytes

log = structlog.get_logger("playcall.task")


class Host(Protocol):
    """What a runner needs from the shell around it."""

    settings: Settings
    watch: ClockWatch
    metrics: Metrics
    throttle: Throttle
    sweep_pace: SweepPace

    def resumes(self, task_id: TaskId) -> Iterable[tuple[str, Resume]]: ...
    def hold(self, topic: str, partition: int) -> None: ...
    def release(self, topic: str, partition: int) -> None: ...
    def reseek(self, topic: str, partition: int, offset: int) -> None: ...
    async def ends(self, task_id: TaskId) -> dict[str, int]: ...
    async def lost(self, runner: "TaskRunner", problem: Fenced) -> None: ...
    def finished(self, runner: "TaskRunner") -> None: ...
    def fatal(self, problem: BaseException) -> None: ...


class TaskRunner:
    """Owns a recovered task and its producer until `stop`, or until it is fenced."""

    def __init__(self, task_id: TaskId, task: Task, writer: Writer, host: Host) -> None:
        self.id = task_id
        self.task = task
        self._writer = writer
        self._host = host
        settings = host.settings
        self._interval_s = settings.commit_interval_ms / 1000
        self._max_events = settings.commit_max_events
        self._max_bytes = settings.commit_max_bytes
        self._queue_high = max(8000, 4 * settings.lookahead)
        self._queue_low = self._queue_high // 2
        self._held: set[str] = set()
        self.pauses = Pauses(task.partition, self._hold)
        self._asked: dict[str, float] = {}  # when a seek back was asked for, monotonic seconds
        self._gap_since: dict[str, float] = {}
        self._wake = asyncio.Event()
        self._transaction = asyncio.Lock()
        self._committing: asyncio.Task[None] | None = None
        self._last_commit = 0.0
        self._running: asyncio.Task[None] | None = None
        self._stopping = False
        self._slice = _SLICE_MIN
        self._sweeping_since: float | None = None
        self._sweep_in_s: float | None = None  # when the next turn of a sweep may begin
        self._mode = task.mode
        self._mode_since = time.monotonic()
        self.commit_since = math.inf  # when the transaction in flight began, monotonic seconds
        self._told = task.progress()
        self.progress_at = time.monotonic()  # when work or a commit last got on, for health

    def start(self) -> None:
        """Begin to work. The task is recovered: what it says now is committed."""
        self.pauses.landed(self.task.paused, recovered=True)
        self.pauses.hold(self.task.paused)
        self.take_resumes()
        self._running = asyncio.create_task(self._guard(), name=f"task-{self.id.label}")

    # Input, called from the agents.

    def offer(self, topic: str, item: FetchedRange) -> None:
        """Queue a range; refused ranges are asked for again."""
        task = self.task
        if not task.offer(Batch(topic, item.start, item.end, item.records, item.read_up_to_ms, item.current_ms)):
            self._ask_again(topic)
            return
        self._asked.pop(topic, None)
        self._gap_since.pop(topic, None)
        if task.queued(topic) >= self._queue_high:
            self._hold(topic)
        self._wake.set()

    def silence(self, topic: str, item: FetchedRange) -> None:
        """Nothing lies beyond `item.end`. Counts only if everything before was accepted."""
        if item.start == self.task.expected(topic):
            self._gap_since.pop(topic, None)
            self.task.offer(Batch(topic, item.start, item.end, (), item.read_up_to_ms, item.current_ms))
            self._wake.set()
            return
        # A range before it may still be on its way through the stream; if it does not come, it was lost: read it again.
        if time.monotonic() - self._gap_since.setdefault(topic, time.monotonic()) > _RESEEK_S:
            del self._gap_since[topic]
            self._ask_again(topic)

    def take_resumes(self) -> None:
        """Tell the task who asked for which topic to be read on; it knows what is new."""
        for topic, asked in self._host.resumes(self.id):
            self.task.resume(topic, asked)
        self._wake.set()

    def progress(self) -> Progress:
        """What may be told to the other partitions: only what is committed, and that can be much later than what is applied."""
        if not self.task.pending and not self._transaction.locked():
            self._told = self.task.progress()
        return self._told

    @property
    def finished(self) -> bool:
        """A finite run's task has reached its end, and what it wrote for other tasks stands on the broker.

        Not while a transaction is on its way: the task knows nothing pending since it was prepared.
        """
        return self.task.finished and self._committing is None and not self._transaction.locked()

    def rearm(self) -> None:
        """A new generation: ranges asked for under the old one will not come."""
        self._asked.clear()
        self._gap_since.clear()

    # Commits.

    async def commit(self) -> None:
        """One transaction with everything since the last, and the cursor in any case. Raises `Fenced`."""
        async with self._transaction:
            live = self.task.mode is Mode.LIVE
            commit = self.task.prepare()
            paused = dict(self.task.paused)
            progress = self.task.progress()
            begun = time.monotonic()
            self._last_commit = begun
            self.commit_since = begun
            await self._writer.write(commit)
            self.commit_since = math.inf
            self.progress_at = time.monotonic()
            self.pauses.landed(paused)
            self._told = progress
            self._host.metrics.committed(commit, seconds=self.progress_at - begun, now_ms=self._host.watch.look()[0], live=live)

    async def settle(self) -> None:
        """Commit what is pending, after the transaction in flight. Raises `Fenced`."""
        await self._landed()
        if self.task.pending:
            await self.commit()

    async def stop(self, *, commit: bool) -> None:
        """End the loop after its slice; commit what is pending if asked and still possible; close the producer."""
        self._stopping = True
        self._wake.set()
        if self._running is not None:
            await asyncio.wait({self._running})
        with suppress(Fenced):
            await (self.settle() if commit else self._landed())
        for topic in self._held:
            self._host.release(topic, self.task.partition)
        async with self._transaction:  # one begun by a rebalance is ended, not dropped
            await self._writer.close()

    # The loop.

    async def _guard(self) -> None:
        try:
            await self._loop()
        except Fenced as problem:
            await self._host.lost(self, problem)
        except asyncio.CancelledError as problem:
            # Nobody here cancels a task that runs. To end without a word would leave the partition unread until health notices.
            if not self._stopping:
                self._host.fatal(problem)
            raise
        except Exception as problem:  # noqa: BLE001 whatever it is, going on would skip it
            self._host.fatal(problem)

    async def _loop(self) -> None:
        task = self.task
        while not self._stopping:
            self._collect()
            more = False
            self._sweep_in_s = None
            # One reading for the whole turn: a jump that comes after it is noticed by the next.
            now_ms, trust = self._host.watch.look()
            task.time_trusted = trust is Trust.TRUSTED
            # Between a jump and the broker's first answer not even events are applied: by a clock that slept through an hour,
            # good events would look as if they came from the future.
            if trust is not Trust.ASKING and not self._overfull():
                more = self._work(task, now_ms)
                self.pauses.hold(task.paused)
                if self._held:
                    self._release_drained()
                if not more and trust is Trust.TRUSTED and (task.sweeping or self._sweeping_since is not None):
                    self._sweep(task)
                if task.wants_ends:
                    more = await self._catch_up()
            if task.mode is not self._mode:
                self._tell_mode()
            if self._due():
                self._committing = asyncio.create_task(self.commit())
                self._committing.add_done_callback(lambda _: self._wake.set())
            if self.finished:
                self._host.finished(self)
            if more:
                await asyncio.sleep(0)
            else:
                await self._pause()

    async def _catch_up(self) -> bool:
        """Enter catching up; later if the ends cannot be had now."""
        try:
            ends = await self._host.ends(self.id)
        except Exception as problem:
            if may_pass(problem):
                return False
            raise
        self.task.catch_up(ends)
        return True

    def _work(self, task: Task, now_ms: int) -> bool:
        """One turn. Its size follows what the last one took: a day close costs a hundred times what a click does."""
        throttle = self._host.throttle
        if not throttle.active or task.mode is not Mode.CATCHING_UP:
            begun = time.monotonic()
            more = task.work(now_ms, self._slice)
            if more:
                fitting = int(self._slice * _TURN_S / max(time.monotonic() - begun, 1e-6))
                self._slice = max(_SLICE_MIN, min(_SLICE_MAX, fitting, 2 * self._slice))
            return more
        allowance = throttle.allowance(_SLICE_MAX)
        if allowance == 0:
            return False
        before = sum(task.queued(topic) for topic in task.topics)
        more = task.work(now_ms, allowance)
        throttle.spend(before - sum(task.queued(topic) for topic in task.topics))
        return more

    def _sweep(self, task: Task) -> None:
        """No event waits: let some accounts pass to the present library, if it is a partition's turn."""
        if self._sweeping_since is None:
            self._sweeping_since = time.monotonic()
            log.info("sweep begun: accounts pass to the present library", partition=self.id.label, accounts=task.sweep_remaining)
        pace = self._host.sweep_pace
        if task.pending_bytes >= SWEPT_BYTES:
            return  # the next transaction is long enough: an event that comes now would wait for all of it
        if pace.wait_s() <= 0:
            begun = time.thread_time()
            task.sweep(pace.accounts)
            pace.took(time.thread_time() - begun)
        if task.sweep_remaining == 0:
            took_s = round(time.monotonic() - self._sweeping_since, 3)
            log.info("sweep done", partition=self.id.label, seconds=took_s)
            self._sweeping_since = None
        else:
            self._sweep_in_s = pace.wait_s()

    def _tell_mode(self) -> None:
        """One line when the partition begins or ends to catch up, with how long it was the other way."""
        now = time.monotonic()
        event, before = ("live", "caught_up_after_s") if self.task.mode is Mode.LIVE else ("catching_up", "was_live_for_s")
        log.info(event, partition=self.id.label, **{before: round(now - self._mode_since, 1)})
        self._mode, self._mode_since = self.task.mode, now

    async def _landed(self) -> None:
        if self._committing is not None:
            await asyncio.wait({self._committing})
            self._collect()

    def _collect(self) -> None:
        if self._committing is not None and self._committing.done():
            self._committing.result()  # a failure stays, for whoever asks next: the loop must hear of it
            self._committing = None

    def _due(self) -> bool:
        task = self.task
        if self._committing is not None or self._transaction.locked():
            return False
        if self._host.watch.wants_answer():
            return True
        if not task.pending:
            return False
        if task.pending_events >= self._max_events or task.pending_bytes >= self._max_bytes:
            return True
        return time.monotonic() - self._last_commit >= self._every_s

    @property
    def _every_s(self) -> float:
        return self._interval_s * (_CATCH_UP_COMMITS if self.task.behind else 1)

    def _overfull(self) -> bool:
        """A transaction is in flight and the next is already as large as it may get."""
        task = self.task
        return self._committing is not None and (task.pending_events >= self._max_events or task.pending_bytes >= self._max_bytes)

    async def _pause(self) -> None:
        wait_s = _IDLE_S
        if self._committing is None and self.task.pending:
            wait_s = min(wait_s, max(0.001, self._last_commit + self._every_s - time.monotonic()))
        if self._sweep_in_s is not None:
            wait_s = min(wait_s, max(0.001, self._sweep_in_s))
        timer = asyncio.get_running_loop().call_later(wait_s, self._wake.set)
        await self._wake.wait()
        timer.cancel()
        self._wake.clear()

    def _hold(self, topic: str) -> None:
        if topic not in self._held:
            self._held.add(topic)
            self._host.hold(topic, self.task.partition)

    def _release_drained(self) -> None:
        for topic in list(self._held):
            if self.task.queued(topic) < self._queue_low and topic not in self.task.paused:
                self._held.discard(topic)
                self._host.release(topic, self.task.partition)

    def _ask_again(self, topic: str) -> None:
        now = time.monotonic()
        if now - self._asked.get(topic, -_RESEEK_S) >= _RESEEK_S:
            self._asked[topic] = now
            self._host.metrics.refused(topic)
            self._host.reseek(topic, self.task.partition, self.task.expected(topic))
