"""Takes meetings and business reviews into when each kind was last held."""

import msgspec

from schemas.events.event import Event
from schemas.records.wire import epoch_ms
from streams.processing.bounded import drop_first
from streams.processing.cell import Cell
from streams.processing.cells import Cells

MAX_KINDS = 50
FOR_EVER_MS = 1 << 62


class Meetings(msgspec.Struct, array_like=True, gc=False):
    """By kind, ms: event time of the last one held; the first one planned or held, the last one planned, when they begin; event
    time of the last cancellation.
    """

    last: dict[str, int] = {}
    first: dict[str, int] = {}
    planned: dict[str, int] = {}
    cancelled: dict[str, int] = {}


def _trim(cell: Meetings) -> int:
    return drop_first(max(cell.last, cell.first, cell.planned, cell.cancelled, key=len))


MEETINGS: Cell[Meetings] = Cell("meetings", Meetings, version=1, trim=_trim)


def fold_meeting(cells: Cells, event: Event) -> None:
    """meeting.held, and qbr.completed, which is a meeting of kind qbr."""
    kind = "qbr" if event.type == "qbr.completed" else event.data.get("kind")
    if kind is None:
        return
    known = cells[MEETINGS]
    if _has_room(known.last, kind) and event.time_ms > known.last.get(kind, -1):
        cells.edit(MEETINGS).last[kind] = event.time_ms
    _first(cells, kind, event.time_ms)


def fold_scheduled(cells: Cells, event: Event) -> None:
    """meeting.scheduled, meeting.cancelled. A meeting without a time is planned for the moment we hear of it."""
    kind, starts_at = event.data.get("kind"), event.data.get("starts_at")
    if kind is None:
        return
    starts_ms = event.time_ms if starts_at is None else epoch_ms(starts_at)
    known = cells[MEETINGS]
    if event.type == "meeting.cancelled":
        if _has_room(known.cancelled, kind) and event.time_ms > known.cancelled.get(kind, -1):
            cells.edit(MEETINGS).cancelled[kind] = event.time_ms
        return
    if _has_room(known.planned, kind) and starts_ms > known.planned.get(kind, -1):
        cells.edit(MEETINGS).planned[kind] = starts_ms
    _first(cells, kind, starts_ms)


def _first(cells: Cells, kind: str, at_ms: int) -> None:
    first = cells[MEETINGS].first
    if _has_room(first, kind) and at_ms < first.get(kind, FOR_EVER_MS):
        cells.edit(MEETINGS).first[kind] = at_ms


def _has_room(by_kind: dict[str, int], kind: str) -> bool:
    return kind in by_kind or len(by_kind) < MAX_KINDS
