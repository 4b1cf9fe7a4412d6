"""Up to date: records are applied as they come, time is the wall clock, silence waits until it is proven."""

from collections.abc import Mapping

from schemas.records.rekeyed import REKEYED
from streams.engine.application import Application
from streams.engine.topic_queue import TopicQueue
from streams.processing.moment import Mode
from streams.processing.proof import Topics

_REPORTS_MS = 15_000  # by then every partition has told how far it is, if it can


class LiveWitness:
    """Silence is proven up to where the partition is read and every feed of its topics is believed.

    Where a topic has had strays, all its partitions must be read, and `rekeyed` as far as what they forwarded meanwhile.
    """

    __slots__ = ("_application", "_queues")

    def __init__(self, application: Application, queues: Mapping[str, TopicQueue]) -> None:
        self._application = application
        self._queues = queues

    def proven_up_to(self, topics: Topics, now_ms: int) -> int:
        up_to = now_ms
        for name in topics or self._queues:
            queue = self._queues.get(name)
            if queue is not None:
                up_to = min(up_to, queue.read_up_to_ms)
        feeds = self._application.feeds
        for name in topics:
            up_to = min(up_to, feeds.believed_up_to(name, now_ms))
            if name in feeds.strayed:
                up_to = min(up_to, strays_up_to(self._queues.get(REKEYED), *feeds.strayed[name]))
        return up_to


def strays_up_to(rekeyed: TopicQueue | None, up_to_ms: int, as_of_ms: int) -> int:
    """Up to when no stray is missing: all partitions are read so far, and `rekeyed` as far as what they had forwarded by then."""
    return up_to_ms if rekeyed is not None and rekeyed.read_up_to_ms >= as_of_ms else -1


def advance_live(
    application: Application,
    partition: int,
    queues: Mapping[str, TopicQueue],
    now_ms: int,
    wall_ms: int,
    budget: int,
    *,
    may_fire: bool,
) -> tuple[int, int]:
    """Apply what is queued, then fire what is due, if it may: (task time, what is left of the budget)."""
    now_ms = max(now_ms, wall_ms)
    waiting = False
    for queue in queues.values():
        if queue.paused:
            continue
        pos = queue.pos
        until = min(len(queue.inputs), pos + budget)
        for pos in range(queue.pos, until):
            if application.apply(queue.inputs[pos], queue.raws[pos], queue.topic, partition, now_ms, wall_ms, Mode.LIVE):
                queue.paused, until = queue.topic in application.poison.paused, pos + 1
                break
        budget -= until - queue.pos
        queue.pos = until
        queue.settle()
        waiting = waiting or (bool(queue) and not queue.paused)
    if waiting:
        return now_ms, 0
    return now_ms, _fire(application, queues, now_ms, budget) if may_fire else budget


def _fire(application: Application, queues: Mapping[str, TopicQueue], now_ms: int, budget: int) -> int:
    deadlines, policy = application.deadlines, application.policy
    answers = queues.get(policy.answers or "")
    answered_ms = now_ms if answers is None else min(now_ms, answers.read_up_to_ms)
    limit_ms = max(answered_ms, now_ms - policy.answer_wait_ms)
    while budget > 0 and deadlines.clocks.next_ms <= limit_ms:
        due = deadlines.pop_clock(answered_ms)
        budget -= 1
        if due is not None:
            application.fire(due, now_ms, Mode.LIVE)
    application.feeds.judge(now_ms)
    witness = LiveWitness(application, queues)
    # Reading is always a little behind the clock: what it will prove in a moment is not held, let alone told to be.
    judged_ms = min(now_ms, *(queue.current_ms for queue in queues.values() if not queue.paused))
    if application.feeds.strayed:
        judged_ms -= _REPORTS_MS
    while budget > 0 and deadlines.silences.next_ms <= judged_ms:
        due = deadlines.pop_silence(witness, now_ms)
        budget -= 1
        if due is not None:
            application.fire(due, now_ms, Mode.LIVE)
    while budget > 0 and deadlines.parked:
        due = deadlines.release(witness, now_ms) or deadlines.pop_overdue(now_ms)
        if due is None:
            break
        budget -= 1
        application.fire(due, now_ms, Mode.LIVE)
    return budget
