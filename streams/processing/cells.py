"""The state of one account: encoded until touched, decoded until committed."""

from collections.abc import Callable, Iterator

import msgspec

from streams.processing.bounded import encode_bounded
from streams.processing.cell import Cell, S

SHARED = ""
"""The key of cells that belong to no account or person: no id is empty."""


class Cells:
    """A small mapping from cell to value for one account.

    `get` reads, `edit` reads for writing (and marks dirty), `drop` deletes. A value obtained by `get` must not be mutated.
    Where a task keeps what is no account's, the key of that (a person, or `SHARED`) stands in the place of the account id.
    """

    __slots__ = ("_live", "_others", "_raw", "account_id", "dirty", "trimmed")

    def __init__(self, account_id: str, raw: dict[str, bytes] | None = None, others: "Callable[[str], Cells] | None" = None) -> None:
        self.account_id = account_id
        self._others = others
        self._raw: dict[str, bytes] = {} if raw is None else raw
        self._live: dict[str, msgspec.Struct] = {}
        self.dirty: dict[str, Cell[msgspec.Struct]] = {}
        self.trimmed: tuple[str, ...] = ()  # cells that had to lose detail in the last flush

    def get(self, cell: Cell[S]) -> S | None:
        """The value, or None when the account has no such cell."""
        value = self._live.get(cell.name)
        if value is None:
            data = self._raw.get(cell.name)
            if data is None or cell.name in self.dirty:  # dirty without a live value: dropped
                return None
            value = self._live[cell.name] = cell.decode(data)
        return value  # type: ignore[return-value]

    def __getitem__(self, cell: Cell[S]) -> S:
        """The value, or the empty cell (not stored) when the account has none."""
        value = self.get(cell)
        return cell.new() if value is None else value

    def edit(self, cell: Cell[S]) -> S:
        """The value for writing; created empty when missing. Marks the cell dirty."""
        value = self._live.get(cell.name)
        if value is None:
            data = self._raw.get(cell.name)
            value = self._live[cell.name] = cell.new() if data is None or cell.name in self.dirty else cell.decode(data)
        self.dirty[cell.name] = cell  # type: ignore[assignment]
        return value  # type: ignore[return-value]

    def put(self, cell: Cell[S], value: S) -> None:
        """Replace the value. Marks the cell dirty."""
        self._live[cell.name] = value
        self.dirty[cell.name] = cell  # type: ignore[assignment]

    def drop(self, cell: Cell[S]) -> None:
        """Delete the cell: a tombstone goes out with the next commit."""
        self._live.pop(cell.name, None)
        if cell.name in self._raw or cell.name in self.dirty:
            self.dirty[cell.name] = cell  # type: ignore[assignment]

    def beside(self, key: str) -> "Cells":
        """The cells of another key of the same partition, written in the same commit. `SHARED` is the key of what is nobody's own.

        Only for processors whose task holds everything on one partition (the roster): an account's task need not have another's.
        """
        if key == self.account_id:
            return self
        if self._others is None:
            raise LookupError(f"cells of {self.account_id!r} stand alone: they came from no store")
        return self._others(key)

    @property
    def empty(self) -> bool:
        """Whether the account has no cell at all, committed or not."""
        return not self._live and all(name in self.dirty for name in self._raw)

    def __contains__(self, cell: Cell[S]) -> bool:
        return cell.name in self._live or (cell.name in self._raw and cell.name not in self.dirty)

    def flush(self) -> Iterator[tuple[str, bytes | None, bytes | None]]:
        """Encode what is dirty: (cell name, old bytes, new bytes), None for absent. Afterwards nothing is dirty or live."""
        raw, live = self._raw, self._live
        self.trimmed = ()
        for name, cell in self.dirty.items():
            old = raw.get(name)
            value = live.get(name)
            new = None
            if value is not None:
                new, trimmed = encode_bounded(cell, value)
                if trimmed:
                    self.trimmed += (name,)
            if new == old:
                continue
            if new is None:
                del raw[name]
            else:
                raw[name] = new
            yield name, old, new
        self.dirty.clear()
        live.clear()
