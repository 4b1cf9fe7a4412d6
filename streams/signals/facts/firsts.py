"""Takes in what happens to an account for the first time."""

import msgspec

from schemas.events.event import Event
from streams.processing.cell import Cell
from streams.processing.cells import Cells
from streams.signals.context import Context


class Firsts(msgspec.Struct, array_like=True, gc=False):
    """Event time of the first event that came, by type; as many as rules may ask for."""

    came: dict[str, int] = {}


FIRSTS: Cell[Firsts] = Cell("firsts", Firsts, version=1)


def fold_first(cells: Cells, event: Event) -> None:
    """The first one that came stands: one that happened before it and comes late is not the first any more, it is only late."""
    if event.type not in cells[FIRSTS].came:
        cells.edit(FIRSTS).came[event.type] = event.time_ms


def is_first(context: Context, event: Event) -> bool:
    """Whether the event, taken in already, is the first of its type since the account was created; several of one instant all are.

    What came before we heard of an account of long standing nobody knows: none of its events is taken for the first.
    """
    created_ms = context.profile.created_ms
    return created_ms is not None and created_ms < event.time_ms == context.cells[FIRSTS].came.get(event.type)
