"""What could not be understood or applied, as it came, with the reason beside it."""

from schemas.decoding.limits import header_bytes
from schemas.decoding.outcome import DETAIL_MAX, RejectReason
from schemas.decoding.record import RawRecord
from schemas.records.wire import OutRecord

SUFFIX = ".dlq"
WHOLE_MAX = 3 << 19
"""Bytes up to which a record is kept whole: 1.5 MiB of the 2 MiB that a dead letter topic accepts. The source topics accept
1 MiB, but of a compressed batch, and what it unpacks to may be any size: a dead letter that cannot be published would stop
the partition for ever.
"""
CUT = 1 << 16
"""Bytes of key and of value that are kept of a larger one."""


def dead_letter(
    record: RawRecord, source_topic: str, partition: int, reason: RejectReason | str, detail: str, app_version: str
) -> OutRecord:
    """The record for `<source_topic>.dlq`: key, value and headers untouched, followed by text headers `dlq.*`.

    Header names may repeat: on a record that was a dead letter before, the last value of a name is the newest.
    `dlq.original.timestamp` is the append time in ms since the epoch. A record of more than `WHOLE_MAX` bytes cannot be
    published as it came: it is cut, and `dlq.truncated` says what it was.
    """
    notes = {
        "dlq.reason": str(reason),
        "dlq.error": detail[:DETAIL_MAX],
        "dlq.original.topic": source_topic,
        "dlq.original.partition": str(partition),
        "dlq.original.offset": str(record.offset),
        "dlq.original.timestamp": str(record.timestamp),
        "dlq.app.version": app_version,
    }
    key, value, kept = record.key, record.value, tuple(record.headers)
    sizes = len(key or b""), len(value or b""), header_bytes(kept)
    if sum(sizes) > WHOLE_MAX:
        notes["dlq.truncated"] = f"key {sizes[0]}, value {sizes[1]}, headers {sizes[2]} bytes"
        key = None if key is None else key[:CUT]
        value = None if value is None else value[:CUT]
        kept = kept if sizes[2] <= CUT else ()
    headers = (*kept, *((name, text.encode(errors="replace")) for name, text in notes.items()))
    return OutRecord(source_topic + SUFFIX, key, value, headers)
