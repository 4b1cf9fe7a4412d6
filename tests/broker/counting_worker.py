"""A worker whose tasks only count: committed records per topic and account, and one output per ticket.

Run as a process by the tests of the shell (`python counting_worker.py`), configured by PLAYCALL_ variables. COUNT_FAIL_AT, if
set, names a value at which applying raises. COUNT_UNTIL_END=1 makes the run finite. COUNT_CLOCK_OFFSET names the file that
says by how many milliseconds the wall clock is off.
"""

import os
import sys
from collections import Counter, deque
from collections.abc import Mapping
from pathlib import Path

import orjson
from xxhash import xxh64_intdigest

from schemas.records.wire import OutRecord
from streams.clock import FileClock, SystemClock
from streams.engine.batch import Batch
from streams.engine.commit import Commit, Tally
from streams.engine.errors import StateError
from streams.engine.logs import Logs
from streams.engine.poison import Pause, Resume
from streams.engine.progress import Progress, Report
from streams.kafka.kinds import account_kind
from streams.kafka.task import TaskFactory
from streams.kafka.worker import Plan, run_worker
from streams.processing.moment import Mode
from streams.settings import load_settings
from tests.stepped_clock import follow

INPUTS = ("product-usage", "tickets", "play-updates")
OUTPUTS = ("triggers",)
CURSOR = b"\x00cursor"
FAIL_AT = os.environ.get("COUNT_FAIL_AT", "").encode()


