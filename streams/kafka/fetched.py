"""What the consumer thread hands to the main loop."""

from collections.abc import Sequence
from typing import Any, NamedTuple


class FetchedRange(NamedTuple):
    """The half-open offset range [start, end) of one topic-partition, with the committed records in it.

    `end` is the fetch position afterwards: transaction markers and aborted records lie in the range without being in
    `records`. `read_up_to_ms` is the time of the broker's response when it showed that nothing lies beyond `end`, not even
    an open transaction; else None. `current_ms` is the same but for open transactions: everything readable is read.
    `start == end` says only that.
    """

    topic: str  # as named on the broker
    partition: int
    start: int
    end: int
    records: Sequence[Any]
    read_up_to_ms: int | None
    current_ms: int | None = None
