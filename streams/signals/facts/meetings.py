"""Takes meetings and business reviews into when each kind was last held."""

import msgspec

from schemas.events.event import Event
from streams.processing.bounded import drop_first
from streams.processing.cell import Cell
from streams.processing.cells import Cells

MAX_KINDS = 50


class Meetings(msgspec.Struct, array_like=True, gc=False):
    """Event time of the last meeting by kind, ms."""

    last: dict[str, int] = {}


MEETINGS: Cell[Meetings] = Cell("meetings", Meetings, version=1, trim=lambda cell: drop_first(cell.last))


def fold_meeting(cells: Cells, event: Event) -> None:
    """meeting.held, and qbr.completed, which is a meeting of kind qbr."""
    kind = "qbr" if event.type == "qbr.completed" else event.data.get("kind")
    if kind is None:
        return
    last = cells[MEETINGS].last
    if kind not in last and len(last) >= MAX_KINDS:
        return
    if event.time_ms > last.get(kind, -1):
        cells.edit(MEETINGS).last[kind] = event.time_ms
