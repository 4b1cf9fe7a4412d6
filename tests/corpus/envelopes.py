"""What surrounds an event: keys, headers, CloudEvents, frames of schema registries, encodings, sizes and depth."""

import json
from collections.abc import Iterator
from typing import Any

from schemas.decoding.limits import HEADERS_MAX, VALUE_MAX
from tests.corpus.nasty import ACCOUNT, APPLIED, IGNORED, MOMENT, Nasty, event, fields

TOPIC = "engagement"
BARE = {"kind": "call", "contact_id": "c-7", "user_id": "dana"}
CE = [
    ("ce_specversion", b"1.0"), ("ce_type", b"touch.logged"), ("ce_source", b"calendar"), ("ce_subject", ACCOUNT.encode()),
    ("ce_time", MOMENT.encode()),
]  # fmt: skip
STRUCTURED = ("content-type", b"application/cloudevents+json")
FRAME = b"\x00\x00\x00\x00\x07"


def everything() -> Iterator[Nasty]:
    """All of it on one topic: what surrounds an event is the same everywhere."""
    yield from _keys()
    yield from _binary()
    yield from _structured()
    yield from _other_headers()
    yield from _encodings()
    yield from _sizes()


def _good(tag: str, **changes: Any) -> bytes:
    return event(TOPIC, "touch.logged", event_id=f"{tag}-0001", **changes)


def _keys() -> Iterator[Nasty]:
    for name, key, outcome in (
        ("none", None, "missing_key"),
        ("empty", b"", "missing_key"),
        ("another account", b"umbra", "account_mismatch"),
        ("in capitals", ACCOUNT.upper().encode(), "account_mismatch"),
        ("a blank behind it", ACCOUNT.encode() + b" ", "account_mismatch"),
        ("in quotes", json.dumps(ACCOUNT).encode(), "account_mismatch"),
        ("not utf-8", b"nasty\xff", "bad_key"),
        ("utf-16", ACCOUNT.encode("utf-16"), "bad_key"),
        ("a zero byte", b"nasty\x00", "bad_key"),
        ("only a zero byte", b"\x00", "bad_key"),
        ("the key of the cursor", b"\x00cursor", "bad_key"),
        ("the key of the partition's cells", b"\x00partition\x00usage", "bad_key"),
        ("the key of a cell", ACCOUNT.encode() + b"\x00today", "bad_key"),
        ("a line break", ACCOUNT.encode() + b"\n", "bad_key"),
        ("delete", b"\x7f", "bad_key"),
        ("257 characters", b"k" * 257, "bad_key"),
        ("100,000 bytes", b"k" * 100_000, "bad_key"),
        ("an integer of eight bytes", (7).to_bytes(8, "big"), "bad_key"),
        ("framed", FRAME + ACCOUNT.encode(), "bad_key"),
        ("an overlong slash", b"\xc0\xaf", "bad_key"),
        ("a surrogate", b"\xed\xa0\x80", "bad_key"),
    ):
        yield Nasty(f"key: {name}", TOPIC, outcome, _good(f"key {name}"), key)
    yield Nasty("key: none and no value", TOPIC, "tombstone", None, None)
    yield Nasty("key: no value", TOPIC, "tombstone", None)
    for name, account in (
        ("a number", 5), ("a list", [ACCOUNT]), ("null", None), ("empty", ""), ("257 characters", "a" * 257), ("true", True),
    ):  # fmt: skip
        yield Nasty(f"account: {name}", TOPIC, "invalid_field", _good(f"account {name}", account_id=account))
    for name, account in (
        ("256 characters", "a" * 256), ("emoji", "🦄" * 60), ("a blank", " "), ("an accent put together", "e\u0301"), ("dots", ".."),
        ("a template", "{{x}}"), ("a number", "0"), ("right to left", "\u202eacme"), ("null", "null"), ("a glob", "*"),
    ):  # fmt: skip
        yield Nasty(f"account called {name}", TOPIC, APPLIED, _good(f"called {name}", account_id=account), account.encode())


