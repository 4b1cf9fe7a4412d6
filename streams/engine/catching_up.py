"""Reading a backlog: the topics of a partition are merged by event time, and deadlines fire at the moment they belong to."""

from collections.abc import Mapping

from schemas.catalogue import ASSIGNMENTS
from schemas.events.event import Event
from schemas.records.rekeyed import REKEYED
from streams.engine.application import Application
from streams.engine.deadlines import NEVER
from streams.engine.live import strays_up_to
from streams.engine.topic_queue import TopicQueue
from streams.processing.moment import Mode
from streams.processing.proof import Topics


class CatchingUp:
    """One stretch of catching up, from entry until everything known at entry is applied and reading is current.

    `ends` are the high watermarks noted at entry. The order of records depends only on the logs, never on how they were
    fetched: a topic known to have unread records holds the others back until its next key is final. Once a topic has run
    out, silences over it wait until it is known to be read past them; a finite run takes its logs as complete. A topic that
    a publisher's open transaction blocks for longer than the policy says is left behind. Records after `until_ms` are left
    unread. A record further ahead of the wall clock than the policy allows comes last and moves no time: it will be a dead
    letter. Nor does a leap of time that too few accounts speak for.

    It is the `Witness` of its silences: feeds are judged by event time, from this partition alone.
    """

    __slots__ = (
        "_application",
        "_complete",
        "_ends",
        "_entered_ms",
        "_finite",
        "_partition",
        "_policy",
        "_queues",
        "_until_ms",
        "consumed",
    )

    def __init__(self, application: Application, partition: int, queues: Mapping[str, TopicQueue], ends: Mapping[str, int]) -> None:
        policy = application.policy
        self._application = application
        self._policy = policy
        self._partition = partition
        self._queues = queues
        self._ends = dict(ends)
        self._finite = policy.until_ms is not None
        self._until_ms = NEVER if policy.until_ms is None else policy.until_ms
        self._entered_ms = -1
        self._complete = False  # a finite run is at the end of its logs: nothing more will ever come
        self.consumed = False  # as of the last `advance`: everything known, up to `until_ms`, is applied
        for queue in queues.values():
            queue.forget_keys()

    def current_ms(self) -> int:
        """Up to when everything readable is read, in every topic that is not paused."""
        return min((queue.current_ms for queue in self._queues.values() if not queue.paused), default=NEVER)

    def proven_up_to(self, topics: Topics, now_ms: int) -> int:
        if self._complete:
            return NEVER
        up_to = NEVER
        for name in topics or self._queues:
            queue = self._queues.get(name)
            if queue is not None:
                up_to = min(up_to, self._read_up_to(queue))
        feeds = self._application.feeds
        for name in topics:
            up_to = min(up_to, feeds.heard_up_to(name, now_ms))
            if name in feeds.strayed and not self._finite:  # a finite run ends with what has been forwarded by then
                up_to = min(up_to, strays_up_to(self._queues.get(REKEYED), *feeds.strayed[name]))
        return up_to

    def extend(self, until_ms: int) -> None:
        """The end of a finite run lies further away now."""
        self._until_ms = until_ms
        self._complete = False

    def advance(self, now_ms: int, wall_ms: int, budget: int) -> tuple[int, int]:
        """Apply up to `budget` records and deadlines in merged order: (task time, what is left of the budget).

        Returns early, with budget left, when a record has to be waited for or nothing is left.
        """
        if self._entered_ms < 0:
            self._entered_ms = wall_ms
        self._limit_clocks(wall_ms)
        asks = self._application.asks
        asks.wait(wall_ms)
        while budget > 0:
            if asks.halting:
                self.consumed = False
                budget = self._hear_answers(now_ms, wall_ms, budget)
            if asks.halting:
                break
            budget = self._release(now_ms, budget)
            if budget <= 0 or asks.halting:
                continue
            chosen = self._choose(now_ms, wall_ms)
            if chosen is None:
                break
            queue, until, limit = chosen
            now_ms, budget = self._run(queue, until, limit, now_ms, wall_ms, budget)
            queue.settle()
        return now_ms, budget

    def fire_until(self, now_ms: int, until_ms: int, budget: int) -> tuple[int, int]:
        """Nothing was left to read: let time pass, deadline by deadline, up to `until_ms` inclusive."""
        deadlines, application = self._application.deadlines, self._application
        asks = application.asks
        self._complete = self._finite
        budget = self._release(now_ms, budget)
        while budget > 0 and asks.give_up_recorded():
            budget = self._release(now_ms, budget)
        while budget > 0 and deadlines.next_ms <= until_ms and not asks.halting:
            due = deadlines.pop(self, now_ms)
            if due is not None:
                now_ms = max(now_ms, due.at_ms)
                application.fire(due, now_ms, Mode.CATCHING_UP)
                asks.give_up_recorded()
                budget -= 1
        if budget > 0 and not asks.halting:
            now_ms = max(now_ms, until_ms)
        return now_ms, budget

    def _release(self, now_ms: int, budget: int) -> int:
        """Fire what had been held and is proven now, at the present time."""
        deadlines, application = self._application.deadlines, self._application
        while budget > 0 and deadlines.parked and not application.asks.halting:
            due = deadlines.release(self, now_ms)
            if due is None:
                break
            application.fire(due, now_ms, Mode.CATCHING_UP)
            budget -= 1
        return budget

    def _hear_answers(self, now_ms: int, wall_ms: int, budget: int) -> int:
        """Apply what the roster says, until the open questions are answered: they are of this very moment.

        What was recorded as said later was no answer to them.
        """
        application, queue = self._application, self._queues.get(ASSIGNMENTS)
        while queue and budget > 0 and application.asks.unanswered and not application.asks.unheard and not queue.paused:
            if self._is_later(queue, now_ms):
                break
            pos = queue.pos
            application.apply(queue.inputs[pos], queue.raws[pos], ASSIGNMENTS, self._partition, now_ms, wall_ms, Mode.CATCHING_UP)
            queue.paused = ASSIGNMENTS in application.poison.paused
            queue.pos = pos + 1
            budget -= 1
            queue.settle()
        if application.asks.recorded and self._said_all(queue, now_ms):
            application.asks.give_up()
        return budget

    def _is_later(self, queue: TopicQueue, now_ms: int) -> bool:
        """Of recorded answers: the next one is to a question that has yet to be asked."""
        return self._application.asks.recorded and queue.times[queue.pos] > now_ms

    def _said_all(self, queue: TopicQueue | None, now_ms: int) -> bool:
        """No recorded answer to what was asked up to now is still to come."""
        if queue is None or queue.paused:
            return True
        return self._is_later(queue, now_ms) if queue else queue.expected >= self._ends[ASSIGNMENTS]

    def _choose(self, now_ms: int, wall_ms: int) -> tuple[TopicQueue, int, int] | None:
        """The queue whose head comes first, how far its keys are final, and the key up to which it may run alone."""
        self.consumed = False
        best: TopicQueue | None = None
        best_key = limit = NEVER
        until = 0
        for queue in self._queues.values():
            if queue.paused:
                continue
            end = self._ends[queue.topic]
            if queue.expected < end and self._blocked(queue, wall_ms):
                end = queue.expected
            ready = queue.ready(end)
            if queue.pos >= ready:
                if queue.expected >= end and not queue:
                    continue
                return None  # more of this topic is known to exist: wait for it
            key = queue.keys[queue.pos]
            if now_ms and now_ms + self._policy.leap_ms < key <= wall_ms and not self._believable(queue, queue.pos):
                key = now_ms
            if key < best_key:
                limit, best, best_key, until = min(limit, best_key), queue, key, ready
            else:
                # A tie goes to the earlier topic, so the best may run through keys below this one, or equal to it.
                limit = min(limit, key)
        if best is None or self._until_ms < best_key <= wall_ms + self._policy.ahead_ms:
            self.consumed = True
            return None
        if best_key <= self._until_ms:
            limit = min(limit, self._until_ms + 1)
        return best, until, limit

    def _run(self, queue: TopicQueue, until: int, limit: int, now_ms: int, wall_ms: int, budget: int) -> tuple[int, int]:
        application, deadlines, partition, topic = self._application, self._application.deadlines, self._partition, queue.topic
        inputs, raws, keys, pos = queue.inputs, queue.raws, queue.keys, queue.pos
        apply, leap_ms = application.apply, self._policy.leap_ms
        first, horizon_ms, asks = pos, wall_ms + self._policy.ahead_ms, application.asks
        while pos < until and budget > 0 and not asks.halting:
            key = keys[pos]
            if now_ms and now_ms + leap_ms < key <= wall_ms and not self._believable(queue, pos):
                key = now_ms
            if key > limit or (key == limit and pos > first):
                break
            if key > wall_ms:
                key = wall_ms if key <= horizon_ms else now_ms
            if key > now_ms:
                if deadlines.next_ms <= key:
                    due = deadlines.pop(self, now_ms)
                    budget -= 1
                    if due is not None:
                        now_ms = max(now_ms, due.at_ms)
                        application.fire(due, now_ms, Mode.CATCHING_UP)
                    continue
                now_ms = key
            elif deadlines.next_ms <= now_ms:
                due = deadlines.pop(self, now_ms)
                budget -= 1
                if due is not None:
                    application.fire(due, now_ms, Mode.CATCHING_UP)
                continue
            stop = apply(inputs[pos], raws[pos], topic, partition, now_ms, wall_ms, Mode.CATCHING_UP)
            pos += 1
            budget -= 1
            if stop:
                queue.paused = topic in application.poison.paused
                break
            if deadlines.parked and deadlines.releasable(self, topic, now_ms):
                break
        queue.pos = pos
        return now_ms, budget

    def _believable(self, queue: TopicQueue, pos: int) -> bool:
        """Whether enough accounts stand behind a leap of time, or the topic ends soon and nothing can be dragged along.

        Every record of the window is at or after the key, so it is enough to count accounts. Where fewer were ever seen,
        that many are enough.
        """
        lookahead = queue.lookahead
        if len(queue.inputs) <= pos + lookahead:
            return True
        few = self._application.few
        wanted = self._policy.leap_accounts if few is None else max(1, len(few))
        accounts: set[str] = set()
        for index in range(pos, pos + lookahead + 1):
            item = queue.inputs[index]
            if item.__class__ is Event:
                accounts.add(item.account_id)
                if len(accounts) >= wanted:
                    return True
        return False

    def _blocked(self, queue: TopicQueue, wall_ms: int) -> bool:
        """Seen since entry to be read as far as an open transaction lets us, for long enough."""
        waited = wall_ms - self._entered_ms >= self._policy.open_transaction_ms
        return waited and not self._finite and queue.blocked_ms >= self._entered_ms

    def _read_up_to(self, queue: TopicQueue) -> int:
        """As far as the order of the merge says nothing else: `NEVER` while the topic has more to give."""
        if self._finite:
            return NEVER
        if queue.paused or queue.expected < self._ends[queue.topic]:
            return queue.read_up_to_ms if queue.paused or not queue else NEVER
        return NEVER if queue else max(self._entered_ms, queue.read_up_to_ms)

    def _limit_clocks(self, wall_ms: int) -> None:
        """A clock says that nobody has answered: not before the answers are read that far, or a minute has passed."""
        answers = self._queues.get(self._policy.answers or "")
        limit_ms = NEVER if answers is None else max(self._read_up_to(answers), wall_ms - self._policy.answer_wait_ms)
        self._application.deadlines.clock_limit_ms = limit_ms
