"""The roster of a replay: it hears what is asked at the moment at which it is asked, and answers at once."""

from collections.abc import Callable, Sequence

from schemas.catalogue import ASKS, ASSIGNMENTS, PEOPLE
from schemas.decoding.record import FileRecord
from schemas.records.wire import OutRecord
from streams.engine.batch import Batch
from streams.engine.commit import Commit
from streams.engine.task import PartitionTask
from streams.replay.partition_run import as_log

_COMMIT_EVERY = 500  # asks


class RosterRun:
    """The task that a worker would run, let on from ask to ask. Changes of people apply at their own time."""

    def __init__(self, task: PartitionTask, people: Sequence[FileRecord], landed: Callable[[Commit], object]) -> None:
        self.task = task
        self._landed = landed
        self._heard = 0
        self._told = 0  # of what the task has published since its last commit
        task.begin_at({PEOPLE: 0, ASKS: 0})
        task.catch_up({PEOPLE: len(people), ASKS: 0})
        task.offer(Batch(PEOPLE, 0, len(people), people))

    def hear(self, asks: Sequence[tuple[int, OutRecord]], at_ms: int, wall_ms: int) -> list[OutRecord]:
        """What it says to these words, in order of their times up to `at_ms`, and because time passed up to there."""
        start = self._heard
        self._heard += len(asks)
        self.task.offer(Batch(ASKS, start, self._heard, as_log(asks, start)))
        self.task.extend(max(at_ms, self.task.task_time_ms))
        while self.task.work(wall_ms):
            pass
        said = [record for record in self.task.uncommitted[self._told :] if record.topic == ASSIGNMENTS]
        self._told = len(self.task.uncommitted)
        if self._heard // _COMMIT_EVERY != start // _COMMIT_EVERY:
            self.commit()
        return said

    def commit(self) -> None:
        """Hand out everything since the last commit."""
        self._landed(self.task.prepare())
        self._told = 0
