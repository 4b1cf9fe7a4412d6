"""One partition of a replay: its logs, batch by batch, through the task that a worker would run."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from schemas.catalogue import ASSIGNMENTS
from schemas.decoding.record import FileRecord
from schemas.records.wire import OutRecord
from streams.engine.batch import Batch
from streams.engine.commit import Commit
from streams.engine.task import PartitionTask

BATCH = 5000
"""Records that are read at once, and worked on in one turn."""


class PartitionRun:
    """Goes on until something asked has to be heard, or to the end. `landed` is given every commit."""

    def __init__(
        self, task: PartitionTask, logs: Mapping[str, Sequence[FileRecord]], lookahead: int, batch: int,
        landed: Callable[[int, Commit], object],
    ) -> None:  # fmt: skip
        self.task = task
        self.said: list[tuple[int, OutRecord]] = []  # to the roster, with the time of each word
        self.asked_ms: int | None = None  # it waits for the answer to a question of this time
        self._wanted = lookahead + batch  # records queued per topic
        self._batch = batch
        self._landed = landed
        self._answers = 0
        task.begin_at(dict.fromkeys(task.topics, 0))
        task.catch_up({topic: len(logs.get(topic, ())) for topic in task.topics})
        self._feeds = {topic: _batches(topic, logs.get(topic, ()), batch) for topic in task.topics}

    def advance(self, wall_ms: int) -> None:
        """Go on to the next question, or to the end."""
        task = self.task
        self.asked_ms = None
        while not task.finished:
            for topic, feed in self._feeds.items():
                while task.queued(topic) <= self._wanted and (batch := next(feed, None)) is not None:
                    task.offer(batch)
            while task.work(wall_ms, self._batch):
                pass
            if task.waits_for_answers and not task.unheard:
                task.expect_no_answer()
            asked = task.unheard
            self.said += task.hear_asks()
            if asked:
                self.asked_ms = task.task_time_ms
                return
            self._landed(task.partition, task.prepare())

    def answer(self, records: Sequence[OutRecord], at_ms: int) -> None:
        """The roster's answers, appended to the log of its topic."""
        start = self._answers
        self._answers += len(records)
        self.task.offer(Batch(ASSIGNMENTS, start, self._answers, as_log([(at_ms, record) for record in records], start)))


def as_log(records: Sequence[tuple[int, OutRecord]], start: int) -> list[FileRecord]:
    """Published records as whoever reads the topic finds them: offsets from `start`, appended when they were decided."""
    return [FileRecord(record.key, record.value, start + place, at_ms, record.headers) for place, (at_ms, record) in enumerate(records)]


def _batches(topic: str, log: Sequence[FileRecord], size: int) -> Iterator[Batch]:
    for start in range(0, len(log), size):
        records = log[start : start + size]
        yield Batch(topic, start, start + len(records), records)
