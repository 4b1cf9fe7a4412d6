"""A record that arrived on another partition than that of its key, on its way there through the topic `rekeyed`."""

from typing import NamedTuple

from schemas.decoding.record import FileRecord, Headers, RawRecord
from schemas.events.registry import BY_TOPIC
from schemas.records.wire import OutRecord

REKEYED = "rekeyed"

_NAMES = ("playcall.origin.topic", "playcall.origin.partition", "playcall.origin.offset", "playcall.origin.timestamp")
_DIGITS_MAX = 19


class Origin(NamedTuple):
    """Where a forwarded record arrived: topic (logical), partition, offset, append time in ms since the epoch."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int


def forwarded(record: RawRecord, topic: str, partition: int, home: int) -> OutRecord:
    """The record for partition `home` of `rekeyed`: key, value and headers untouched, followed by the text headers of its origin."""
    place = (topic, str(partition), str(record.offset), str(record.timestamp))
    headers = (*record.headers, *((name, text.encode()) for name, text in zip(_NAMES, place, strict=True)))
    return OutRecord(REKEYED, record.key, record.value, headers, home)


def origin_of(headers: Headers) -> Origin | None:
    """What the last four headers say of the origin; None where they do not, or name a topic no events arrive on.

    Only the last four: what a publisher put before them under the same names is the publisher's own.
    """
    last = headers[-len(_NAMES) :]
    if tuple(name for name, _ in last) != _NAMES:
        return None
    topic, *numbers = (value or b"" for _, value in last)
    name = topic.decode(errors="replace")
    if name not in BY_TOPIC or not all(number.isdigit() and len(number) <= _DIGITS_MAX for number in numbers):
        return None
    partition, offset, timestamp_ms = map(int, numbers)
    return Origin(name, partition, offset, timestamp_ms)


def as_it_came(record: RawRecord, origin: Origin) -> FileRecord:
    """The record as it stood at its origin: that offset and append time, and without the headers of the forwarding."""
    return FileRecord(record.key, record.value, origin.offset, origin.timestamp_ms, tuple(record.headers[: -len(_NAMES)]))
