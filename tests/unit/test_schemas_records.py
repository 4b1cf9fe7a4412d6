"""What leaves: canonical JSON, strictness, dead letters."""

import json
from datetime import datetime
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from schemas.decoding.outcome import DETAIL_MAX, RejectReason
from schemas.json_schema import json_schemas
from schemas.records.dead_letter import dead_letter
from schemas.records.examples import DECISION, EXAMPLES, PLAY_MESSAGE, TRIGGER
from schemas.records.trigger import Subject, trigger_id
from schemas.records.wire import OutRecord, Wire
from tests.wire_records import record

every_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: type(example).__name__)


@every_example
def test_json_read_back_is_the_same_record_and_the_same_bytes(example: Wire) -> None:
    again = type(example).model_validate_json(example.to_json())
    assert (again, again.to_json()) == (example, example.to_json())


@every_example
def test_keys_are_sorted_so_that_equal_means_equal_bytes(example: Wire) -> None:
    value = example.to_json()
    assert value == json.dumps(json.loads(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@every_example
def test_the_record_satisfies_its_published_schema(example: Wire) -> None:
    schema = json_schemas()[type(example).__name__.lower()]
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(example.to_json()))


@every_example
def test_an_unknown_field_is_refused(example: Wire) -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        type(example).model_validate_json(json.dumps({**json.loads(example.to_json()), "colour": "blue"}))


@every_example
def test_each_mandatory_field_is_mandatory(example: Wire) -> None:
    whole: dict[str, Any] = json.loads(example.to_json())
    mandatory = [name for name, field in type(example).model_fields.items() if field.is_required()]
    for name in mandatory:
        with pytest.raises(ValidationError, match=f"{name}\n  Field required"):
            type(example).model_validate_json(json.dumps({field: value for field, value in whole.items() if field != name}))
    assert len(mandatory) >= 4


@pytest.mark.parametrize(
    ("example", "change"),
    [
        (TRIGGER, {"priority": "P5"}),
        (TRIGGER, {"time": "2026-03-02"}),
        (TRIGGER, {"rule_version": "1"}),
        (PLAY_MESSAGE, {"kind": "exploded"}),
        (PLAY_MESSAGE, {"code": "other"}),
        (PLAY_MESSAGE, {"sequence": 1.5}),
        (DECISION, {"reason": "whim"}),
    ],
)
def test_what_is_outside_the_contract_is_refused(example: Wire, change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(change))):
        type(example).model_validate_json(json.dumps({**json.loads(example.to_json()), **change}))


def test_records_are_keyed_by_account_on_the_topic_of_their_kind() -> None:
    assert [(out.topic, out.key) for out in (example.to_record() for example in EXAMPLES)] == [
        ("triggers", b"acme"), ("play-launches", b"acme"), ("play-outcomes", b"acme"), ("decisions", b"acme"), ("health", b"acme"),
    ]  # fmt: skip


def test_trigger_ids_depend_on_each_part_of_the_episode() -> None:
    ticket, invoice = Subject(kind="ticket", id="1"), Subject(kind="invoice", id="1")
    parts = [
        ("T07", "a", ticket, "e"),
        ("T08", "a", ticket, "e"),
        ("T07", "b", ticket, "e"),
        ("T07", "a", invoice, "e"),
        ("T07", "a", ticket, "f"),
    ]
    ids = [trigger_id(*part) for part in parts]
    assert (len(set(ids)), ids[0]) == (5, trigger_id("T07", "a", ticket, "e"))


def test_a_dead_letter_keeps_the_record_and_says_why_in_text() -> None:
    raw = record(b"\xff\x00{", key=b"\xfe", headers=(("traceparent", b"00-ab"), ("dlq.reason", b"older")))
    assert dead_letter(raw, "tickets", 3, RejectReason.NOT_UTF8, "byte 0 is not UTF-8", "0.1.0") == OutRecord(
        "tickets.dlq",
        b"\xfe",
        b"\xff\x00{",
        (
            ("traceparent", b"00-ab"),
            ("dlq.reason", b"older"),
            ("dlq.reason", b"not_utf8"),
            ("dlq.error", b"byte 0 is not UTF-8"),
            ("dlq.original.topic", b"tickets"),
            ("dlq.original.partition", b"3"),
            ("dlq.original.offset", b"7"),
            ("dlq.original.timestamp", b"1772442901000"),
            ("dlq.app.version", b"0.1.0"),
        ),
    )


def test_a_dead_letter_of_a_tombstone_without_key_is_one() -> None:
    letter = dead_letter(record(None, key=None), "billing", 0, RejectReason.TOMBSTONE, "x" * 5000, "0.1.0")
    assert (letter.key, letter.value, dict(letter.headers)["dlq.error"]) == (None, None, b"x" * DETAIL_MAX)


def test_times_on_the_wire_are_utc_with_milliseconds() -> None:
    there = TRIGGER.model_copy(update={"time": datetime.fromisoformat("2026-03-02T10:15:00.250999+01:00")})
    assert json.loads(there.to_json())["time"] == "2026-03-02T09:15:00.250Z"
