"""CloudEvents in and out, held against the CloudEvents project's own Kafka binding."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka, to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from schemas.decoding.outcome import Ignored, IgnoredReason, Rejected, RejectReason
from schemas.decoding.record import FileRecord
from schemas.decoding.single import Outcome
from schemas.events.event import Event
from schemas.records.examples import EXAMPLES
from schemas.records.wire import Wire
from tests.wire_records import decoded, payload, record

JSON = JSONFormat()
TICKET = payload("tickets", "ticket.created")
DATA = {field: TICKET[field] for field in ("ticket_id", "priority", "category", "subject_fingerprint", "requester_id", "channel")}
ATTRIBUTES = {
    "id": TICKET["event_id"],
    "type": "ticket.created",
    "source": "helpdesk",
    "subject": "acme",
    "time": datetime(2026, 3, 2, 9, 15, 0, 250_000, tzinfo=UTC),
    "datacontenttype": "application/json",
}
HEADERS = [
    ("ce_specversion", b"1.0"),
    ("ce_id", b"ticket.created-0001"),
    ("ce_type", b"ticket.created"),
    ("ce_source", b"helpdesk"),
    ("ce_subject", b"acme"),
    ("ce_time", b"2026-03-02T09:15:00.250Z"),
]
STRUCTURED = [("content-type", b"application/cloudevents+json; charset=utf-8")]


def as_record(message: KafkaMessage) -> FileRecord:
    assert message.key is None
    return record(message.value, headers=list(message.headers.items()))


def essence(outcomes: Iterable[Outcome]) -> list[Any]:
    return [(each.type, each.event_id, each.source, each.time_ms, each.data) if isinstance(each, Event) else each for each in outcomes]


PLAIN = essence(decoded("tickets", record(TICKET)))


def test_binary_mode_as_the_reference_binding_writes_it_is_the_plain_event() -> None:
    message = to_binary(CloudEvent(dict(ATTRIBUTES), dict(DATA)), JSON)
    assert essence(decoded("tickets", as_record(message))) == PLAIN


def test_structured_mode_as_the_reference_binding_writes_it_is_the_plain_event() -> None:
    message = to_structured(CloudEvent(dict(ATTRIBUTES), dict(DATA)), JSON)
    assert essence(decoded("tickets", as_record(message))) == PLAIN


def test_structured_mode_is_understood_without_its_header() -> None:
    message = to_structured(CloudEvent(dict(ATTRIBUTES), dict(DATA)), JSON)
    assert essence(decoded("tickets", record(message.value))) == PLAIN


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: type(example).__name__)
def test_the_reference_binding_reads_what_we_write(example: Wire) -> None:
    out = example.to_record()
    assert out.value is not None
    event = from_kafka(KafkaMessage(dict(out.headers), out.key, out.value), JSON)
    attributes = {name: event.get_attributes()[name] for name in ("specversion", "source", "subject", "datacontenttype", "partitionkey")}
    assert attributes == {
        "specversion": "1.0", "source": "playcall", "subject": "acme", "datacontenttype": "application/json", "partitionkey": "acme",
    }  # fmt: skip
    assert (event.get_time(), event.get_data()) == (datetime(2026, 3, 2, 9, 15, 0, 250_000, tzinfo=UTC), json.loads(out.value))


def test_headers_fill_only_what_the_payload_lacks() -> None:
    headers = [*HEADERS[:-1], ("ce_time", b"2001-01-01T00:00:00Z")]
    (outcome,) = decoded("tickets", record({**DATA, "occurred_at": TICKET["occurred_at"]}, headers=headers))
    assert essence([outcome]) == PLAIN


def test_an_event_of_attributes_alone_needs_no_value() -> None:
    headers = [(name, b"account.reactivated" if name == "ce_type" else value) for name, value in HEADERS]
    (outcome,) = decoded("accounts", record(b"", headers=headers))
    assert isinstance(outcome, Event)
    assert outcome.type == "account.reactivated"


def test_headers_of_others_change_nothing() -> None:
    headers = [("traceparent", b"00-\xff"), ("ce_traceparent", b"\xff"), ("__value_schema_id", b"\x01"), ("content-type", b"text/plain")]
    assert essence(decoded("tickets", record(TICKET, headers=headers))) == PLAIN


def test_a_cloud_event_of_unknown_type_is_ignored() -> None:
    headers = [(name, b"com.shop.blinked" if name == "ce_type" else value) for name, value in HEADERS]
    assert decoded("tickets", record({}, headers=headers)) == [Ignored(IgnoredReason.UNKNOWN_TYPE, "com.shop.blinked", "helpdesk")]


def structured(**changes: Any) -> bytes:
    attributes = {**ATTRIBUTES, "specversion": "1.0", "time": "2026-03-02T09:15:00.250Z", "data": DATA}
    return json.dumps({name: value for name, value in {**attributes, **changes}.items() if value is not ...}).encode()


WRONG: dict[str, tuple[bytes, list[tuple[str, bytes]], Rejected]] = {
    "binary 0.3": (
        json.dumps(DATA).encode(),
        [("ce_specversion", b"0.3"), *HEADERS[1:]],
        Rejected(RejectReason.UNKNOWN_VERSION, "ce_specversion is not 1.0"),
    ),
    "structured 2.0": (structured(specversion="2.0"), STRUCTURED, Rejected(RejectReason.UNKNOWN_VERSION, "specversion is not 1.0")),
    "structured without version": (
        structured(specversion=...),
        STRUCTURED,
        Rejected(RejectReason.UNKNOWN_VERSION, "specversion is not 1.0"),
    ),
    "a plain event called structured": (
        json.dumps(TICKET).encode(),
        STRUCTURED,
        Rejected(RejectReason.UNKNOWN_VERSION, "specversion is not 1.0"),
    ),
    "base64 data": (
        structured(data=..., data_base64="e30="),
        STRUCTURED,
        Rejected(RejectReason.UNSUPPORTED_CONTENT, "data_base64 is not read: put the JSON object into data"),
    ),
    "data that is text": (structured(data="{}"), STRUCTURED, Rejected(RejectReason.NOT_OBJECT, "data is not a JSON object")),
    "a batch": (
        b"[]",
        [("content-type", b"application/cloudevents-batch+json")],
        Rejected(RejectReason.UNSUPPORTED_CONTENT, "only single CloudEvents in JSON are read (application/cloudevents+json)"),
    ),
    "avro": (
        b"\x02",
        [("content-type", b"application/cloudevents+avro")],
        Rejected(RejectReason.UNSUPPORTED_CONTENT, "only single CloudEvents in JSON are read (application/cloudevents+json)"),
    ),
    "a header that is not UTF-8": (
        json.dumps(DATA).encode(),
        [*HEADERS, ("ce_subject", b"\xff")],
        Rejected(RejectReason.NOT_UTF8, "header ce_subject is not UTF-8"),
    ),
    "no subject": (
        json.dumps(DATA).encode(),
        [header for header in HEADERS if header[0] != "ce_subject"],
        Rejected(RejectReason.MISSING_FIELD, "account_id: Field required"),
    ),
    "no data": (structured(data=...), STRUCTURED, Rejected(RejectReason.MISSING_FIELD, "ticket_id: Field required")),
    "another account": (
        json.dumps(DATA).encode(),
        [(name, b"umbra" if name == "ce_subject" else value) for name, value in HEADERS],
        Rejected(RejectReason.ACCOUNT_MISMATCH, RejectReason.ACCOUNT_MISMATCH.sentence),
    ),
}


@pytest.mark.parametrize(("value", "headers", "expected"), WRONG.values(), ids=WRONG.keys())
def test_a_cloud_event_that_cannot_be_read_is_rejected(value: bytes, headers: list[tuple[str, bytes]], expected: Rejected) -> None:
    assert decoded("tickets", record(value, headers=headers)) == [expected]