def _binary() -> Iterator[Nasty]:
    def binary(name: str, outcome: str, *headers: tuple[str, bytes | None], without: str = "", value: bytes | None = None) -> Nasty:
        kept = [pair for pair in CE if pair[0] != without and pair[0] not in {other for other, _ in headers}]
        found = [*kept, ("ce_id", f"binary {name}-0001".encode()), *headers]
        body = json.dumps(BARE).encode() if value is None else value
        return Nasty(f"cloudevent: {name}", TOPIC, outcome, body, headers=[h for h in found if h[0] != without])  # type: ignore[misc]

    yield binary("plain", APPLIED)
    yield binary("version 0.3", "unknown_version", ("ce_specversion", b"0.3"))
    yield binary("version 1.1", "unknown_version", ("ce_specversion", b"1.1"))
    yield binary("version empty", "unknown_version", ("ce_specversion", b""))
    yield binary("version not utf-8", "not_utf8", ("ce_specversion", b"\xff"))
    yield binary("no version", "missing_field", without="ce_specversion")
    yield binary("no id", "missing_field", without="ce_id")
    yield binary("no time", "missing_field", without="ce_time")
    yield binary("no subject", "missing_field", without="ce_subject")
    yield binary("no type", "missing_field", without="ce_type")
    yield binary("no source", "missing_field", without="ce_source")
    yield binary("time in seconds", "bad_time", ("ce_time", b"1772442900"))
    yield binary("time not utf-8", "not_utf8", ("ce_time", b"\xfe\xff"))
    yield binary("subject of another account", "account_mismatch", ("ce_subject", b"umbra"))
    yield binary("unknown type", IGNORED, ("ce_type", b"com.example.blinked"))
    yield binary("type of another topic", "wrong_topic", ("ce_type", b"invoice.paid"))
    yield binary("null time", "missing_field", ("ce_time", None))
    yield binary("no value", APPLIED, value=b"")
    yield binary("value is text", "not_json", value=b"hello")
    yield binary("value is a list", "not_object", value=b"[]")
    yield binary("avro", "unsupported_content", ("content-type", b"application/cloudevents+avro"))
    yield binary("a batch", "unsupported_content", ("content-type", b"application/cloudevents-batch+json"), value=b"[]")
    yield binary("content type not utf-8", "not_utf8", ("content-type", b"\xff\xff"))
    yield binary("content type text", APPLIED, ("content-type", b"text/plain"))
    yield binary("the same header twice", APPLIED, ("ce_type", b"thing.else"), ("ce_type", b"touch.logged"))
    yield binary("capitals", "missing_field", ("CE_TYPE", b"touch.logged"), without="ce_type")


def _structured() -> Iterator[Nasty]:
    def structured(name: str, outcome: str, **changes: Any) -> Nasty:
        whole = {
            "specversion": "1.0", "id": f"structured {name}-0001", "type": "touch.logged", "source": "calendar", "subject": ACCOUNT,
            "time": MOMENT, "data": BARE,
        }  # fmt: skip
        body = json.dumps({field: value for field, value in {**whole, **changes}.items() if value is not ...}).encode()
        return Nasty(f"structured: {name}", TOPIC, outcome, body, headers=(STRUCTURED,))

    yield structured("plain", APPLIED)
    yield structured("version 2.0", "unknown_version", specversion="2.0")
    yield structured("version a number", "unknown_version", specversion=1.0)
    yield structured("no version", "unknown_version", specversion=...)
    yield structured("base64 data", "unsupported_content", data=..., data_base64="e30=")
    yield structured("data in text", "not_object", data="{}")
    yield structured("data a list", "not_object", data=[])
    yield structured("data a number", "not_object", data=7)
    yield structured("id a number", "invalid_field", id=7)
    yield structured("id empty", "invalid_field", id="")
    yield structured("subject null", "invalid_field", subject=None)
    yield structured("time a list", "bad_time", time=[])
    yield structured("type an object", "invalid_field", type={})
    yield structured("unknown type", IGNORED, type="com.example.blinked")
    yield structured("data with a field of the wrong type", "invalid_field", data={**BARE, "kind": 5})
    yield Nasty("structured: not an object", TOPIC, "not_object", b"[]", headers=(STRUCTURED,))
    yield Nasty("structured: not json", TOPIC, "not_json", b"{", headers=(STRUCTURED,))
    yield Nasty("structured: a plain event", TOPIC, "unknown_version", _good("called structured"), headers=(STRUCTURED,))


def _other_headers() -> Iterator[Nasty]:
    strange: dict[str, list[tuple[str, bytes | None]]] = {
        "of others": [("traceparent", b"00-\xff"), ("__value_schema_id", b"\x01"), ("ce_traceparent", b"\xff")],
        "without a name": [("", b"x")],
        "null": [("traceparent", None), ("ce_type", None), ("content-type", None)],
        "empty": [("traceparent", b""), ("content-type", b"")],
        "a thousand": [(f"h{n}", b"x") for n in range(1_000)],
        "with odd names": [("\u0000", b"x"), ("\U0001f984", b"x"), ("a b\n", b"x"), ("dlq.reason", b"not_json")],
        "of a dead letter": [("dlq.original.topic", b"tickets"), ("dlq.original.offset", b"-1")],
        "60 KiB": [("baggage", b"x" * 60 * 1024)],
    }
    for name, headers in strange.items():
        yield Nasty(f"headers: {name}", TOPIC, APPLIED, _good(f"headers {name}"), headers=headers)  # type: ignore[arg-type]
    yield Nasty("headers: more than 64 KiB", TOPIC, "too_large", _good("wide"), headers=(("baggage", b"x" * HEADERS_MAX),))
    yield Nasty("headers: 10,000", TOPIC, "too_large", _good("many"), headers=tuple((f"h{n}", b"") for n in range(10_000)))