class CountingTask:
    """The smallest task that keeps the engine's promises."""

    def __init__(self, partition: int, *, finite: bool) -> None:
        self.partition = partition
        self.topics: tuple[str, ...] = INPUTS
        self.mode = Mode.CATCHING_UP
        self.task_time_ms = 0
        self.wants_ends = False
        self.time_trusted = True
        self.pending_events = 0
        self.pending_bytes = 0
        self.logs = Logs()
        self.read_up_to: dict[str, int] = {}
        self._finite = finite
        self._cells: dict[bytes, int] = {}
        self._dirty: set[bytes] = set()
        self._sum = 0
        self._found: dict[str, object] | None = None
        self._cursor: dict[str, int] = {}
        self._expected: dict[str, int] = {}
        self._queues: dict[str, deque[Batch]] = {topic: deque() for topic in INPUTS}
        self._waiting: Counter[str] = Counter()
        self._moved = False
        self._ends: Mapping[str, int] = {}
        self._outputs: list[OutRecord] = []
        self._inputs: Counter[tuple[str, str]] = Counter()
        self._oldest: int | None = None
        self.done = False

    @property
    def cursor(self) -> dict[str, int]:
        return dict(self._cursor)

    @property
    def pending(self) -> bool:
        return self._moved

    @property
    def finished(self) -> bool:
        return self.done and not self._moved

    @property
    def behind(self) -> bool:
        return self.mode is Mode.CATCHING_UP and any(self._waiting.values())

    @property
    def counts(self) -> dict[tuple[str, str], int]:
        return {}

    @property
    def paused(self) -> Mapping[str, Pause]:
        return {}

    @property
    def sweeping(self) -> bool:
        return False

    @property
    def sweep_remaining(self) -> int:
        return 0

    def sweep(self, accounts: int) -> None:
        raise AssertionError(f"{accounts} accounts to sweep, and nothing to sweep them for")

    @property
    def deadlines_pending(self) -> int:
        return 0

    @property
    def deadlines_overdue(self) -> int:
        return 0

    @property
    def usage_horizon_ms(self) -> int:
        return 0

    @property
    def held(self) -> Mapping[tuple[str, ...], int]:
        return {}

    def progress(self) -> Progress:
        return Progress({}, {}, {}, [], {}, [])

    def hear(self, reports: Mapping[int, Report], retired: Mapping[tuple[str, str], int]) -> None:
        pass

    @property
    def cells(self) -> int:
        return len(self._cells)

    def restore(self, key: bytes, value: bytes | None) -> None:
        if key == CURSOR:
            self._found = orjson.loads(value or b"{}")
        else:
            self._put(key, int(value or b"0"))

    def recovered(self) -> None:
        if self._found is None:
            if self._cells:
                raise StateError(f"{len(self._cells)} cells but no cursor: restore the topic")
            return
        if self._found["sum"] != f"{self._sum:x}":
            raise StateError(f"cells do not add up to the cursor's {self._found['sum']}: restore the topic")
        self.logs = Logs(self._found.get("partitions"), self._found.get("topic_ids", {}))  # type: ignore[arg-type]
        self._cursor = {str(t): int(o) for t, o in self._found["offsets"].items()}  # type: ignore[attr-defined]
        self._expected = dict(self._cursor)
        self._dirty.clear()

    def belongs_to(self, logs: Logs) -> None:
        self.logs = self.logs.updated(logs)

    def forget(self, topic: str) -> None:
        self._cursor.pop(topic, None)
        self._expected.pop(topic, None)

    def begin_at(self, offsets: Mapping[str, int]) -> None:
        self._cursor.update(offsets)
        self._expected.update(offsets)

    def catch_up(self, ends: Mapping[str, int]) -> None:
        self._ends = ends
        self.mode = Mode.CATCHING_UP

    def expected(self, topic: str) -> int:
        return self._expected[topic]

    def queued(self, topic: str) -> int:
        return self._waiting[topic]

    def offer(self, batch: Batch) -> bool:
        if batch.start != self._expected[batch.topic]:
            return False
        self._expected[batch.topic] = batch.end
        self._queues[batch.topic].append(batch)
        self._waiting[batch.topic] += len(batch.records)
        return True

    def resume(self, topic: str, asked: Resume) -> None:
        pass

    def work(self, wall_ms: int, budget: int = 2000) -> bool:
        for topic, queue in self._queues.items():
            while queue and budget > 0:
                batch = queue.popleft()
                self._apply(topic, batch)
                budget -= len(batch.records)
                self._waiting[topic] -= len(batch.records)
        self.task_time_ms = min(wall_ms, *(self.read_up_to.get(topic, 0) for topic in INPUTS))  # shown as the task-time lag
        if all(self._cursor[topic] >= end for topic, end in self._ends.items()):
            self.mode = Mode.LIVE
            if self._finite and not self.done:
                self.done = self._moved = True
        return any(self._queues.values())

    def prepare(self) -> Commit:
        offsets = dict(self._cursor)
        cells: list[tuple[bytes, bytes | None]] = [(key, b"%d" % self._cells[key]) for key in sorted(self._dirty)]
        cells.append(
            (
                CURSOR,
                orjson.dumps({"offsets": offsets, "sum": f"{self._sum:x}", "partitions": self.logs.partitions, "topic_ids": self.logs.ids}),
            )
        )
        tally = Tally.starting(self._inputs)
        commit = Commit(self._outputs, cells, offsets, self.pending_events, self._oldest, tally)
        self._outputs, self._inputs, self._oldest = [], Counter(), None
        self.pending_events = self.pending_bytes = 0
        self._dirty.clear()
        self._moved = False
        return commit

    def _apply(self, topic: str, batch: Batch) -> None:
        prefix = topic.encode() + b"|"
        cells = self._cells
        for record in batch.records:
            if FAIL_AT and record.value == FAIL_AT:
                raise ValueError(f"cannot apply {FAIL_AT.decode()}")
            key = prefix + (record.key or b"")
            self._put(key, cells.get(key, 0) + 1)
            if topic == "tickets":
                self._outputs.append(OutRecord("triggers", record.key or b"", record.value or b"", (("ce_id", b"%d" % record.offset),)))
        if batch.records and self._oldest is None:
            self._oldest = batch.records[0].timestamp
        if batch.read_up_to_ms is not None:
            self.read_up_to[topic] = batch.read_up_to_ms
        if batch.end != self._cursor[topic]:
            self._cursor[topic] = batch.end
            self._moved = True
        self._inputs[topic, "applied"] += len(batch.records)
        self.pending_events += len(batch.records)
        self.pending_bytes += 100 * len(batch.records)

    def _put(self, key: bytes, count: int) -> None:
        old = self._cells.get(key)
        if old is not None:
            self._sum -= xxh64_intdigest(key + b"%d" % old)
        self._sum = (self._sum + xxh64_intdigest(key + b"%d" % count)) % (1 << 64)
        self._cells[key] = count
        self._dirty.add(key)


def make_factory(go_live_ms: int, partitions: int) -> TaskFactory:
    print(f"go-live {go_live_ms} partitions {partitions}", flush=True)
    return lambda partition: CountingTask(partition, finite=os.environ.get("COUNT_UNTIL_END") == "1")


if __name__ == "__main__":
    if "COUNT_CLOCK_OFFSET" in os.environ:
        follow(Path(os.environ["COUNT_CLOCK_OFFSET"]))
    settings = load_settings()
    clock_file = settings.clock_file
    clock = SystemClock() if clock_file is None else FileClock(Path(clock_file))
    sys.exit(run_worker(settings, clock, Plan([account_kind(INPUTS, make_factory)], OUTPUTS, "test")))
