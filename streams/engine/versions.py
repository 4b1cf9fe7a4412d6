"""Refusals of state that something newer has written: a newer release (cell versions) or a newer library (the revision)."""

from collections.abc import Iterable
from typing import Any

from streams.engine.errors import StateError
from streams.processing.cell import Cell, CellVersionError
from streams.processing.library import Revision


class CellVersions:
    """The newest version seen of each cell while `state` is read: a release that cannot read them all should not begin."""

    __slots__ = ("_newest",)

    def __init__(self) -> None:
        self._newest: dict[bytes, int] = {}

    def see(self, key: bytes, value: bytes) -> None:
        """One record of `state`; the first byte of an account's cell is its version."""
        name = key[key.rfind(b"\x00") + 1 :]
        if value[0] > self._newest.get(name, 0):
            self._newest[name] = value[0]

    def check(self, cells: Iterable[Cell[Any]], partition: int) -> None:
        """Raises StateError when `state` has a cell in a later version than this release knows. Unknown cells are only kept."""
        for cell in cells:
            found = self._newest.get(cell.name.encode(), 0)
            if found > cell.version:
                raise StateError(f"partition {partition} of the state topic: {CellVersionError(cell.name, found, cell.version)}")


def check_revision(found: str, ours: str, partition: int, *, allow_rollback: bool) -> None:
    """Raises StateError when the accounts were planned by a newer library than ours."""
    theirs, mine = Revision.parse(found), Revision.parse(ours)
    if mine.number < theirs.number and not allow_rollback:
        raise StateError(
            f"accounts of partition {partition} are planned by revision {theirs.number} of the library, this worker has revision "
            f"{mine.number}: deploy the newer library, or start with --allow-rollback to plan all accounts anew by this one"
        )
