"""Takes lifetime counters into how far each has come."""

import msgspec

from schemas.events.event import Event
from streams.processing.bounded import drop_first
from streams.processing.cell import Cell
from streams.processing.cells import Cells

MAX_COUNTERS = 100


class Counter(msgspec.Struct, array_like=True, gc=False):
    """`highest` it ever was; `opened_ms` the time of the first value that came, which opens it."""

    highest: float = 0.0
    opened_ms: int = -1


class Counters(msgspec.Struct, array_like=True, gc=False):
    """Counters by name."""

    by_name: dict[str, Counter] = {}


COUNTERS: Cell[Counters] = Cell("counters", Counters, version=1, trim=lambda cell: drop_first(cell.by_name))


def fold_counter(cells: Cells, event: Event) -> None:
    """usage.counter: `value` is cumulative; one that is late, or went down, changes nothing."""
    name, value = event.data["counter"], float(event.data["value"])
    known = cells[COUNTERS].by_name.get(name)
    if known is None:
        by_name = cells.edit(COUNTERS).by_name
        if len(by_name) < MAX_COUNTERS:
            by_name[name] = Counter(value, event.time_ms)
    elif value > known.highest:
        cells.edit(COUNTERS).by_name[name].highest = value


def crossed_from(cells: Cells, event: Event) -> float | None:
    """Above which value the counter rises with this event, which is not taken in yet; None where it does not.

    The first value never rises, nor do others of its instant: what was before we heard of the counter is its opening balance.
    """
    known = cells[COUNTERS].by_name.get(event.data["counter"])
    if known is None or event.time_ms <= known.opened_ms or event.data["value"] <= known.highest:
        return None
    return max(known.highest, float(event.data.get("opening_balance", 0)))
