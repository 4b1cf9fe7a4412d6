"""What a runner does about topics its task does not read on: fetch nothing of them, and say it once, when it is committed."""

from collections.abc import Callable, Mapping

import structlog

from streams.engine.application import DEAD_LETTERED
from streams.engine.poison import Pause

log = structlog.get_logger("playcall.pauses")


class Pauses:
    """The pauses of one task as far as they are committed: what is shown to people is true after any crash.

    Somebody who resumes a topic has seen its pause; were it shown before it is committed, a crash in between would put the pause
    after the resume, and the topic would stay paused.
    """

    def __init__(self, partition: int, hold: Callable[[str], object]) -> None:
        self._partition = partition
        self._hold = hold
        self.committed: Mapping[str, Pause] = {}

    def hold(self, paused: Mapping[str, Pause]) -> None:
        """Stop fetching; what is queued stays queued."""
        for topic in paused:
            self._hold(topic)

    def landed(self, paused: Mapping[str, Pause], *, recovered: bool = False) -> None:
        """These pauses are in the committed cursor."""
        for topic, pause in paused.items():
            if self.committed.get(topic) != pause:
                log.error(
                    "still paused" if recovered else "paused",
                    topic=topic,
                    partition=self._partition,
                    why=str(pause),
                    samples=[f"{topic}:{self._partition}:{offset}" for offset in pause.samples],
                    remedy=f"fix the publisher, then `playcall feeds resume {topic}`; the other topics go on",
                )
        for topic in self.committed:
            if topic not in paused:
                log.info("resumed", topic=topic, partition=self._partition)
        self.committed = dict(paused)

    def describe(self) -> list[str]:
        """`tickets:2: 612 of the last 1,000 records are dead letters (...)`, each topic of the partition that is paused."""
        return [f"{topic}:{self._partition}: {pause}" for topic, pause in sorted(self.committed.items())]


def report_dead_letters(counts: Mapping[tuple[str, str], int]) -> None:
    """At the end of a finite run, which pauses nothing: how much of each topic could not be understood or applied."""
    for topic in sorted({topic for topic, _ in counts}):
        records = sum(count for (name, _), count in counts.items() if name == topic)
        dead = counts.get((topic, DEAD_LETTERED), 0)
        if dead:
            log.warning("dead letters", topic=topic, dead_letters=dead, records=records, share=round(dead / records, 3))
