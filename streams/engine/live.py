"""Up to date: records are applied as they come, time is the wall clock, silence waits until it is proven."""

from collections.abc import Sequence

from streams.engine.application import Application
from streams.engine.topic_queue import TopicQueue
from streams.processing.moment import Mode


def advance_live(
    application: Application, partition: int, queues: Sequence[TopicQueue], now_ms: int, wall_ms: int, budget: int, *, may_fire: bool
) -> tuple[int, int]:
    """Apply what is queued, then fire what is due, if it may: (task time, what is left of the budget)."""
    now_ms = max(now_ms, wall_ms)
    for queue in queues:
        if queue.paused:
            continue
        pos = queue.pos
        until = min(len(queue.inputs), pos + budget)
        for pos in range(queue.pos, until):
            if application.apply(queue.inputs[pos], queue.raws[pos], queue.topic, partition, now_ms, wall_ms, Mode.LIVE):
                queue.paused, until = True, pos + 1
                break
        budget -= until - queue.pos
        queue.pos = until
        queue.settle()
    if any(queue and not queue.paused for queue in queues):
        return now_ms, 0
    if not may_fire:
        return now_ms, budget
    deadlines = application.deadlines
    while budget > 0 and deadlines.clocks.next_ms <= now_ms:
        due = deadlines.pop_clock()
        budget -= 1
        if due is not None:
            application.fire(due, now_ms, Mode.LIVE)
    proven_ms = min(now_ms, *(queue.read_up_to_ms for queue in queues))
    while budget > 0 and deadlines.silences.next_ms <= proven_ms:
        due = deadlines.pop_silence()
        budget -= 1
        if due is not None:
            application.fire(due, now_ms, Mode.LIVE)
    return now_ms, budget
