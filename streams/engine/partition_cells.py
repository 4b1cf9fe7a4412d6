"""Cells that belong to the partition itself and to no account: raw bytes by name."""

from collections.abc import Iterator

PARTITION_ACCOUNT = "\x00partition"
"""Stands where an account id would: no account can be called so, decoding refuses control characters."""


class PartitionCells:
    """What the task remembers beside its accounts. Written with the next commit, restored and proven like any other cell.

    Names are texts without 0x00, up to the writers: each begins its names with a word of its own and a dot. Values are
    kept encoded, and are the writer's to encode.
    """

    __slots__ = ("_committed", "_dirty")

    def __init__(self) -> None:
        self._committed: dict[str, bytes] = {}
        self._dirty: dict[str, bytes | None] = {}

    def get(self, name: str) -> bytes | None:
        """The value as last put, committed or not; None when there is none."""
        return self._dirty[name] if name in self._dirty else self._committed.get(name)

    def put(self, name: str, value: bytes) -> None:
        """Replace the value. Raises ValueError for a name that cannot be a key."""
        if not name or "\x00" in name:
            raise ValueError(f"partition cell {name!r}: the name must be a text without 0x00")
        if self._committed.get(name) == value:
            self._dirty.pop(name, None)
        else:
            self._dirty[name] = value

    def delete(self, name: str) -> None:
        """Forget the cell: a tombstone goes out with the next commit. An unknown name is fine."""
        if name in self._committed:
            self._dirty[name] = None
        else:
            self._dirty.pop(name, None)

    def names(self, prefix: str = "") -> list[str]:
        """Names that have a value now, in order."""
        known = {name for name in self._committed if name not in self._dirty}
        known.update(name for name, value in self._dirty.items() if value is not None)
        return sorted(name for name in known if name.startswith(prefix))

    @property
    def dirty(self) -> bool:
        """Something is to be written."""
        return bool(self._dirty)

    @property
    def dirty_bytes(self) -> int:
        """Bytes of the values to be written."""
        return sum(len(value) for value in self._dirty.values() if value is not None)

    def restore(self, name: str, value: bytes | None) -> bytes | None:
        """Take one record of `state`; returns the value it replaces."""
        old = self._committed.pop(name, None)
        if value is not None:
            self._committed[name] = value
        return old

    def flush(self) -> Iterator[tuple[str, bytes | None, bytes | None]]:
        """What changed, by name: (name, old, new), None for absent. Afterwards nothing is dirty."""
        changed, self._dirty = self._dirty, {}
        for name in sorted(changed):
            new = changed[name]
            yield name, self.restore(name, new), new
