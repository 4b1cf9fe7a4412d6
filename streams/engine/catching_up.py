"""Reading a backlog: the topics of a partition are merged by event time, and deadlines fire at the moment they belong to."""

from collections.abc import Mapping, Sequence

from streams.engine.application import Application
from streams.engine.deadlines import NEVER
from streams.engine.topic_queue import TopicQueue
from streams.processing.moment import Mode


class CatchingUp:
    """One stretch of catching up, from entry until everything known at entry is applied and reading is current.

    `ends` are the high watermarks noted at entry. The order of records depends only on the logs, never on how they were
    fetched: a topic known to have unread records holds the others back until its next key is final. Once a topic has run
    out, silences wait until it is known to be read past them; a finite run takes its logs as complete. Records after
    `until_ms` are left unread. A record further ahead of the wall clock than `ahead_ms` comes last and moves no time: it
    will be a dead letter.
    """

    __slots__ = ("_ahead_ms", "_application", "_ends", "_entered_ms", "_finite", "_partition", "_queues", "_until_ms", "consumed")

    def __init__(
        self,
        application: Application,
        partition: int,
        queues: Sequence[TopicQueue],
        ends: Mapping[str, int],
        ahead_ms: int,
        until_ms: int | None,
    ) -> None:
        self._application = application
        self._partition = partition
        self._queues = queues
        self._ends = dict(ends)
        self._ahead_ms = ahead_ms
        self._finite = until_ms is not None
        self._until_ms = NEVER if until_ms is None else until_ms
        self._entered_ms = -1
        self.consumed = False  # as of the last `advance`: everything known, up to `until_ms`, is applied
        for queue in queues:
            queue.forget_keys()

    def read_up_to_ms(self) -> int:
        """Up to when every topic of the partition that is not paused is known to be read."""
        return min((queue.read_up_to_ms for queue in self._queues if not queue.paused), default=NEVER)

    def advance(self, now_ms: int, wall_ms: int, budget: int) -> tuple[int, int]:
        """Apply up to `budget` records and deadlines in merged order: (task time, what is left of the budget).

        Returns early, with budget left, when a record has to be waited for or nothing is left.
        """
        if self._entered_ms < 0:
            self._entered_ms = wall_ms
        while budget > 0:
            chosen = self._choose(wall_ms + self._ahead_ms)
            if chosen is None:
                break
            queue, until, limit = chosen
            now_ms, budget = self._run(queue, until, limit, now_ms, wall_ms, budget)
            queue.settle()
        return now_ms, budget

    def fire_until(self, now_ms: int, until_ms: int, budget: int) -> tuple[int, int]:
        """Nothing was left to read: let time pass, deadline by deadline, up to `until_ms` inclusive."""
        deadlines, application = self._application.deadlines, self._application
        while budget > 0 and deadlines.next_ms <= until_ms:
            due = deadlines.pop()
            if due is not None:
                now_ms = max(now_ms, due.at_ms)
                application.fire(due, now_ms, Mode.CATCHING_UP)
                budget -= 1
        if budget > 0:
            now_ms = max(now_ms, until_ms)
        return now_ms, budget

    def _choose(self, horizon_ms: int) -> tuple[TopicQueue, int, int] | None:
        """The queue whose head comes first, how far its keys are final, and the key up to which it may run alone."""
        self.consumed = False
        best: TopicQueue | None = None
        best_key = limit = proven_ms = NEVER
        until = 0
        for queue in self._queues:
            if queue.paused:
                proven_ms = min(proven_ms, queue.read_up_to_ms)
                continue
            end = self._ends[queue.topic]
            ready = queue.ready(end)
            if queue.pos >= ready:
                if queue.expected >= end and not queue:
                    proven_ms = min(proven_ms, max(self._entered_ms, queue.read_up_to_ms))
                    continue
                return None  # more of this topic is known to exist: wait for it
            key = queue.keys[queue.pos]
            if key < best_key:
                limit, best, best_key, until = min(limit, best_key), queue, key, ready
            else:
                # A tie goes to the earlier topic, so the best may run through keys below this one, or equal to it.
                limit = min(limit, key)
        self._application.deadlines.proven_ms = NEVER if self._finite else proven_ms
        if best is None or self._until_ms < best_key <= horizon_ms:
            self.consumed = True
            return None
        if best_key <= self._until_ms:
            limit = min(limit, self._until_ms + 1)
        return best, until, limit

    def _run(self, queue: TopicQueue, until: int, limit: int, now_ms: int, wall_ms: int, budget: int) -> tuple[int, int]:
        application, deadlines, partition, topic = self._application, self._application.deadlines, self._partition, queue.topic
        inputs, raws, keys, pos = queue.inputs, queue.raws, queue.keys, queue.pos
        apply = application.apply
        first, horizon_ms = pos, wall_ms + self._ahead_ms
        while pos < until and budget > 0:
            key = keys[pos]
            if key > limit or (key == limit and pos > first):
                break
            if key > wall_ms:
                key = wall_ms if key <= horizon_ms else now_ms
            if key > now_ms:
                if deadlines.next_ms <= key:
                    due = deadlines.pop()
                    budget -= 1
                    if due is not None:
                        now_ms = max(now_ms, due.at_ms)
                        application.fire(due, now_ms, Mode.CATCHING_UP)
                    continue
                now_ms = key
            elif deadlines.next_ms <= now_ms:
                due = deadlines.pop()
                budget -= 1
                if due is not None:
                    application.fire(due, now_ms, Mode.CATCHING_UP)
                continue
            paused = apply(inputs[pos], raws[pos], topic, partition, now_ms, wall_ms, Mode.CATCHING_UP)
            pos += 1
            budget -= 1
            if paused:
                queue.paused = True
                break
        queue.pos = pos
        return now_ms, budget
