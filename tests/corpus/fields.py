"""Every field of every kind with something in it that does not belong there."""

import json
from collections.abc import Iterator

from schemas.catalogue import input_topics
from schemas.events.feed import HEARTBEAT
from schemas.events.registry import KINDS
from tests.corpus.nasty import APPLIED, IGNORED, LATER, Nasty, event, fields

_SKIPPED = {"type", "occurred_at", "account_id"}  # modules of their own, or a reason of its own


def everything() -> Iterator[Nasty]:
    """Wrong types field by field, then numbers, lengths and types out of bounds."""
    for kind in KINDS:
        if kind.name == HEARTBEAT or kind.topic not in input_topics():
            continue
        for field in kind.example:
            if field not in _SKIPPED:
                changed = event(kind.topic, kind.name, **{field: {"a": [None]}})
                yield Nasty(f"field: {kind.name} {field} an object", kind.topic, "invalid_field", changed)
        yield Nasty(f"field: {kind.name} on the wrong topic", _elsewhere(kind.topic), "wrong_topic", event(kind.topic, kind.name))
        yield Nasty(f"field: {kind.name} without source", kind.topic, "missing_field", event(kind.topic, kind.name, source=...))
    yield from _numbers()
    yield from _texts()
    yield from _types()


def _elsewhere(topic: str) -> str:
    return "billing" if topic != "billing" else "feedback"


def _numbers() -> Iterator[Nasty]:
    for text, outcome in {
        "NaN": "bad_number",
        "Infinity": "bad_number",
        "-Infinity": "bad_number",
        "1e999": "bad_number",
        "-1e999": "bad_number",
        "1e16": "bad_number",
        "-1": "bad_number",
        "1" * 400: "bad_number",
        "9" * 5_000: "not_json",
        '"3"': "invalid_field",
        '"NaN"': "invalid_field",
        '""': "invalid_field",
        "true": "invalid_field",
        "[]": "invalid_field",
        "nan": "not_json",
        "1_000": "not_json",
        "null": APPLIED,
        "0": APPLIED,
        "-0.0": APPLIED,
        "5e-324": APPLIED,
        "1e15": APPLIED,
        "1E+2": APPLIED,
    }.items():
        good = fields("product-usage", "feature.used", event_id=f"number-{text[:12]}-0001", quantity="@")
        yield Nasty(f"number: {text[:12]}", "product-usage", outcome, json.dumps(good).encode().replace(b'"@"', text.encode()))
    for count in ("-1", "1.5", "1e400", str(10**9 + 1), str(2**63), str(2**64), "-" + "9" * 30):
        good = fields("billing", "subscription.changed", event_id=f"seats-{count[:9]}-0001", seats="@")
        outcome = "invalid_field" if count in ("1.5", "1e400") else "bad_number"  # no whole number at all
        yield Nasty(f"seats: {count[:12]}", "billing", outcome, json.dumps(good).encode().replace(b'"@"', count.encode()))


def _texts() -> Iterator[Nasty]:
    for name, text, outcome in (
        ("empty", "", "invalid_field"),
        ("257 characters", "x" * 257, "invalid_field"),
        ("256 characters", "x" * 256, APPLIED),
        ("256 characters of four bytes", "\U0001f4a5" * 256, APPLIED),
        ("a blank", " ", APPLIED),
        ("a zero byte", "\x00", APPLIED),
        ("control characters", "\x01\x02\x1b[31m\x7f", APPLIED),
        ("line breaks", "a\r\nb", APPLIED),
        ("right to left override", "\u202eabc", APPLIED),
        ("zero width", "\u200b", APPLIED),
        ("byte order mark", "\ufeffid", APPLIED),
        ("combining marks", "e" + "\u0301" * 100, APPLIED),
        ("a template", "{{ 7 * 7 }} {% for x in y %}", APPLIED),
        ("sql", "'; DROP TABLE accounts; --", APPLIED),
        ("a path", "../../etc/passwd", APPLIED),
        ("html", "<script>alert(1)</script>", APPLIED),
        ("a format", "%s%n{0}{__class__}", APPLIED),
        ("colons and bars", "a:b|c/d#e@f", APPLIED),
        ("dunder", "__proto__", APPLIED),
    ):
        # An account of its own: the contact and the names are known when the ticket launches a play.
        own = {"account_id": f"nasty {name}"}
        key = own["account_id"].encode()
        tag = f"{name}-0001"
        login = event("product-usage", "user.login", event_id=f"u {tag}", user_id=text)
        yield Nasty(f"user id: {name}", "product-usage", outcome, login)
        yield Nasty(f"event id: {name}", "product-usage", outcome, event("product-usage", "user.login", event_id=text))
        ticket = event("tickets", "ticket.created", event_id=f"t {tag}", ticket_id=text, requester_id=text, occurred_at=LATER, **own)
        yield Nasty(f"ticket id: {name}", "tickets", outcome, ticket, key)
        contact = event("accounts", "contact.added", event_id=f"c {tag}", contact_id=text, name=text, role="champion", **own)
        yield Nasty(f"contact: {name}", "accounts", outcome, contact, key)
        called = dict.fromkeys(("name", "csm", "account_executive", "industry"), text)
        account = event("accounts", "account.updated", event_id=f"a {tag}", **called, **own)
        yield Nasty(f"account name: {name}", "accounts", outcome, account, key)
        health = event("feedback", "health.stated", event_id=f"s {tag}", source=text)
        yield Nasty(f"source: {name}", "feedback", outcome, health)
    yield Nasty("note: 4,001 characters", "play-updates", "invalid_field", event("play-updates", "run.closed", note="x" * 4_001))
    yield Nasty(
        "key features: 501", "accounts", "invalid_field", event("accounts", "account.updated", key_features=[str(n) for n in range(501)])
    )
    yield Nasty("key features: a set of one text", "accounts", "invalid_field", event("accounts", "account.updated", key_features="a,b"))
    yield Nasty("key features: null inside", "accounts", "invalid_field", event("accounts", "account.updated", key_features=["a", None]))


def _types() -> Iterator[Nasty]:
    for name, value, outcome in (
        ("missing", ..., "missing_field"),
        ("null", None, "missing_field"),
        ("a number", 7, "invalid_field"),
        ("a list", ["user.login"], "invalid_field"),
        ("an object", {}, "invalid_field"),
        ("true", True, "invalid_field"),
        ("empty", "", IGNORED),
        ("in capitals", "USER.LOGIN", IGNORED),
        ("with a blank", "user.login ", IGNORED),
        ("with a zero byte", "user.login\x00", IGNORED),
        ("100,000 characters", "x" * 100_000, IGNORED),
        ("never heard of", "thing.happened", IGNORED),
        ("heartbeat", HEARTBEAT, IGNORED),
    ):
        yield Nasty(f"type: {name}", "product-usage", outcome, event("product-usage", "user.login", type=value))
