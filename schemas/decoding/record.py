"""The raw record as decoding needs it."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

Headers = Sequence[tuple[str, bytes]]


class RawRecord(Protocol):
    """What aiokafka's ConsumerRecord offers, and all that decoding reads. `timestamp` is the append time in ms."""

    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Headers: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...


class FileRecord(NamedTuple):
    """A raw record that did not come from a broker."""

    key: bytes | None
    value: bytes | None
    offset: int
    timestamp: int = 0
    headers: Headers = ()
