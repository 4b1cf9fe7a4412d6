"""One record at a time: every check, every envelope, and the exact reason when it fails."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic_core import ValidationError, from_json

from schemas.decoding.cloudevents import Envelope, open_structured, read_headers
from schemas.decoding.faults import rejection
from schemas.decoding.keys import account_of, homes, identity_field
from schemas.decoding.limits import HEADERS_MAX, VALUE_MAX, header_bytes, too_deep
from schemas.decoding.outcome import Ignored, IgnoredReason, Rejected, RejectReason, Stray, rejected
from schemas.decoding.partitioning import partition_of
from schemas.decoding.record import RawRecord
from schemas.decoding.validators import TopicValidator, validator
from schemas.events.event import Event
from schemas.events.feed import HEARTBEAT
from schemas.events.registry import TOPICS_OF

Outcome = Event | Ignored | Rejected | Stray

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TIME_END_MS = 253_370_764_800_000
"""9999-01-01: times up to here stay within `datetime` in every time zone."""

_TYPE_SHOWN = 100
_FRAMES = {0: 5, 1: 17}
"""Length of a schema registry's prefix by its first byte: a 4-byte id, or a 16-byte GUID."""


def decode_one(topic: str, partition: int, record: RawRecord, partitions: int) -> Outcome:
    """Decode one record of a topic with that many partitions. Nothing raises for bad bytes; an unknown topic is a `KeyError`."""
    checks = validator(topic)
    value = record.value
    if value is None:
        return rejected(RejectReason.TOMBSTONE)
    if len(value) > VALUE_MAX:
        return rejected(RejectReason.TOO_LARGE, f"value of {len(value)} bytes; the bound is {VALUE_MAX}")
    size = header_bytes(record.headers)
    if size > HEADERS_MAX:
        return rejected(RejectReason.TOO_LARGE, f"headers of {size} bytes; the bound is {HEADERS_MAX}")
    envelope = read_headers(record.headers)
    if isinstance(envelope, Rejected):
        return envelope
    value = unframed(value)
    if not value and envelope.fields:
        value = b"{}"  # a binary-mode CloudEvent that is all attributes and no data
    if too_deep(value):
        return rejected(RejectReason.TOO_DEEP)
    data = _payload(topic, checks, value, envelope)
    return located(topic, partition, record, data, partitions) if isinstance(data, dict) else data


def located(topic: str, partition: int, record: RawRecord, data: dict[str, Any], partitions: int) -> Outcome:
    """The event of a validated payload, once time and key are right; a stray where only the partition is not."""
    time_ms = milliseconds(data["occurred_at"])
    if not 0 <= time_ms < TIME_END_MS:
        return rejected(RejectReason.BAD_TIME)
    if data["type"] == HEARTBEAT:
        return Ignored(IgnoredReason.HEARTBEAT, HEARTBEAT, data["source"], time_ms)
    key = record.key
    if not key:
        return rejected(RejectReason.MISSING_KEY)
    account, meant = homes(partition, partitions)[key], data[identity_field(topic)]
    if account != meant:
        return _misplaced(key, meant, data["source"], time_ms, partitions)
    return Event(
        topic, partition, record.offset, record.timestamp, time_ms,
        data["type"], account, data["event_id"], data["source"], data,
    )  # fmt: skip


def _misplaced(key: bytes, meant: str, source: str, time_ms: int, partitions: int) -> Rejected | Stray:
    account = account_of(key)
    if account is None:
        return rejected(RejectReason.BAD_KEY)
    if account != meant:
        return rejected(RejectReason.ACCOUNT_MISMATCH)
    return Stray(partition_of(key, partitions), account, source, time_ms)


def milliseconds(moment: datetime) -> int:
    """Integer milliseconds since the epoch, rounded down."""
    since = moment - EPOCH
    return since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000


def unframed(value: bytes) -> bytes:
    """The value without the prefix that a schema registry's serializer may have put before the JSON."""
    prefix = _FRAMES.get(value[0]) if value else None
    return value if prefix is None else value[prefix:]


def _payload(topic: str, checks: TopicValidator, value: bytes, envelope: Envelope) -> dict[str, Any] | Ignored | Rejected:
    fault: ValidationError | None = None
    if not envelope.structured:
        try:
            return checks.one(value)
        except ValidationError as error:
            fault = error
    parsed = _parse(value)
    if isinstance(parsed, Rejected):
        return parsed
    if envelope.structured or ("specversion" in parsed and "event_id" not in parsed):
        opened = open_structured(parsed)
        if isinstance(opened, Rejected):
            return opened
        parsed, fault = opened, None
    elif not parsed.keys() >= envelope.fields.keys():
        parsed, fault = {**envelope.fields, **parsed}, None
    strange = strange_type(topic, checks, parsed)
    if strange is not None:
        return strange
    if fault is not None:
        return rejection(fault)
    try:
        return checks.one(json.dumps(parsed).encode())
    except ValidationError as error:
        return rejection(error)


def _parse(value: bytes) -> dict[str, Any] | Rejected:
    try:
        parsed = from_json(value)
    except ValueError as error:
        try:
            value.decode()
        except UnicodeDecodeError as bad:
            return rejected(RejectReason.NOT_UTF8, f"byte {bad.start} is not UTF-8: {bad.reason}")
        return rejected(RejectReason.NOT_JSON, str(error))
    return parsed if isinstance(parsed, dict) else rejected(RejectReason.NOT_OBJECT)


def strange_type(topic: str, checks: TopicValidator, payload: Mapping[str, Any]) -> Ignored | Rejected | None:
    """What a payload is by its type alone: ignored, rejected, or (None) one of the topic's own kinds."""
    name = payload.get("type")
    if name is None:
        return rejected(RejectReason.MISSING_FIELD, "type: Field required")
    if not isinstance(name, str):
        return rejected(RejectReason.INVALID_FIELD, "type: Input should be a valid string")
    if name in checks.names:
        return None
    if name in TOPICS_OF:
        return rejected(RejectReason.WRONG_TOPIC, f"{name} belongs on {TOPICS_OF[name][0]}, not on {topic}")
    source = payload.get("source")
    return Ignored(IgnoredReason.UNKNOWN_TYPE, name[:_TYPE_SHOWN], source[:_TYPE_SHOWN] if isinstance(source, str) else "")
