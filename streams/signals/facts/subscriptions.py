"""Takes subscriptions into what each contract pays for."""

from typing import Any

import msgspec

from schemas.events.event import Event
from streams.processing.bounded import drop_first
from streams.processing.cell import Cell
from streams.processing.cells import Cells

MAX_SUBSCRIPTIONS = 50
FIGURES = ("plan", "seats", "mrr")


class Subscription(msgspec.Struct, array_like=True, gc=False):
    """As last told; None is unknown."""

    told_ms: int = -1
    plan: str | None = None
    seats: int | None = None
    mrr: float | None = None


class Subscriptions(msgspec.Struct, array_like=True, gc=False):
    """Subscriptions by contract id; "" where the publisher names no contract."""

    by_contract: dict[str, Subscription] = {}


SUBSCRIPTIONS: Cell[Subscriptions] = Cell("subscriptions", Subscriptions, version=1, trim=lambda cell: drop_first(cell.by_contract))


def fold_subscription(cells: Cells, event: Event) -> None:
    """subscription.started, subscription.changed: what they state replaces what was, unless it was told later."""
    by_contract, contract_id = cells.edit(SUBSCRIPTIONS).by_contract, event.data.get("contract_id", "")
    known = by_contract.get(contract_id)
    if known is None:
        if len(by_contract) >= MAX_SUBSCRIPTIONS:
            del by_contract[next(iter(by_contract))]
        known = by_contract[contract_id] = Subscription()
    if event.time_ms < known.told_ms:
        return
    known.told_ms = event.time_ms
    for name in FIGURES:
        if name in event.data:
            setattr(known, name, event.data[name])


def figure_before(cells: Cells, event: Event, name: str) -> Any:
    """What `plan`, `seats` or `mrr` was before the event changes it: as it states itself, else as told before; None is unknown."""
    stated = event.data.get(f"{name}_before")
    if stated is not None:
        return stated
    known = cells[SUBSCRIPTIONS].by_contract.get(event.data.get("contract_id", ""))
    return None if known is None or known.told_ms > event.time_ms else getattr(known, name)
