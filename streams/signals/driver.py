"""Drives a processor through the story of one account: events and deadlines in the order of time, as the engine would."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from schemas.events.event import Event
from streams.processing.cells import Cells
from streams.processing.deadline import Deadline
from streams.processing.effects import CancelDeadline, Effect, SetDeadline
from streams.processing.library import Change
from streams.processing.moment import Mode, Moment
from streams.processing.processor import Planner, Processor

GRACE_MS = 600_000
"""How long after a silence deadline what was under way may still arrive."""


class Happened(NamedTuple):
    """An effect (deadlines left out) and the task time at which it came."""

    now_ms: int
    effect: Effect


class Driver:
    """One account. Time only moves forward; a deadline comes before events of its own instant; a silence deadline comes a grace later."""

    def __init__(self, processor: Processor, account_id: str, go_live_ms: int = 0) -> None:
        self.cells = Cells(account_id)
        self.happened: list[Happened] = []
        self.deadlines_met = 0
        self._processor = processor
        self._go_live_ms = go_live_ms
        self._deadlines: dict[str, tuple[int, int]] = {}  # name -> (due, at)
        self._soonest = 0  # nothing is due before it
        self.now_ms = 0

    def run(self, events: Iterable[Event], until_ms: int | None = None, after_each: Callable[[Cells], None] | None = None) -> None:
        """Apply events in their given order, deadlines in between, then deadlines up to and with `until_ms`."""
        for event in events:
            self._advance(event.time_ms)
            if event.type in self._processor.event_types:
                self._take(self._processor.on_event(self.cells, event, self._moment()))
            if after_each is not None:
                after_each(self.cells)
        if until_ms is not None:
            self._advance(until_ms)

    def pass_to(self, processor: Planner, change: Change) -> None:
        """The library changes now: `processor` takes over."""
        self._processor = processor
        self._take(processor.replan(self.cells, change, self._moment()))

    @property
    def deadlines(self) -> Sequence[tuple[str, int]]:
        """What is set: (name, at), by name."""
        return [(name, at) for name, (_, at) in sorted(self._deadlines.items())]

    def _advance(self, to_ms: int) -> None:
        while self._deadlines and self._soonest <= to_ms:
            due, name, at = min((due, name, at) for name, (due, at) in self._deadlines.items())
            self._soonest = due
            if due > to_ms:
                break
            del self._deadlines[name]
            self.now_ms = max(self.now_ms, due)
            self.deadlines_met += 1
            self._take(self._processor.on_deadline(self.cells, Deadline(name, at), self._moment()))
        self.now_ms = max(self.now_ms, to_ms)

    def _moment(self) -> Moment:
        return Moment(self.now_ms, historical=self.now_ms < self._go_live_ms, mode=Mode.CATCHING_UP)

    def _take(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, SetDeadline):
                due = effect.at_ms + (GRACE_MS if effect.silence else 0)
                self._deadlines[effect.name] = (due, effect.at_ms)
                self._soonest = min(self._soonest, due)
            elif isinstance(effect, CancelDeadline):
                self._deadlines.pop(effect.name, None)
            else:
                self.happened.append(Happened(self.now_ms, effect))


def flush(cells: Cells) -> None:
    """Encode and forget everything decoded, as a commit does."""
    for _ in cells.flush():
        pass
