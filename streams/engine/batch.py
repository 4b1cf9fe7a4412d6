"""What the transport hands to a task: one fetched range of one topic-partition."""

from collections.abc import Sequence
from typing import NamedTuple

from schemas.decoding.record import RawRecord


class Batch(NamedTuple):
    """Records of the half-open offset range [start, end) of `topic` (logical name) in the task's partition.

    `end` is the fetch position after the fetch, not the last offset + 1: transaction markers and aborted records sit in
    between, so `records` may be empty while the range is not. `read_up_to_ms` is the broker response's own time when the
    position, the last stable offset and the high watermark were equal then: nothing older is still to come. Else None. `current_ms` is that
    time when the position had reached the last stable offset only: an open transaction may hide records. Else None.
    """

    topic: str
    start: int
    end: int
    records: Sequence[RawRecord]
    read_up_to_ms: int | None = None
    current_ms: int | None = None

    @property
    def reached_ms(self) -> int | None:
        """The response's time when everything readable was read, whether or not an open transaction hides more."""
        return self.read_up_to_ms if self.current_ms is None else self.current_ms
