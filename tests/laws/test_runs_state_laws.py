"""State of runs and of the roster: what the first version of a cell wrote is read as it was meant, and gone on with."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from plays.runs.run import Run
from plays.suppression.suppression import Suppression
from schemas.records.decision import Reason
from streams.processing.cell import Cell
from streams.processing.cells import Cells
from streams.roster import processor as roster
from streams.router import processor as router
from streams.router.cells import RUNS
from streams.router.course.pins import PINS
from streams.router.holding import HELD
from tests.desk import HOUR, Desk
from tests.laws.first_runs import ACCOUNT, DEADLINES, NOW_MS
from tests.laws.first_runs import RICH as WRITTEN
from tests.laws.rich_runs import RICH
from tests.unit.test_router_suppression import INHIBITED

OURS: tuple[Cell[Any], ...] = (*router.RouterProcessor.cells, *roster.RosterProcessor.cells)
READERS = {cell.name: cell for cell in OURS}


def test_every_cell_of_router_and_roster_is_here() -> None:
    assert READERS.keys() == WRITTEN.keys() | {PINS.name}
    assert PINS.name in ACCOUNT


@pytest.mark.parametrize("name", WRITTEN)
def test_what_was_written_says_what_was_meant(name: str) -> None:
    cell = READERS[name]
    value = cell.decode(bytes.fromhex(WRITTEN[name]))

    assert value == RICH[name]
    assert cell.decode(cell.encode(value)) == value


def test_every_struct_in_the_cells_is_in_the_example() -> None:
    """Whoever adds a struct to these cells adds it here."""
    kept = {found for cell in OURS if cell is not PINS for found in _structs(msgspec.inspect.type_info(cell.type), set())}

    assert kept == {type(value) for value in _values(list(RICH.values()))}


def test_a_run_cut_to_what_it_cannot_do_without_is_read() -> None:
    """Every release so far wrote a beginning of the fields there are now."""
    [run] = msgspec.msgpack.decode(WRITTEN_RUNS[1:])["open"]
    needed = next(place for place, field in enumerate(msgspec.structs.fields(Run)) if not field.required)

    for length in range(needed, len(run) + 1):
        read = msgspec.msgpack.decode(msgspec.msgpack.encode(run[:length]), type=Run)
        assert (read.id, read.touched_ms, read.sequence) == ("r-1", RICH_RUN.touched_ms, RICH_RUN.sequence if length > needed else 0)


def test_an_account_goes_on_from_it() -> None:
    """Nothing is lost, nothing begins twice: the roster is given up, the P1 has somebody, what waited goes when the P1 is closed."""
    desk = Desk(roster=True, hush=Suppression(INHIBITED.policy, INHIBITED.max_hold_days))
    desk.raw = {name: bytes.fromhex(text) for name, text in ACCOUNT.items()}
    desk.cells = Cells("acme", desk.raw)
    desk.now_ms, desk.deadlines = NOW_MS, dict(DEADLINES)
    review, ticket = (run.id for run in desk.cells[RUNS].open)
    [held] = desk.cells[HELD].held

    [launched] = desk.advance(10_000)
    assert (launched.kind, launched.run_id, launched.priority) == ("launched", ticket, "P1")
    [resumed] = desk.update("resumed", review)
    assert (resumed.kind, resumed.sequence, resumed.owner.id, len(resumed.triggers)) == ("resumed", 7, "aisha.rahman", 2)
    assert resumed.clocks.act_by is not None
    [closed] = desk.update("closed", ticket, code="resolved")
    assert closed.kind == "closed"
    assert [decision.reason for decision in desk.decisions] == [Reason.RELEASED]
    [*_, ask] = [one for one in desk.asked if one["type"] == "assignment.requested"]
    [sale] = desk.answer(ask, "aisha.rahman")
    assert (sale.kind, sale.triggers) == ("launched", (held.trigger_id,))
    desk.advance(HOUR)
    done = desk.update("step_completed", review, step="usage review")
    assert [message.kind for message in done] == ["completed"]
    assert desk.rejects == []


WRITTEN_RUNS = bytes.fromhex(WRITTEN["runs"])
RICH_RUN = RICH["runs"].open[0]  # type: ignore[attr-defined]


def _structs(of: msgspec.inspect.Type, seen: set[type]) -> set[type]:
    """Every struct that a type can hold."""
    if isinstance(of, msgspec.inspect.StructType):
        if of.cls in seen:
            return seen
        seen.add(of.cls)
        for field in of.fields:
            _structs(field.type, seen)
    for name in ("item_type", "key_type", "value_type"):
        if hasattr(of, name):
            _structs(getattr(of, name), seen)
    for name in ("types", "item_types"):
        for one in getattr(of, name, ()):
            _structs(one, seen)
    return seen


def _values(of: object) -> Iterator[object]:
    """Every struct in a value."""
    if isinstance(of, msgspec.Struct):
        yield of
        for name in of.__struct_fields__:
            yield from _values(getattr(of, name))
    elif isinstance(of, list | tuple):
        for one in of:
            yield from _values(one)
    elif isinstance(of, dict):
        yield from _values(list(of.values()))
