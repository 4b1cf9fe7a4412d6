"""Cells: the typed pieces of one account's state, cut by how often they change."""

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

S = TypeVar("S", bound=msgspec.Struct)

_VERSION_BYTES = 1


class Cell(Generic[S]):
    """Declares one cell: its name in `state`, its struct, its schema version.

    The struct must be constructible without arguments (that is the empty cell). A later version reads older data as
    long as it only adds fields with defaults; anything else needs an entry in `upgrades` ({old version: bytes -> struct}).

    A cell above the byte bound is given to `trim`, which drops some of the oldest detail, notes so in the struct where
    evidence rests on it, and returns something false when nothing is left to drop (see `streams.processing.bounded`).
    """

    __slots__ = ("_decoder", "_encoder", "name", "trim", "type", "upgrades", "version")

    def __init__(self, name: str, type: type[S], version: int, trim: Callable[[S], object] | None = None) -> None:  # noqa: A002 it is the type
        if not name.isidentifier() or not 0 < version < 256:
            raise ValueError(f"cell {name!r} version {version}: the name must be an identifier, the version 1 to 255")
        self.name = name
        self.type = type
        self.version = version
        self.trim = trim
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(type)

    def new(self) -> S:
        """The empty cell."""
        return self.type()

    def encode(self, value: S) -> bytes:
        """One version byte, then msgpack. Raises `CellError` for a value that msgpack cannot hold (an integer beyond 64 bits)."""
        try:
            return bytes((self.version,)) + self._encoder.encode(value)
        except Exception as problem:
            raise CellError(self.name, f"cannot be encoded: {type(problem).__name__}: {problem}") from problem

    def decode(self, data: bytes) -> S:
        """Raises `CellVersionError` for data written by a newer version, `CellError` for damaged data."""
        try:
            if data[0] > self.version:
                raise CellVersionError(self.name, data[0], self.version)
            return self._decoder.decode(memoryview(data)[_VERSION_BYTES:])
        except (msgspec.MsgspecError, IndexError, UnicodeDecodeError) as problem:
            version = f"version {data[0]}" if data else "no version"
            raise CellError(self.name, f"is damaged ({len(data)} bytes, {version}): {problem}") from problem

    def __repr__(self) -> str:
        return f"Cell({self.name} v{self.version})"


class CellError(Exception):
    """A cell that cannot be decoded or encoded. `cell` is its name."""

    def __init__(self, cell: str, what: str) -> None:
        super().__init__(f"cell {cell!r} {what}")
        self.cell = cell


class CellVersionError(CellError):
    """State written by a newer Playcall than this one."""

    def __init__(self, name: str, found: int, known: int) -> None:
        super().__init__(
            name, f"was written in version {found}, this worker knows up to {known}: run the newer release, or restore the older state"
        )
