"""A worker with both kinds of task over the real engine and the two small processors.

Run as a process by the tests of tasks that talk to each other, configured by PLAYCALL_ variables.
"""

import sys

from schemas.catalogue import ASKS, ASSIGNMENTS, roster_topics
from streams.clock import SystemClock
from streams.engine.pipeline import Pipeline
from streams.engine.policy import EnginePolicy
from streams.engine.task import PartitionTask
from streams.kafka.kinds import account_kind, roster_kind
from streams.kafka.task import TaskFactory
from streams.kafka.worker import Plan, run_worker
from streams.settings import load_settings
from tests.small_roster import INPUTS, Asking, Choosing


def main() -> int:
    """A worker like any other, but for its pipelines."""
    settings = load_settings()
    until_ms = None if settings.until is None else round(settings.until.timestamp() * 1000)

    def accounts(go_live_ms: int, partitions: int) -> TaskFactory:
        policy = EnginePolicy(partitions=partitions, topics=INPUTS, go_live_ms=go_live_ms, until_ms=until_ms)
        return lambda partition: PartitionTask(partition, Pipeline([Asking()], None), policy)

    def roster(go_live_ms: int, partitions: int) -> TaskFactory:
        policy = EnginePolicy(
            partitions=1, topics=roster_topics(), go_live_ms=go_live_ms, until_ms=until_ms, elsewhere={ASSIGNMENTS: partitions}
        )
        return lambda partition: PartitionTask(partition, Pipeline([Choosing()], None), policy)

    outputs = (ASKS, ASSIGNMENTS, "tickets.dlq", "assignments.dlq", "roster.dlq", "assignment-requests.dlq")
    return run_worker(
        settings, SystemClock(), Plan([account_kind(INPUTS, accounts), roster_kind(roster_topics(), roster)], outputs, "test")
    )


if __name__ == "__main__":
    sys.exit(main())
