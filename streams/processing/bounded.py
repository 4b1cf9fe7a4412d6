"""The byte bound of a cell: what does not fit loses detail before a transaction opens, or is an error that names it."""

from typing import Any

import msgspec

from streams.processing.cell import Cell, CellError

CELL_MAX = 1 << 20
"""Bytes of an encoded cell. Half of what the topic `state` accepts, so that key and framing never matter; twice what the
largest cell takes within its other bounds (10,000 users of an account, ids of 36 characters: 480 KB).
"""

_SHARE = 4  # of the detail that goes at a time, so that few rounds are needed whatever the size


def encode_bounded(cell: Cell[Any], value: msgspec.Struct) -> tuple[bytes, bool]:
    """The encoded cell, and whether detail had to go, which changes `value`. Raises `CellError` when it cannot be made to fit."""
    data = cell.encode(value)
    if len(data) <= CELL_MAX:
        return data, False
    while len(data) > CELL_MAX:
        if cell.trim is None or not cell.trim(value):
            raise CellError(cell.name, f"takes {len(data)} bytes, {CELL_MAX} can be written, and it has no detail that may go")
        data = cell.encode(value)
    return data, True


def drop_first(detail: dict[Any, Any] | list[Any]) -> int:
    """Drop the first quarter, at least one: how many went, 0 when it was empty. What came first is the oldest."""
    count = -(-len(detail) // _SHARE)
    if isinstance(detail, list):
        del detail[:count]
    else:
        for key in list(detail)[:count]:
            del detail[key]
    return count


def drop_from_longest(details: dict[Any, Any]) -> int:
    """The same from the longest of several mappings or lists."""
    return drop_first(max(details.values(), key=len)) if details else 0
