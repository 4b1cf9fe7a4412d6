"""Every cell that a release keeps, by name. A test compares it with the declarations."""

from collections.abc import Mapping
from typing import Any

from streams.engine.deadlines import DEADLINES
from streams.engine.duplicates import SEEN
from streams.engine.sweep import SWEPT
from streams.processing.account import CONTACTS, PROFILE
from streams.processing.cell import Cell
from streams.roster.processor import RosterProcessor
from streams.router.processor import RouterProcessor
from streams.signals.processor import OF_THE_RELATION
from streams.signals.standing import LEDGER
from streams.signals.state import FIRED

_ALL: tuple[Cell[Any], ...] = (
    DEADLINES,
    SEEN,
    PROFILE,
    CONTACTS,
    *RouterProcessor.cells,
    FIRED,
    LEDGER,
    SWEPT,
    *OF_THE_RELATION,
    *RosterProcessor.cells,
)
CELLS: Mapping[str, Cell[Any]] = {cell.name: cell for cell in _ALL}
