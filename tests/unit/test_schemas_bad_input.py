"""What publishers get wrong, and what each mistake is called."""

import json
from typing import Any

import pytest

from schemas.decoding.batch import decode_batch
from schemas.decoding.outcome import DETAIL_MAX, Ignored, IgnoredReason, Rejected, RejectReason
from schemas.decoding.record import FileRecord
from schemas.events.event import Event
from tests.wire_records import decoded, payload, record


def login(**changes: Any) -> bytes:
    return json.dumps(payload("product-usage", "user.login", **changes)).encode()


def used(raw: str) -> bytes:
    """A valid usage event whose quantity is this text."""
    return login(type="feature.used", feature="f").replace(b"{", b'{"quantity": ' + raw.encode() + b", ", 1)


GOOD = login()
WRONG_BYTES: dict[str, tuple[bytes | None, RejectReason]] = {
    "a tombstone": (None, RejectReason.TOMBSTONE),
    "nothing": (b"", RejectReason.NOT_JSON),
    "blanks": (b"  \n", RejectReason.NOT_JSON),
    "words": (b"hello", RejectReason.NOT_JSON),
    "half an object": (GOOD[:-20], RejectReason.NOT_JSON),
    "an object and a comma": (GOOD + b",", RejectReason.NOT_JSON),
    "two objects": (GOOD + b"," + GOOD, RejectReason.NOT_JSON),
    "two lines": (GOOD + b"\n" + GOOD, RejectReason.NOT_JSON),
    "single quotes": (GOOD.replace(b'"', b"'"), RejectReason.NOT_JSON),
    "a raw line break in a string": (GOOD.replace(b"u-81", b"u\n81"), RejectReason.NOT_JSON),
    "a lone surrogate": (GOOD.replace(b"u-81", b"\\ud800"), RejectReason.NOT_JSON),
    "avro behind a schema id": (b"\x00\x00\x00\x00\x07\x02\x10acme", RejectReason.NOT_JSON),
    "a schema id and nothing": (b"\x00\x00\x00\x00\x07", RejectReason.NOT_JSON),
    "a byte order mark": (b"\xef\xbb\xbf" + GOOD, RejectReason.NOT_JSON),
    "a number of 5,000 digits": (used("9" * 5000), RejectReason.NOT_JSON),
    "an array": (b"[" + GOOD + b"]", RejectReason.NOT_OBJECT),
    "a string": (b'"user.login"', RejectReason.NOT_OBJECT),
    "null": (b"null", RejectReason.NOT_OBJECT),
    "a number": (b"17", RejectReason.NOT_OBJECT),
    "latin-1": (GOOD.replace(b"u-81", "Zoë".encode("latin-1")), RejectReason.NOT_UTF8),
    "a cut-off character": (GOOD.replace(b"u-81", "Zoë".encode()[:-1]), RejectReason.NOT_UTF8),
    "an overlong character": (GOOD.replace(b"u-81", b"\xc0\xaf"), RejectReason.NOT_UTF8),
    "utf-16": (GOOD.decode().encode("utf-16-le"), RejectReason.NOT_JSON),
    "more than 256 KiB": (login(pad="x" * 262_144), RejectReason.TOO_LARGE),
    "arrays without end": (b"[" * 100_000, RejectReason.TOO_DEEP),
    "33 arrays in an unknown field": (login(pad=json.loads("[" * 32 + "]" * 32)), RejectReason.TOO_DEEP),
    "objects without end": (b'{"a":' * 40_000, RejectReason.TOO_DEEP),
    "objects and arrays in turn": (b'{"a":[' * 17 + b"]}" * 17, RejectReason.TOO_DEEP),
    "NaN": (used("NaN"), RejectReason.BAD_NUMBER),
    "infinity": (used("Infinity"), RejectReason.BAD_NUMBER),
    "minus infinity": (used("-Infinity"), RejectReason.BAD_NUMBER),
    "1e999": (used("1e999"), RejectReason.BAD_NUMBER),
    "an integer of 400 digits": (used("1" * 400), RejectReason.BAD_NUMBER),
    "1e16": (used("1e16"), RejectReason.BAD_NUMBER),
    "a negative quantity": (used("-1"), RejectReason.BAD_NUMBER),
    "a quantity in words": (used('"three"'), RejectReason.INVALID_FIELD),
    "a quantity in quotes": (used('"3"'), RejectReason.INVALID_FIELD),
    "a quantity of true": (used("true"), RejectReason.INVALID_FIELD),
    "no type": (login(type=...), RejectReason.MISSING_FIELD),
    "a null type": (login(type=None), RejectReason.MISSING_FIELD),
    "a type of 5": (login(type=5), RejectReason.INVALID_FIELD),
    "a list of types": (login(type=["user.login"]), RejectReason.INVALID_FIELD),
    "an empty object": (b"{}", RejectReason.MISSING_FIELD),
    "no user": (login(user_id=...), RejectReason.MISSING_FIELD),
    "a user of 300 characters": (login(user_id="u" * 300), RejectReason.INVALID_FIELD),
    "a numeric account": (login(account_id=5), RejectReason.INVALID_FIELD),
    "a time without offset": (login(occurred_at="2026-03-02T09:15:00"), RejectReason.BAD_TIME),
    "a time in seconds": (login(occurred_at=1_772_442_900), RejectReason.BAD_TIME),
    "a time in seconds as text": (login(occurred_at="1772442900"), RejectReason.BAD_TIME),
    "a fraction of seconds as long as a date": (login(occurred_at="1772442900.1234567890"), RejectReason.BAD_TIME),
    "a date": (login(occurred_at="2026-03-02"), RejectReason.BAD_TIME),
    "the 30th of February": (login(occurred_at="2026-02-30T09:15:00Z"), RejectReason.BAD_TIME),
    "the year 1": (login(occurred_at="0001-01-01T00:00:00+14:00"), RejectReason.BAD_TIME),
    "the year 1969": (login(occurred_at="1969-12-31T23:59:59.999Z"), RejectReason.BAD_TIME),
    "the year 9999": (login(occurred_at="9999-12-31T23:59:59-12:00"), RejectReason.BAD_TIME),
    "another account": (login(account_id="umbra"), RejectReason.ACCOUNT_MISMATCH),
    "the account in capitals": (login(account_id="ACME"), RejectReason.ACCOUNT_MISMATCH),
    "a type of another topic": (login(type="invoice.paid", invoice_id="I-1"), RejectReason.WRONG_TOPIC),
}

