"""CloudEvents 1.0 over Kafka: attributes in headers (binary mode) or around the payload (structured mode)."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from schemas.decoding.limits import HEADERS_MAX, header_bytes
from schemas.decoding.outcome import Rejected, RejectReason, rejected
from schemas.decoding.record import Headers

SPEC_VERSION = "1.0"
STRUCTURED = "application/cloudevents+json"

_FIELDS = {"id": "event_id", "type": "type", "source": "source", "time": "occurred_at", "subject": "account_id"}
_PREFIX = "ce_"
_CONTENT_TYPE = "content-type"
_OF_INTEREST = frozenset({_CONTENT_TYPE, *(_PREFIX + name for name in (*_FIELDS, "specversion"))})


class Envelope(NamedTuple):
    """What the headers say: whether the value is a whole CloudEvent, and our fields found in binary-mode headers."""

    structured: bool
    fields: Mapping[str, str]


PLAIN = Envelope(structured=False, fields={})


def without_effect(headers: Headers) -> bool:
    """Whether a value that is a whole event by itself means the same without these headers (the payload has precedence)."""
    if header_bytes(headers) > HEADERS_MAX:
        return False
    for name, value in headers:
        if name not in _OF_INTEREST or value is None:
            continue
        if name == _CONTENT_TYPE:
            if value != b"application/json":
                return False
        elif not value.isascii() or (name == "ce_specversion" and value != b"1.0"):
            return False
    return True


def read_headers(headers: Headers) -> Envelope | Rejected:
    """The envelope of a record, or why it cannot be understood. Headers of others are passed over, null ones count as absent."""
    found: dict[str, str] = {}
    for name, value in headers:
        if name in _OF_INTEREST and value is not None:
            try:
                found[name] = value.decode()
            except UnicodeDecodeError:
                return rejected(RejectReason.NOT_UTF8, f"header {name} is not UTF-8")
    if not found:
        return PLAIN
    media = found.get(_CONTENT_TYPE, "").partition(";")[0].strip().lower()
    if media.startswith("application/cloudevents"):
        if media == STRUCTURED:
            return Envelope(structured=True, fields={})
        return rejected(RejectReason.UNSUPPORTED_CONTENT, f"only single CloudEvents in JSON are read ({STRUCTURED})")
    version = found.get("ce_specversion")
    if version is None:
        return PLAIN
    if version != SPEC_VERSION:
        return rejected(RejectReason.UNKNOWN_VERSION, "ce_specversion is not 1.0")
    return Envelope(structured=False, fields={ours: found[_PREFIX + name] for name, ours in _FIELDS.items() if _PREFIX + name in found})


def open_structured(event: Mapping[str, Any]) -> dict[str, Any] | Rejected:
    """The flat payload of a structured CloudEvent: `data`, with what it lacks taken from the attributes."""
    if event.get("specversion") != SPEC_VERSION:
        return rejected(RejectReason.UNKNOWN_VERSION, "specversion is not 1.0")
    if "data_base64" in event:
        return rejected(RejectReason.UNSUPPORTED_CONTENT, "data_base64 is not read: put the JSON object into data")
    data = event.get("data")
    if data is None:
        data = {}
    if not isinstance(data, dict):
        return rejected(RejectReason.NOT_OBJECT, "data is not a JSON object")
    return {**{ours: event[name] for name, ours in _FIELDS.items() if name in event}, **data}
