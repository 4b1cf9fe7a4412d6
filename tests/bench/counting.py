"""The count-only job on our own engine and shell: per account and day, usage events. Started by the benchmark as a worker.

The same promises as the product (exactly once, recovery, time), without any rule: what the machinery itself costs.
"""

import os
import sys

import msgspec

from schemas.events.event import Event
from streams.clock import SystemClock
from streams.engine.pipeline import Pipeline
from streams.engine.policy import EnginePolicy
from streams.engine.task import PartitionTask
from streams.kafka.kinds import account_kind
from streams.kafka.task import TaskFactory
from streams.kafka.worker import Plan, run_worker
from streams.processing.cell import Cell
from streams.processing.cells import Cells
from streams.processing.deadline import Deadline
from streams.processing.effects import Effect
from streams.processing.library import Library
from streams.processing.moment import Moment
from streams.settings import load_settings

DAY_MS = 86_400_000


class Counts(msgspec.Struct, array_like=True):
    """Events by day number, UTC."""

    days: dict[int, int] = {}


COUNTS: Cell[Counts] = Cell("counts", Counts, version=1)


class Counting:
    """Counts every usage event of an account on its day."""

    name = "counting"
    event_types = frozenset({"feature.used"})

    def on_event(self, cells: Cells, event: Event, moment: Moment) -> tuple[Effect, ...]:
        days = cells.edit(COUNTS).days
        day = event.time_ms // DAY_MS
        days[day] = days.get(day, 0) + 1
        return ()

    def silent_topics(self, name: str) -> tuple[str, ...]:
        return ()

    def on_held(self, cells: Cells, deadline: Deadline, moment: Moment) -> tuple[Effect, ...]:
        return ()

    def on_deadline(self, cells: Cells, deadline: Deadline, moment: Moment) -> tuple[Effect, ...]:
        return ()


def main() -> int:
    """A worker like any other, but for its pipeline."""
    settings = load_settings()
    inputs = ("product-usage",)
    until_ms = None if settings.until is None else round(settings.until.timestamp() * 1000)

    def make_factory(go_live_ms: int, partitions: int) -> TaskFactory:
        policy = EnginePolicy(partitions=partitions, topics=inputs, go_live_ms=go_live_ms, until_ms=until_ms)
        return lambda partition: PartitionTask(partition, Pipeline((Counting(),), None, Library("counting")), policy)

    prefix = os.environ["BENCH_OUTPUT_PREFIX"]
    plan = Plan([account_kind(inputs, make_factory)], ("product-usage.dlq",), "bench", lambda name: prefix + name)
    return run_worker(settings, SystemClock(), plan)


if __name__ == "__main__":
    sys.exit(main())
