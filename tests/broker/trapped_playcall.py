"""The `playcall` command with one more processor in its pipeline: one that cannot stand certain tickets.

A ticket called `poison` raises when it is applied; one called `cursed` sets a deadline that raises when it fires.
Run as a process: `python trapped_playcall.py worker ...`, `python trapped_playcall.py doctor ...`.
"""

from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

from schemas.events.event import Event
from streams.cli import doctor, worker
from streams.cli.compose import Configuration, load_configuration
from streams.cli.main import main
from streams.engine.pipeline import Pipeline
from streams.processing.cells import Cells
from streams.processing.deadline import Deadline
from streams.processing.effects import Effect, SetDeadline
from streams.processing.moment import Moment


class Trap:
    """Keeps no state and says nothing."""

    name = "trap"
    event_types = frozenset({"ticket.created"})

    def on_event(self, cells: Cells, event: Event, moment: Moment) -> Iterable[Effect]:
        if event.data["ticket_id"] == "poison":
            raise ZeroDivisionError("the trap has closed")
        return (SetDeadline("snap", event.time_ms + 60_000),) if event.data["ticket_id"] == "cursed" else ()

    def silent_topics(self, name: str) -> tuple[str, ...]:
        return ()

    def on_held(self, cells: Cells, deadline: Deadline, moment: Moment) -> tuple[Effect, ...]:
        return ()

    def on_deadline(self, cells: Cells, deadline: Deadline, moment: Moment) -> Iterable[Effect]:
        raise ZeroDivisionError("the trap has closed late")


class Trapped(Configuration):
    """As shipped, and the trap."""

    def pipeline(self, *, roster: bool = False) -> Pipeline:
        shipped = super().pipeline(roster=roster)
        return Pipeline((*shipped.processors, Trap()), shipped.answerer, shipped.library)


def load(
    library: Path | None = None,
    policy: Path | None = None,
    only: tuple[str, ...] | None = None,
    alternatives: tuple[str, ...] | None = None,
) -> Configuration:
    known = load_configuration(library, policy, only, alternatives)
    return Trapped(**{field.name: getattr(known, field.name) for field in fields(known)})


if __name__ == "__main__":
    worker.load_configuration = doctor.load_configuration = load  # type: ignore[attr-defined]
    main()
