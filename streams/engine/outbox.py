"""What the next transaction will publish, and what it will count."""

from collections import Counter
from collections.abc import Mapping

from schemas.catalogue import ASKS, ASSIGNMENTS
from schemas.decoding.partitioning import partition_of
from schemas.records.decision import Decision
from schemas.records.health_changed import HealthChanged
from schemas.records.internal_event import internal_event
from schemas.records.play_message import PlayMessage
from schemas.records.play_outcome import PlayOutcome, Took
from schemas.records.trigger import Trigger
from schemas.records.wire import OutRecord
from streams.engine.commit import Ended, Tally


class Outbox:
    """Collects output records in the order they were decided.

    `elsewhere` are the partition counts of topics that are not partitioned as what the task reads: there the key decides.
    """

    __slots__ = ("_elsewhere", "bytes", "oldest_append_ms", "records", "tally")

    def __init__(self, elsewhere: Mapping[str, int]) -> None:
        self._elsewhere = elsewhere
        self.clear()

    def clear(self) -> None:
        """Start over; what was handed out stays with its commit."""
        self.records: list[OutRecord] = []
        self.tally = Tally.starting(Counter())
        self.bytes = 0
        self.oldest_append_ms: int | None = None

    def trigger(self, trigger: Trigger) -> None:
        """Publish a trigger."""
        self._add(trigger.to_record())
        self.tally.triggers[trigger.rule] += 1

    def message(self, message: PlayMessage) -> None:
        """Publish a message of a run."""
        self._add(message.to_record())
        self.tally.messages[message.kind] += 1
        if message.kind == "launched":
            self.tally.opened[message.play] += 1

    def outcome(self, outcome: PlayOutcome) -> None:
        """Publish what became of a run."""
        self._add(outcome.to_record())
        times = (_seconds(outcome.to_acknowledge), _seconds(outcome.to_act), outcome.to_resolve.seconds)
        path = outcome.segment_path  # the tree has at least its root; what others ask for has none, and a rule that may be any text
        rule, segment = (outcome.rule, path[-1]) if path else ("requested", "")
        self.tally.ended.append(Ended(outcome.play, rule, segment, outcome.code, outcome.priority, *times))

    def decision(self, decision: Decision) -> None:
        """Publish a decision."""
        self._add(decision.to_record())
        self.tally.decisions[decision.reason] += 1

    def health(self, change: HealthChanged) -> None:
        """Publish a change of health."""
        self._add(change.to_record())

    def ask(self, event: Mapping[str, object]) -> OutRecord:
        """Publish a word of the router to the roster."""
        record = self._add(internal_event(ASKS, event))
        self.tally.assignments[str(event["type"])] += 1
        return record

    def answer(self, event: Mapping[str, object]) -> None:
        """Publish a word of the roster to the router."""
        self._add(internal_event(ASSIGNMENTS, event))
        self.tally.assignments[str(event["type"])] += 1

    def dead_letter(self, record: OutRecord, topic: str, reason: str) -> None:
        """Publish a dead letter."""
        self._add(record)
        self.tally.dead_letters[topic, reason] += 1

    def stray(self, record: OutRecord, topic: str, source: str) -> None:
        """Forward a record of a source to the partition of its key."""
        self._add(record)
        self.bytes += sum(len(value or b"") for _, value in record.headers)
        self.tally.strays[topic, source] += 1

    def _add(self, record: OutRecord) -> OutRecord:
        count = self._elsewhere.get(record.topic)
        if count is not None:
            record = record._replace(partition=partition_of(record.key or b"", count))
        self.records.append(record)
        self.bytes += len(record.value or b"") + 400  # headers and framing
        return record


def _seconds(took: Took | None) -> float | None:
    return None if took is None else took.seconds
