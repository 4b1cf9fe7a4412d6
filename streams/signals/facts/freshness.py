"""Takes data.refreshed into when each dataset of the account was last refreshed."""

import msgspec

from schemas.events.event import Event
from streams.processing.bounded import drop_first
from streams.processing.cell import Cell
from streams.processing.cells import Cells

MAX_DATASETS = 50


class Freshness(msgspec.Struct, array_like=True, gc=False):
    """Event time of the last refresh by dataset, ms; "" where the publisher names none."""

    last: dict[str, int] = {}


FRESHNESS: Cell[Freshness] = Cell("freshness", Freshness, version=1, trim=lambda cell: drop_first(cell.last))


def fold_refresh(cells: Cells, event: Event) -> None:
    """data.refreshed; beyond 50 datasets new ones are left out."""
    dataset = event.data.get("dataset", "")
    last = cells[FRESHNESS].last
    if event.time_ms > last.get(dataset, -1) and (dataset in last or len(last) < MAX_DATASETS):
        cells.edit(FRESHNESS).last[dataset] = event.time_ms