def _encodings() -> Iterator[Nasty]:
    good = fields(TOPIC, "touch.logged", user_id="Zoë")
    text = json.dumps(good, ensure_ascii=False)
    yield Nasty("encoding: latin-1", TOPIC, "not_utf8", text.encode("latin-1"))
    yield Nasty("encoding: cp1252", TOPIC, "not_utf8", text.replace("Zoë", "€“").encode("cp1252"))
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "cp037"):
        value = text.encode(encoding)
        try:
            value.decode()
        except UnicodeDecodeError:
            yield Nasty(f"encoding: {encoding}", TOPIC, "not_utf8", value)
        else:
            yield Nasty(f"encoding: {encoding}", TOPIC, "not_json", value)
    ascii_text = json.dumps({**good, "user_id": "Zoe"})
    for encoding in ("utf-16-le", "utf-16-be", "utf-32-le"):
        yield Nasty(f"encoding: {encoding} of plain letters", TOPIC, "not_json", ascii_text.encode(encoding))
    yield Nasty("encoding: a byte order mark", TOPIC, "not_json", b"\xef\xbb\xbf" + _good("bom"))
    yield Nasty("encoding: utf-7", TOPIC, "not_json", b"+AHsAIgB9")
    for name, piece in (
        ("cut-off character", b"Zo\xc3"), ("overlong", b"\xc0\xaf"), ("a surrogate", b"\xed\xa0\x80"), ("beyond", b"\xf4\x90\x80\x80"),
        ("lone continuation", b"\x80"), ("five bytes", b"\xf8\x88\x80\x80\x80"), ("FE FF", b"\xfe\xff"),
    ):  # fmt: skip
        yield Nasty(f"encoding: {name}", TOPIC, "not_utf8", _good("broken", user_id="@").replace(b"@", piece))
    for index, prefix in enumerate((FRAME, b"\x01" + bytes(range(16)))):
        yield Nasty(f"frame: {index} before an event", TOPIC, APPLIED, prefix + _good(f"framed {index}"))
        yield Nasty(f"frame: {index} and nothing", TOPIC, "not_json", prefix)
        yield Nasty(f"frame: {index} cut off", TOPIC, "not_json", prefix[:3])
        yield Nasty(f"frame: {index} twice", TOPIC, "not_json", prefix + FRAME + _good("twice"))
        yield Nasty(f"frame: {index} before avro", TOPIC, "not_json", prefix + b"\x02\x10acme\x00")
        yield Nasty(f"frame: {index} before protobuf", TOPIC, "not_json", prefix + b"\x00\x0a\x04acme\x10\x07")
    yield Nasty("frame: an unknown magic byte", TOPIC, "not_json", b"\x05\x00\x00\x00\x07" + _good("magic"))


def _sizes() -> Iterator[Nasty]:
    pad = VALUE_MAX - len(_good("exactly", pad=""))
    yield Nasty("size: exactly 256 KiB", TOPIC, APPLIED, _good("exactly", pad="x" * pad))
    yield Nasty("size: a byte more", TOPIC, "too_large", _good("exactly", pad="x" * (pad + 1)))
    yield Nasty("size: 900 KB", TOPIC, "too_large", _good("large", pad="x" * 900_000))
    yield Nasty("size: 900 KB of nothing", TOPIC, "too_large", b" " * 900_000)
    yield Nasty("size: 200 KB of blanks around", TOPIC, APPLIED, b" " * 100_000 + _good("blanks") + b"\n" * 100_000)
    yield Nasty("size: 15,000 unknown fields", TOPIC, APPLIED, _good("fields", **{f"f{n}": n for n in range(15_000)}))
    yield Nasty("size: a field name of 200 KB", TOPIC, APPLIED, _good("name", **{"n" * 200_000: 1}))
    for name, opening, inside, closing in (("arrays", "[", "", "]"), ("objects", '{"a":', "1", "}")):
        for levels, outcome in ((31, APPLIED), (32, "too_deep"), (40_000, "too_deep")):
            nested = opening * levels + inside + closing * levels
            value = _good(f"deep {name} {levels}", pad="@").replace(b'"@"', nested.encode())
            yield Nasty(f"depth: {levels} {name}", TOPIC, outcome, value)
    yield Nasty("depth: 100,000 open arrays", TOPIC, "too_deep", b"[" * 100_000)
    yield Nasty("depth: 100,000 closed arrays", TOPIC, "not_json", b"]" * 100_000)
    yield Nasty("depth: a string that never ends", TOPIC, "too_deep", b'{"a":' * 40 + b'"' + b'\\"' * 100_000)
    yield Nasty("depth: brackets in a string", TOPIC, APPLIED, _good("brackets", user_id="[{" * 100))
    yield Nasty("twice: the account", TOPIC, APPLIED, _good("twice account").replace(b"{", b'{"account_id": "umbra", ', 1))
    yield Nasty(
        "twice: the account, the wrong one last", TOPIC, "account_mismatch", _good("twice wrong")[:-1] + b', "account_id": "umbra"}'
    )
    yield Nasty("twice: the type, unknown last", TOPIC, IGNORED, _good("twice type")[:-1] + b', "type": "thing.else"}')
    yield Nasty("twice: the time, a bad one last", TOPIC, "bad_time", _good("twice time")[:-1] + b', "occurred_at": "never"}')
