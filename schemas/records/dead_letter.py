"""What could not be understood or applied, as it came, with the reason beside it."""

from schemas.decoding.outcome import DETAIL_MAX, RejectReason
from schemas.decoding.record import RawRecord
from schemas.records.wire import OutRecord

SUFFIX = ".dlq"


def dead_letter(
    record: RawRecord, source_topic: str, partition: int, reason: RejectReason | str, detail: str, app_version: str
) -> OutRecord:
    """The record for `<source_topic>.dlq`: key, value and headers untouched, followed by text headers `dlq.*`.

    Header names may repeat: on a record that was a dead letter before, the last value of a name is the newest.
    `dlq.original.timestamp` is the append time in ms since the epoch.
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
    headers = (*record.headers, *((name, text.encode(errors="replace")) for name, text in notes.items()))
    return OutRecord(source_topic + SUFFIX, record.key, record.value, headers)
