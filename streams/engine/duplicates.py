"""Event ids already applied, per account."""

import msgspec
from xxhash import xxh64_intdigest

from schemas.events.event import Event
from streams.processing.bounded import drop_first
from streams.processing.cell import Cell
from streams.processing.cells import Cells


class Seen(msgspec.Struct, array_like=True):
    """Hash of (source, event id) -> task time in ms when applied; in order of application, so the oldest come first."""

    ids: dict[int, int] = {}


def _trim(seen: Seen) -> int:
    return drop_first(seen.ids)


SEEN: Cell[Seen] = Cell("seen", Seen, version=1, trim=_trim)


def first_sight(cells: Cells, event: Event, now_ms: int, horizon_ms: int) -> bool:
    """Remember the event; False when the account had it within the horizon.

    64-bit hashes: with 10,000 ids in an account the chance that any two collide is 3e-12.
    """
    identity = _identity(event)
    known = cells.get(SEEN)
    if known is not None and now_ms - known.ids.get(identity, -horizon_ms) < horizon_ms:
        return False
    ids = cells.edit(SEEN).ids
    ids.pop(identity, None)
    ids[identity] = now_ms
    outdated = []
    for other, at_ms in ids.items():
        if now_ms - at_ms < horizon_ms:
            break
        outdated.append(other)
    for other in outdated:
        del ids[other]
    return True


def forget(cells: Cells, event: Event) -> None:
    """An event that was remembered but not applied: the same one may be sent again."""
    seen = cells.edit(SEEN)
    seen.ids.pop(_identity(event), None)
    if not seen.ids:
        cells.drop(SEEN)


def _identity(event: Event) -> int:
    return xxh64_intdigest(event.source.encode() + b"\x00" + event.event_id.encode())