cases = pytest.mark.parametrize(("value", "reason"), WRONG_BYTES.values(), ids=WRONG_BYTES.keys())


@cases
def test_bad_bytes_are_rejected_with_their_reason(value: bytes | None, reason: RejectReason) -> None:
    (outcome,) = decoded("product-usage", record(value))
    assert isinstance(outcome, Rejected)
    assert (outcome.reason, bool(outcome.detail), len(outcome.detail) <= DETAIL_MAX) == (reason, True, True)


@cases
def test_bad_bytes_do_not_harm_their_neighbours(value: bytes | None, reason: RejectReason) -> None:
    good = record(GOOD)
    outcomes = decoded("product-usage", *[good] * 3, record(value), *[good] * 700, record(value), good)
    kinds = [outcome.reason if isinstance(outcome, Rejected) else type(outcome) for outcome in outcomes]
    assert kinds == [Event] * 3 + [reason] + [Event] * 700 + [reason, Event]


WRONG_KEYS: dict[str, tuple[bytes | None, RejectReason]] = {
    "no key": (None, RejectReason.MISSING_KEY),
    "an empty key": (b"", RejectReason.MISSING_KEY),
    "a key that is not UTF-8": (b"acm\xff", RejectReason.BAD_KEY),
    "a key with a zero byte": (b"acme\x00cell", RejectReason.BAD_KEY),
    "a key with a line break": (b"acme\n", RejectReason.BAD_KEY),
    "a key of 257 characters": (b"a" * 257, RejectReason.BAD_KEY),
    "the key of another account": (b"umbra", RejectReason.ACCOUNT_MISMATCH),
}


@pytest.mark.parametrize(("key", "reason"), WRONG_KEYS.values(), ids=WRONG_KEYS.keys())
def test_a_key_that_does_not_name_the_account_is_rejected(key: bytes | None, reason: RejectReason) -> None:
    account = key.decode(errors="replace") if key and reason is RejectReason.BAD_KEY else "acme"
    (outcome,) = decoded("product-usage", record(login(account_id=account[:256]), key=key))
    assert isinstance(outcome, Rejected)
    assert outcome.reason is reason


