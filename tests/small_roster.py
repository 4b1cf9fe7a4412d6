"""The smallest two processors that talk to each other: accounts ask for each ticket, a roster names whoever has least."""

from collections.abc import Iterable, Mapping

import msgspec

from schemas.catalogue import ASSIGNMENTS
from schemas.events.event import Event
from schemas.records.wire import utc
from streams.processing.cell import Cell
from streams.processing.cells import SHARED, Cells
from streams.processing.deadline import Deadline
from streams.processing.effects import Answer, Ask, Effect
from streams.processing.moment import Moment

INPUTS = ("tickets", ASSIGNMENTS)
PEOPLE = ("ana", "ben", "cleo")


class Answers(msgspec.Struct):
    """What an account was told, in order, by ticket."""

    people: dict[str, list[str]] = {}


class Loads(msgspec.Struct):
    """Open tickets by person."""

    open: dict[str, int] = {}


class Held(msgspec.Struct):
    """Who has which ticket of an account."""

    by_ask: dict[str, str] = {}


ANSWERS: Cell[Answers] = Cell("answers", Answers, version=1)
LOADS: Cell[Loads] = Cell("loads", Loads, version=1)
HELD: Cell[Held] = Cell("held", Held, version=1)


class _Silent:
    def silent_topics(self, name: str) -> tuple[str, ...]:
        return ()

    def on_held(self, cells: Cells, deadline: Deadline, moment: Moment) -> Iterable[Effect]:
        return ()

    def on_deadline(self, cells: Cells, deadline: Deadline, moment: Moment) -> Iterable[Effect]:
        return ()


class Asking(_Silent):
    """Asks when a ticket is created, lets go when it is closed."""

    name = "asking"
    event_types = frozenset({"ticket.created", "ticket.closed", "assignment.made"})

    def on_event(self, cells: Cells, event: Event, moment: Moment) -> Iterable[Effect]:
        if event.type == "assignment.made":
            cells.edit(ANSWERS).people.setdefault(event.data["ask_id"], []).append(event.data["person"])
            return ()
        ticket = event.data["ticket_id"]
        if event.type == "ticket.created":
            wanted = {
                "role": "csm",
                "pool": "all",
                "concern": "support",
                "priority": "P2",
                "play": "x",
                "sla_minutes": 60.0,
                "business": False,
            }
            return [Ask(_said("assignment.requested", ticket, cells, moment, wanted))]
        known = cells[ANSWERS].people.get(ticket)
        return [Ask(_said("assignment.released", ticket, cells, moment, {"person": known[0]}))] if known else ()


class Choosing(_Silent):
    """Whoever has least, the first by name."""

    name = "roster"
    event_types = frozenset({"assignment.requested", "assignment.released"})

    def on_event(self, cells: Cells, event: Event, moment: Moment) -> Iterable[Effect]:
        ask, loads, held = event.data["ask_id"], cells.beside(SHARED).edit(LOADS).open, cells.edit(HELD).by_ask
        if event.type == "assignment.released":
            loads[held.pop(ask)] -= 1
            return ()
        person = min(PEOPLE, key=lambda name: (loads.get(name, 0), name))
        loads[person] = loads.get(person, 0) + 1
        held[ask] = person
        told = {"person": person, "name": person.title(), "role": "csm", "reason": "pool", "detail": "has least"}
        return [Answer(_said("assignment.made", ask, cells, moment, told))]


def _said(kind: str, ask: str, cells: Cells, moment: Moment, fields: Mapping[str, object]) -> dict[str, object]:
    return {
        "event_id": f"{kind}:{ask}", "type": kind, "account_id": cells.account_id, "occurred_at": utc(moment.now_ms), "source": "playcall",
        "ask_id": ask, "run_id": ask, "step": "owner", **fields,
    }  # fmt: skip
