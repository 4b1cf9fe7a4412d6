"""A set of 64-bit hashes in 8 bytes a slot, and where it lies in `state`."""

import sys
from array import array
from collections.abc import Iterable, Iterator
from struct import Struct

from streams.engine.partition_cells import PartitionCells

PREFIX = "usage."
TAIL_HASHES = 512  # a cell smaller than this is filled up by the next commit, so that a trickle leaves no cell per commit
CELL_HASHES = 32_768  # 256 KiB
_HEADER = Struct("<qqq")  # start and end of the slice, newest append time
_HASH_BYTES = 8
_SMALLEST = 1024
_SWAP = sys.byteorder != "little"


class Generation:
    """Hashes of one slice of append time, [start_ms, end_ms), in an open-addressed table; 0 is an empty slot.

    A Python set takes 78 bytes a hash, this 13 to 27. Linear probing, at most three fifths full. A generation without a
    number is a place to begin one: it takes no hash before `grow`.
    """

    __slots__ = ("_cells", "_granted", "_tail", "end_ms", "fresh", "mask", "newest_ms", "number", "room", "slots", "start_ms")

    def __init__(self, number: int, start_ms: int, end_ms: int) -> None:
        self.number = number
        self.start_ms = start_ms
        self.end_ms = end_ms
        self.newest_ms = start_ms
        self.slots = array("Q", bytes(_HASH_BYTES))
        self.mask = 0
        self.room = 0  # how many may be added before `grow` is asked; whoever adds counts it down
        self.fresh = array("Q")  # added since the last `write`
        self._granted = 0
        self._cells = 0
        self._tail = 0  # hashes in the newest cell

    @property
    def count(self) -> int:
        """Hashes held."""
        return self._granted - self.room

    def holds(self, identity: int) -> bool:
        """Whether the hash is here."""
        slots, mask = self.slots, self.mask
        at = identity & mask
        while found := slots[at]:
            if found == identity:
                return True
            at = (at + 1) & mask
        return False

    def grow(self, limit: int, expected: int = 0) -> bool:
        """Make room for more, up to `limit` in all, at once for as many as are expected; False when it is full."""
        count = self.count
        if count >= limit:
            return False
        size = _SMALLEST
        while size * 3 // 5 <= max(count, min(expected, limit - 1)):
            size *= 2
        if size > len(self.slots):
            self._fill(size, [identity for identity in self.slots if identity])
        self._granted = min(size * 3 // 5, limit)
        self.room = self._granted - count
        return True

    def write(self, cells: PartitionCells) -> None:
        """Put what is fresh into cells of the partition."""
        fresh, self.fresh = self.fresh, array("Q")
        if _SWAP:
            fresh.byteswap()
        data = fresh.tobytes()
        if self._cells and self._tail < TAIL_HASHES:
            self._cells -= 1
            data = (cells.get(self._name(self._cells)) or b"")[_HEADER.size :] + data
        header = _HEADER.pack(self.start_ms, self.end_ms, self.newest_ms)
        size = CELL_HASHES * _HASH_BYTES
        for at in range(0, len(data), size):
            piece = data[at : at + size]
            cells.put(self._name(self._cells), header + piece)
            self._cells += 1
            self._tail = len(piece) // _HASH_BYTES

    def delete(self, cells: PartitionCells) -> None:
        """Forget its cells."""
        for index in range(self._cells):
            cells.delete(self._name(index))

    def _name(self, index: int) -> str:
        return f"{PREFIX}{self.number:012d}.{index:06d}"

    def _take(self, data: bytes) -> None:
        """One of its cells, at recovery."""
        _, _, newest_ms = _HEADER.unpack_from(data)
        hashes = array("Q", data[_HEADER.size :])
        if _SWAP:
            hashes.byteswap()
        count = self.count + len(hashes)
        size = len(self.slots)
        while size < _SMALLEST or size * 3 // 5 < count:
            size = max(_SMALLEST, 2 * size)
        if size > len(self.slots):
            self._fill(size, [identity for identity in self.slots if identity])
        self._add(hashes)
        self._granted, self.room = count, 0
        self.newest_ms = max(self.newest_ms, newest_ms)
        self._cells += 1
        self._tail = len(hashes)

    def _fill(self, size: int, hashes: list[int]) -> None:
        self.slots = array("Q", bytes(_HASH_BYTES * size))
        self.mask = size - 1
        self._add(hashes)

    def _add(self, hashes: Iterable[int]) -> None:
        slots, mask = self.slots, self.mask
        for identity in hashes:
            at = identity & mask
            while slots[at]:
                at = (at + 1) & mask
            slots[at] = identity


def restored(cells: PartitionCells) -> Iterator[Generation]:
    """The generations that the cells hold, in order of their numbers."""
    generation: Generation | None = None
    for name in cells.names(PREFIX):
        number = int(name[len(PREFIX) :].partition(".")[0])
        data = cells.get(name) or b""
        if generation is None or generation.number != number:
            if generation is not None:
                yield generation
            start_ms, end_ms, _ = _HEADER.unpack_from(data)
            generation = Generation(number, start_ms, end_ms)
        generation._take(data)  # noqa: SLF001 its own module
    if generation is not None:
        yield generation