def test_values_that_only_together_are_json_do_not_become_each_other() -> None:
    tricks = [
        [b'{"x":[{}', b"{}]}", GOOD + b"," + GOOD],  # two halves of one object, and two objects in one value
        [b'{"x":"}', b'{"}', GOOD + b"," + GOOD],
        [GOOD + b"," + GOOD[:-1], b'"a":1}'],
        [GOOD[:-1], b'"a":1}', GOOD],
        [b"[" + GOOD, GOOD + b"]"],
        [GOOD + b"],[" + GOOD, GOOD],
    ]
    for values in tricks:
        outcomes = decoded("product-usage", *map(record, values))
        assert [isinstance(outcome, Event) for outcome in outcomes] == [value == GOOD for value in values], values


def test_brackets_inside_strings_are_not_depth() -> None:
    (outcome,) = decoded("play-updates", record(payload("play-updates", "run.closed", note='[{"\\' * 500)))
    assert isinstance(outcome, Event)
    assert outcome.data["note"] == '[{"\\' * 500


@pytest.mark.timeout(5)
def test_a_string_that_never_ends_is_told_in_linear_time() -> None:
    (outcome,) = decoded("product-usage", record(b'{"a":' * 40 + b'"' + b'\\"' * 125_000))  # quadratic: a minute
    assert isinstance(outcome, Rejected)
    assert outcome.reason is RejectReason.TOO_DEEP


def test_32_levels_are_not_too_deep() -> None:
    (outcome,) = decoded("product-usage", record(login(pad=json.loads("[" * 31 + "]" * 31))))
    assert isinstance(outcome, Event)


def test_many_brackets_side_by_side_are_not_depth() -> None:
    (outcome,) = decoded("product-usage", record(login(pad=[[]] * 5000)))
    assert isinstance(outcome, Event)


def test_a_value_of_exactly_256_kib_is_read() -> None:
    padded = login(pad="")
    (outcome,) = decoded("product-usage", record(padded.replace(b'"pad": ""', b'"pad": "' + b"x" * (262_144 - len(padded)) + b'"')))
    assert isinstance(outcome, Event)


def test_an_unknown_type_is_ignored_whatever_else_is_wrong_with_it() -> None:
    unknown = login(type="user.blinked", account_id=5, occurred_at="yesterday")
    assert decoded("product-usage", record(unknown, key=None)) == [Ignored(IgnoredReason.UNKNOWN_TYPE, "user.blinked", "product")]


def test_the_name_of_an_unknown_type_is_bounded() -> None:
    (outcome,) = decoded("product-usage", record(login(type="x" * 10_000)))
    assert outcome == Ignored(IgnoredReason.UNKNOWN_TYPE, "x" * 100, "product")


@pytest.mark.parametrize("topic", ["product-usage", "tickets", "billing", "accounts", "feedback", "engagement"])
@pytest.mark.parametrize("key", [None, b"", b"acme", b"partition-3", b"\xff"])
def test_a_heartbeat_needs_neither_key_nor_account(topic: str, key: bytes | None) -> None:
    heartbeat = record(payload(topic, "feed.heartbeat", source="shop"), key=key)
    assert decode_batch(topic, 3, [heartbeat], 4) == [Ignored(IgnoredReason.HEARTBEAT, "feed.heartbeat", "shop", 1_772_442_900_250)]


@pytest.mark.parametrize("topic", ["play-updates", "trigger-requests"])
def test_a_heartbeat_belongs_on_source_topics_only(topic: str) -> None:
    (outcome,) = decoded(topic, record(payload("tickets", "feed.heartbeat")))
    assert isinstance(outcome, Rejected)
    assert outcome.reason is RejectReason.WRONG_TOPIC


def test_a_heartbeat_without_time_is_rejected() -> None:
    assert decoded("tickets", record(payload("tickets", "feed.heartbeat", occurred_at=...), key=None)) == [
        Rejected(RejectReason.MISSING_FIELD, "occurred_at: Field required")
    ]


@pytest.mark.parametrize("prefix", [b"\x00\x00\x00\x00\x07", b"\x01" + bytes(range(16))])
def test_the_prefix_of_a_schema_registry_is_passed_over(prefix: bytes) -> None:
    (outcome,) = decoded("product-usage", record(prefix + GOOD))
    assert isinstance(outcome, Event)


def test_a_topic_that_no_events_arrive_on_is_a_programming_error() -> None:
    with pytest.raises(KeyError):
        decode_batch("decisions", 0, [FileRecord(b"acme", GOOD, 0)], 1)


def test_every_reason_has_its_sentence() -> None:
    sentences = [reason.sentence for reason in RejectReason]
    assert len(set(sentences)) == len(sentences)
    assert all(sentence.endswith(".") for sentence in sentences)
