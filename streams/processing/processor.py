"""The one shape for all logic: pure objects that turn events and deadlines into effects."""

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from schemas.events.event import Event
from schemas.records.trigger import Trigger
from streams.processing.cells import Cells
from streams.processing.deadline import Deadline
from streams.processing.effects import Cleared, Effect
from streams.processing.library import Change
from streams.processing.moment import Moment
from streams.processing.proof import Topics


class Processor(Protocol):
    """State in `cells`, facts in, effects out. Never sees Kafka, a clock or a metric.

    Must be deterministic: the same cells, input and moment give the same writes and effects in the same order. One that
    has an attribute `cells` (those it reads or writes) has their versions checked before any of them is read.
    """

    name: str
    event_types: frozenset[str]

    def on_event(self, cells: Cells, event: Event, moment: Moment) -> Iterable[Effect]:
        """Apply one event of a type in `event_types`."""

    def silent_topics(self, name: str) -> Topics:
        """Topics on which the deadline of this name expects to have heard nothing, sorted; empty: on none in particular."""

    def on_held(self, cells: Cells, deadline: Deadline, moment: Moment) -> Iterable[Effect]:
        """A silence is due and cannot be believed yet. Told once; `on_deadline` follows when a feed returns or patience ends."""

    def on_deadline(self, cells: Cells, deadline: Deadline, moment: Moment) -> Iterable[Effect]:
        """A deadline this processor set is due. It is already forgotten; set it again to repeat it."""


class TriggerProcessor(Processor, Protocol):
    """A processor that is also handed the triggers raised by the one before it, and told when what they were about is over."""

    def on_trigger(self, cells: Cells, trigger: Trigger, moment: Moment) -> Iterable[Effect]:
        """Answer a raised trigger in the same step and transaction."""

    def on_cleared(self, cells: Cells, cleared: Cleared, moment: Moment) -> Iterable[Effect]:
        """An episode whose trigger was handed over is over; in the same step and transaction."""


@runtime_checkable
class Planner(Processor, Protocol):
    """A processor whose deadlines follow from state and library: it can plan an account anew."""

    def replan(self, cells: Cells, change: Change, moment: Moment) -> Iterable[Effect]:
        """The account passes to this processor's library from another one. Called once per account and library."""
