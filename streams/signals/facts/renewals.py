"""Takes stages of renewals into how long each has stood."""

import msgspec

from schemas.events.event import Event
from streams.processing.bounded import drop_first
from streams.processing.cell import Cell
from streams.processing.cells import Cells
from streams.signals.facts.contracts import contract_meant

MAX_RENEWALS = 50
_LOST = frozenset({"lost", "closed_lost", "churned", "cancelled", "canceled"})
_CLOSED = frozenset({"won", "renewed", "signed", "closed", "closed_won"}) | _LOST


class Stage(msgspec.Struct, array_like=True, gc=False):
    """The stage of a renewal: since when, as told when. What it was before, as two stages may be told for one instant."""

    stage: str = ""
    since_ms: int = -1
    told_ms: int = -1
    before: str = ""
    before_ms: int = -1

    @property
    def closed(self) -> bool:
        """Whether nobody waits for anything any more."""
        return _is_closed(self.stage)

    @property
    def lost(self) -> bool:
        """Whether it is closed, and not by a renewal."""
        return _word(self.stage) in _LOST


class Renewals(msgspec.Struct, array_like=True, gc=False):
    """Stages by contract id, or the account's id where no contract is known."""

    by_contract: dict[str, Stage] = {}


RENEWALS: Cell[Renewals] = Cell("renewals", Renewals, version=1, trim=lambda cell: drop_first(cell.by_contract))


def fold_stage(cells: Cells, event: Event) -> None:
    """renewal.stage_changed: told again the stage stands since it was first told; of two for one instant a closed one stands."""
    subject, told, at_ms = contract_meant(cells, event), event.data["stage"], event.time_ms
    by_contract = cells.edit(RENEWALS).by_contract
    known = by_contract.get(subject)
    if known is None:
        if len(by_contract) >= MAX_RENEWALS:
            del by_contract[next(iter(by_contract))]
        known = by_contract[subject] = Stage()
    if at_ms > known.told_ms:
        known.before, known.before_ms, known.told_ms = known.stage, known.since_ms, at_ms
        _enter(known, told)
    elif at_ms == known.told_ms:
        _enter(known, max(known.stage, told, key=lambda stage: (_is_closed(stage), stage)))


def fold_end(cells: Cells, event: Event) -> None:
    """contract.renewed, contract.ended: the renewal is over; a stage told later begins another."""
    known = cells[RENEWALS].by_contract.get(event.data["contract_id"])
    if known is not None and event.time_ms >= known.told_ms:
        del cells.edit(RENEWALS).by_contract[event.data["contract_id"]]


def _enter(known: Stage, stage: str) -> None:
    known.stage = stage
    known.since_ms = known.before_ms if stage == known.before else known.told_ms


def _is_closed(stage: str) -> bool:
    return _word(stage) in _CLOSED


def _word(stage: str) -> str:
    return stage.strip().lower().replace(" ", "_").replace("-", "_")
