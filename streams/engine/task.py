"""The partition task without I/O: offered batches in, commits out."""

import struct
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from schemas.catalogue import BETWEEN_TASKS
from schemas.records.wire import OutRecord
from streams.engine.agenda import NEVER
from streams.engine.application import Application
from streams.engine.batch import Batch
from streams.engine.catching_up import CatchingUp
from streams.engine.commit import Commit
from streams.engine.cursor import CURSOR_KEY, Cursor
from streams.engine.deadlines import DEADLINES
from streams.engine.duplicates import SEEN
from streams.engine.errors import StateError
from streams.engine.feeds import FeedBook
from streams.engine.intake import take_in
from streams.engine.live import advance_live
from streams.engine.logs import Logs
from streams.engine.pipeline import Pipeline
from streams.engine.poison import Pause, Resume
from streams.engine.policy import EnginePolicy
from streams.engine.progress import Progress, Report, strayed_up_to
from streams.engine.store import SEPARATOR
from streams.engine.sweep import SWEPT
from streams.engine.topic_queue import TopicQueue
from streams.engine.usage_duplicates import forget_all
from streams.engine.versions import CellVersions, check_revision
from streams.processing.moment import Mode
from streams.processing.proof import Topics


class PartitionTask:
    """Everything that happens to one partition number of the account-keyed topics.

    Life: `restore` each record of `state`, `recovered`, `begin_at` for topics without a position, `catch_up`; then `offer`
    batches and call `work`; whenever `pending`, `prepare` a commit and write it in one transaction. Not thread-safe.
    """

    def __init__(self, partition: int, pipeline: Pipeline, policy: EnginePolicy) -> None:
        self.partition = partition
        self.topics = policy.topics
        self.mode = Mode.CATCHING_UP
        self.task_time_ms = 0
        self.wants_ends = False
        self.time_trusted = True  # False: the wall clock is in doubt, and no deadline may fire by it
        self.pending_events = 0
        self.logs = Logs()
        self._aside = policy.quarantine.accounts
        self._policy = policy
        self._pipeline = pipeline
        self._application = Application(pipeline, policy)
        self._catching_up: CatchingUp | None = None
        self._queues: dict[str, TopicQueue] = {}
        self._order: dict[str, TopicQueue] = {}  # in merge order
        self._restored: Cursor | None = None
        self._versions = CellVersions()
        self._cursor_dirty = False
        self._until_ms = policy.until_ms
        self._until_reached = False
        self._counted: Counter[tuple[str, str]] = Counter()
        self._committed: dict[str, int] = {}

    # Recovery.

    def restore(self, key: bytes, value: bytes | None) -> None:
        """Take one record of `state`, in log order."""
        if key == CURSOR_KEY:
            self._restored = None if value is None else Cursor.decode(value)
            return
        try:
            self._application.store.restore(key, value)
            if value and (not self._aside or key.rpartition(SEPARATOR)[0].decode() not in self._aside):
                self._versions.see(key, value)
        except UnicodeDecodeError as problem:
            raise StateError(
                f"the state topic holds the key {key[:60]!r}, which is none of ours: something else writes there; stop it, and restore "
                "the topic"
            ) from problem

    def recovered(self) -> None:
        """All of `state` is read: verify it against the cursor. Raises StateError with the remedy."""
        store, cursor = self._application.store, self._restored
        if cursor is None:
            if store.count:
                raise StateError(
                    f"partition {self.partition} of the state topic holds {store.count} cells but no cursor: "
                    "it was cut or written by something else; restore it, or delete the topic and start with another app_id"
                )
            self._plan_by_library(None)
            return
        if (store.count, store.sum) != (cursor.cells, cursor.sum):
            raise StateError(
                f"partition {self.partition} of the state topic holds {store.count} cells with sum {store.sum:016x}, its cursor says "
                f"{cursor.cells} and {cursor.sum:016x}: records are missing or foreign; check cleanup.policy=compact, restore the topic"
            )
        check_revision(cursor.revision, self._pipeline.library.revision, self.partition, allow_rollback=self._policy.allow_rollback)
        self._versions.check((*self._pipeline.cells, DEADLINES, SEEN, SWEPT), self.partition)
        self.task_time_ms = cursor.task_time_ms
        self.logs = cursor.logs
        for topic, counts in cursor.counts.items():
            self._application.counts[topic].update(counts)
            self._counted.update({(topic, outcome): n for outcome, n in counts.items()})
        self._application.strays.restore(cursor.strays)
        for topic, offset in cursor.offsets.items():
            self._add_topic(topic, offset)
        self._committed = dict(cursor.offsets)
        self._application.feeds.restore(cursor.feeds)
        self._application.few = None if cursor.few is None else set(cursor.few)
        self._application.deadlines.rebuild()
        try:
            if self._application.usage is None:
                forget_all(self._application.store.partition)
            else:
                self._application.usage.recovered()
            self._plan_by_library(cursor)
        except (struct.error, msgspec.MsgspecError, ValueError, IndexError) as problem:
            raise StateError(
                f"a cell of partition {self.partition} itself (duplicates, library) is damaged ({type(problem).__name__}: {problem}): "
                "restore the state topic"
            ) from problem
        self._application.poison.restore(cursor.poison)
        self._application.asks.restore(cursor.unanswered)
        for topic in self.paused:
            if topic in self._queues:
                self._queues[topic].paused = True

    def belongs_to(self, logs: Logs) -> None:
        """These are the logs that positions speak of; it goes into the next commit."""
        self.logs = self.logs.updated(logs)
        self._cursor_dirty = True

    def forget(self, topic: str) -> None:
        """The topic's log is another one: what is known of its offsets means nothing. `begin_at` gives it a new position."""
        self._queues.pop(topic, None)
        self._application.poison.forget(topic)

    def _plan_by_library(self, cursor: Cursor | None) -> None:
        if self._pipeline.planners:
            revision, position = (None, None) if cursor is None else (cursor.revision, cursor.sweep)
            self._application.sweep.recover(revision, position)
            self._cursor_dirty = True

    def begin_at(self, offsets: Mapping[str, int]) -> None:
        """First offsets of topics the cursor does not know; they go into a commit before any input."""
        for topic, offset in offsets.items():
            if topic not in self._queues:
                self._add_topic(topic, offset)
                self._cursor_dirty = True

    def catch_up(self, ends: Mapping[str, int]) -> None:
        """Enter catching up: `ends` are the high watermarks of all topics, whether readable yet or not."""
        missing = [topic for topic in self.topics if topic not in self._queues or topic not in ends]
        if missing:
            raise StateError(f"partition {self.partition} cannot start: no position for {', '.join(missing)}")
        self._order = {topic: self._queues[topic] for topic in self.topics}
        self._catching_up = CatchingUp(self._application, self.partition, self._order, ends)
        self._set_mode(Mode.CATCHING_UP)
        self.wants_ends = False

    # Input.

    @property
    def cursor(self) -> dict[str, int]:
        """Next offset per topic: everything before is applied."""
        return {topic: queue.offset for topic, queue in self._queues.items()}

    def expected(self, topic: str) -> int:
        """Where the next batch of the topic must start."""
        return self._queues[topic].expected

    def queued(self, topic: str) -> int:
        """Records of the topic waiting to be applied. Catching up needs at least the look-ahead plus one to move."""
        return len(self._queues[topic])

    def offer(self, batch: Batch) -> bool:
        """Accept a batch that starts where the last one ended. False: it is stale or ahead; seek back to `expected`."""
        queue = self._queues[batch.topic]
        if batch.start != queue.expected:
            return False
        decoded = take_in(batch, self.partition, self._policy.partitions, self._policy.quarantine)
        queue.append(decoded, batch.records, batch)
        if batch.records and batch.topic in BETWEEN_TASKS:
            self._until_reached = False  # a finite run is over only when nothing is left of what other tasks wrote
        return True

    def resume(self, topic: str, asked: Resume) -> None:
        """Somebody asked for the topic to be read on. Known already, it does nothing; not paused, it is only noted."""
        poison, known = self._application.poison, self._application.poison.resumed.get(topic)
        if poison.resume(topic, asked):
            self._queues[topic].paused = False
            # What waited must be merged by event time from here on. Live, the test for staleness sees to that.
            self.wants_ends = self.wants_ends or self._catching_up is not None
        if poison.resumed[topic] is not known:
            self._cursor_dirty = True

    def extend(self, until_ms: int) -> None:
        """Let a finite run that stands at its end go on up to `until_ms`, which must not lie before it."""
        assert self._until_ms is not None
        assert self._catching_up is not None
        self._until_ms = until_ms
        self._until_reached = False
        self._catching_up.extend(until_ms)

    @property
    def until_reached(self) -> bool:
        """A finite run has let time pass up to its end, committed or not."""
        return self._until_reached

    @property
    def unheard(self) -> bool:
        """With `stops_at_asks`: there is a question, and `work` does nothing until `hear_asks`."""
        return self._application.asks.unheard

    def hear_asks(self) -> list[tuple[int, OutRecord]]:
        """All that was said to the roster since the last call, in order, with its task time; the task may go on."""
        return self._application.asks.hear()

    @property
    def waits_for_answers(self) -> bool:
        """Catching up, time stands still until the roster has answered."""
        return bool(self._application.asks.unanswered)

    def expect_no_answer(self) -> None:
        """Nobody will answer what was asked: go on."""
        self._application.asks.give_up()

    @property
    def uncommitted(self) -> Sequence[OutRecord]:
        """What the next commit will publish, so far."""
        return self._application.outbox.records

    # Work.

    def work(self, wall_ms: int, budget: int = 2000) -> bool:
        """Apply up to `budget` records and deadlines. True when more could be done at once."""
        if self._until_reached or self.wants_ends or self.unheard:
            return False
        if self._until_ms is not None and self._application.sweep.pending:
            # A finite run has nobody waiting: first the past under the present library, then what is new.
            self._sweep_on(budget)
            return True
        waiting = sum(len(queue) for queue in self._order.values())
        if self._catching_up is not None:
            now_ms, left = self._work_catching_up(self._catching_up, wall_ms, budget)
        elif wall_ms - min(self._current_ms(), self.task_time_ms) > self._policy.stale_ms:
            # Reading fell behind, or the process slept: what was due meanwhile belongs to its own moment.
            self.wants_ends = True
            return False
        else:
            now_ms, left = advance_live(
                self._application, self.partition, self._order, self.task_time_ms, wall_ms, budget, may_fire=self.time_trusted
            )
        self.task_time_ms = now_ms
        self.pending_events += waiting - sum(len(queue) for queue in self._order.values())
        if left != budget:
            self._cursor_dirty = True
        return left <= 0 and not self.unheard

    def sweep(self, accounts: int) -> None:
        """While `sweeping`: let so many accounts pass to the present library, at the time of the last `work`."""
        if self.sweeping:
            self._sweep_on(accounts)

    @property
    def sweeping(self) -> bool:
        """Live, with accounts that are still planned by another library."""
        return self.mode is Mode.LIVE and self._application.sweep.pending

    @property
    def sweep_remaining(self) -> int:
        """Accounts that the sweep has yet to come to."""
        return self._application.sweep.remaining

    @property
    def finished(self) -> bool:
        """A finite run has reached its end and everything is in a commit: the last one may be on its way."""
        return self._until_reached and not self.pending

    @property
    def behind(self) -> bool:
        """Catching up, with something known left to apply that waits for nobody."""
        return (
            self._catching_up is not None
            and not self._application.asks.unanswered
            and not self._catching_up.consumed
            and not self._until_reached
        )

    @property
    def counts(self) -> dict[tuple[str, str], int]:
        """Every input ever consumed, by (topic, outcome)."""
        return {(topic, outcome): n for topic, counts in self._application.counts.items() for outcome, n in counts.items()}

    @property
    def paused(self) -> Mapping[str, Pause]:
        """Topics that are not read on, with the reason."""
        return self._application.poison.paused

    @property
    def strayed_topics(self) -> frozenset[str]:
        """Input topics of which this partition forwarded strays, or took in what others had forwarded. Outlives restarts."""
        return self._application.strays.topics

    @property
    def deadlines_pending(self) -> int:
        """Deadlines waiting."""
        return self._application.deadlines.pending

    @property
    def deadlines_overdue(self) -> int:
        """Accounts with a deadline past its moment that has not fired."""
        return self._application.deadlines.overdue(self.task_time_ms)

    @property
    def usage_horizon_ms(self) -> int:
        """How far back duplicates of usage events are known for certain, in append time."""
        return 0 if self._application.usage is None else self._application.usage.held_ms

    @property
    def held(self) -> Mapping[Topics, int]:
        """Accounts whose silence cannot be believed yet, by the topics of it."""
        return self._application.deadlines.held

    @property
    def feeds(self) -> FeedBook:
        """Who was heard, and up to when."""
        return self._application.feeds

    def progress(self) -> Progress:
        """What this partition has read and heard. To be told to the others once what was applied up to here is committed."""
        application, order = self._application, self._order
        return Progress(
            {topic: queue.read_up_to_ms for topic, queue in order.items()},
            {topic: queue.current_ms for topic, queue in order.items()},
            application.feeds.own(),
            sorted(application.strays.topics),
            {",".join(topics): accounts for topics, accounts in self.held.items()},
            sorted(self.paused),
        )

    def hear(self, reports: Mapping[int, Report], retired: Mapping[tuple[str, str], int]) -> None:
        """What all partitions have told, this one's own earlier words among them; (topic, source) of who is gone, and since when."""
        feeds = self._application.feeds
        for report in reports.values():
            for topic, sources in report.progress.heard.items():
                for source, span in sources.items():
                    feeds.tell(topic, source, span)
        for (topic, source), at_ms in retired.items():
            feeds.retire(topic, source, at_ms)
        feeds.strayed = strayed_up_to(reports, self._policy.partitions, self._application.strays.topics)

    @property
    def cells(self) -> int:
        """Cells as of the last commit."""
        return self._application.store.count

    # Commit.

    @property
    def pending(self) -> bool:
        """Something happened since the last commit."""
        if self._cursor_dirty or self._application.store.partition.dirty:
            return True
        return any(queue.offset != self._committed.get(queue.topic) for queue in self._queues.values())

    @property
    def pending_bytes(self) -> int:
        """Estimate of the next transaction's size."""
        store = self._application.store
        return self._application.outbox.bytes + 1024 * store.touched + store.partition.dirty_bytes

    def prepare(self) -> Commit:
        """Everything since the last commit, encoded. Afterwards nothing is pending; work may go on while it is written.

        The cursor is always part of it, so that a commit without changes still proves the producer unfenced.
        """
        application = self._application
        if application.usage is not None:
            application.usage.flush()
        cells = application.store.flush()
        offsets = self.cursor
        counts = {topic: dict(counts) for topic, counts in application.counts.items()}
        few = application.few
        cursor = Cursor(
            offsets,
            self.task_time_ms,
            self.mode,
            self._pipeline.library.revision,
            application.store.count,
            application.store.sum,
            counts,
            application.feeds.own(),
            None if few is None else sorted(few),
            application.poison.encode(),
            application.strays.to_json(),
            self.logs,
            application.sweep.position,
            list(application.asks.unanswered),
        )
        cells.append((CURSOR_KEY, cursor.encode()))
        outbox = application.outbox
        now = Counter(self.counts)
        outbox.tally.inputs.update(now - self._counted)
        outbox.tally.trimmed.update(application.store.trimmed)
        application.store.trimmed.clear()
        self._counted = now
        commit = Commit(outbox.records, cells, offsets, self.pending_events, outbox.oldest_append_ms, outbox.tally)
        outbox.clear()
        self._committed = offsets
        self._cursor_dirty = False
        self.pending_events = 0
        return commit

    def _sweep_on(self, accounts: int) -> None:
        if self._application.sweep_on(accounts, self.task_time_ms, self.mode):
            self._cursor_dirty = True

    def _work_catching_up(self, catching_up: CatchingUp, wall_ms: int, budget: int) -> tuple[int, int]:
        until_ms = self._until_ms
        now_ms, left = catching_up.advance(self.task_time_ms, wall_ms, budget)
        if left <= 0 or not catching_up.consumed or self._application.asks.halting:
            return now_ms, left
        if until_ms is not None:
            now_ms, left = catching_up.fire_until(now_ms, until_ms, left)
            if left > 0 and not self._application.asks.halting:
                self._until_reached = True
                self._cursor_dirty = True
            return now_ms, left
        current_ms = catching_up.current_ms()
        if wall_ms - current_ms > self._policy.stale_ms or not self.time_trusted:
            return now_ms, left
        now_ms, left = catching_up.fire_until(now_ms, min(current_ms, wall_ms), left)
        if left > 0 and not self._application.asks.halting:
            self._catching_up = None
            self._application.deadlines.clock_limit_ms = NEVER
            self._set_mode(Mode.LIVE)
        return now_ms, left

    def _current_ms(self) -> int:
        return min((queue.current_ms for queue in self._order.values() if not queue.paused), default=self.task_time_ms)

    def _set_mode(self, mode: Mode) -> None:
        if mode is not self.mode:
            self.mode = mode
            self._cursor_dirty = True

    def _add_topic(self, topic: str, offset: int) -> None:
        self._queues[topic] = TopicQueue(topic, offset, self._policy.lookahead)
