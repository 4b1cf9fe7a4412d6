"""Records whose header names are not UTF-8 are read all the same.

Kafka's protocol calls header names strings, but no broker checks them, and librdkafka writes whatever bytes it is given.
aiokafka 0.14.0 raises UnicodeDecodeError in the middle of a batch; every worker would stop at that record for ever. Here the
batch at hand is read once more by aiokafka's own Python reader, with what cannot be decoded replaced by U+FFFD.
"""

from collections.abc import Iterator
from typing import Any, SupportsIndex

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

_LENGTH_AT, _HEAD = 8, 12  # of a batch: base offset (8 bytes), length of what follows (4 bytes)


class TrackedRecords:
    """`MemoryRecords` that can give its latest batch once more, read leniently."""

    __slots__ = ("_again", "_begin", "_inner", "_next", "_raw")

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._inner = MemoryRecords(raw)
        self._begin = self._next = 0  # bounds of the latest batch
        self._again = False

    def size_in_bytes(self) -> int:
        """As aiokafka's."""
        return int(self._inner.size_in_bytes())

    def has_next(self) -> bool:
        """As aiokafka's."""
        return self._again or bool(self._inner.has_next())

    def next_batch(self) -> Any:
        """As aiokafka's, by which time the batch before is done with."""
        if self._again:
            self._again = False
            return _LenientBatch(self._raw[self._begin : self._next])
        self._begin = self._next
        self._next += _HEAD + int.from_bytes(self._raw[self._begin + _LENGTH_AT : self._begin + _HEAD], "big")
        return self._inner.next_batch()

    def repeat(self) -> None:
        """Let `next_batch` give the latest batch again."""
        self._again = True


class LenientPartitionRecords(fetcher.PartitionRecords):
    """Goes on in the same batch, behind what was handed out, when a header name could not be decoded."""

    def _unpack_records(self) -> Iterator[Any]:
        while True:
            try:
                yield from super()._unpack_records()
            except UnicodeDecodeError:
                self._records.repeat()
            else:
                return


def install() -> None:
    """Have every consumer of this process read so. May be called again."""
    fetcher.MemoryRecords = TrackedRecords
    fetcher.PartitionRecords = LenientPartitionRecords


class _Lenient(bytearray):
    """A buffer whose pieces decode with replacement."""

    def __getitem__(self, at: SupportsIndex | slice) -> Any:
        found = super().__getitem__(at)
        return _Piece(found) if isinstance(at, slice) else found


class _Piece(bytearray):
    def decode(self, encoding: str = "utf-8", errors: str = "replace") -> str:  # noqa: ARG002 the caller asks for strictness
        return super().decode(encoding, "replace")


class _LenientBatch(_DefaultRecordBatchPy):
    def __init__(self, raw: bytes) -> None:
        super().__init__(raw)
        self._maybe_uncompress()
        self._buffer: bytearray = _Lenient(self._buffer)

    def validate_crc(self) -> bool:
        return True  # seen right when the batch was read the first time
