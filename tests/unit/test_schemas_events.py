"""Every kind of event: examples, open sets, and one refusal per constraint."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from schemas.decoding.outcome import Rejected, RejectReason
from schemas.events.event import Event
from schemas.events.kind import EventKind
from schemas.events.registry import BY_TOPIC, KINDS, TOPICS_OF
from schemas.json_schema import event_schema
from tests.wire_records import decoded, payload, record

ENVELOPE = {"event_id", "type", "account_id", "person_id", "occurred_at", "source"}
ABOUT_ACCOUNTS = [kind for kind in KINDS if kind.name != "feed.heartbeat"]

every_kind = pytest.mark.parametrize("kind", ABOUT_ACCOUNTS, ids=lambda kind: kind.name)


def event_of(kind: EventKind, /, **changes: Any) -> Event:
    (outcome,) = decoded(kind.topic, record(payload(kind.topic, kind.name, **changes), kind.example[kind.who].encode()))
    assert isinstance(outcome, Event), outcome
    return outcome


def refusal_of(kind: EventKind, /, **changes: Any) -> Rejected:
    (outcome,) = decoded(kind.topic, record(payload(kind.topic, kind.name, **changes), kind.example[kind.who].encode()))
    assert isinstance(outcome, Rejected), outcome
    return outcome


def fields_of(kind: EventKind) -> dict[str, dict[str, Any]]:
    properties: dict[str, dict[str, Any]] = event_schema(kind)["properties"]
    return properties


CONTRACT = {
    "product-usage": (
        "user.login feature.used feature.activated activation.step_completed usage.counter value.measured data.refreshed feed.heartbeat"
    ),
    "tickets": (
        "ticket.created ticket.priority_changed ticket.escalated ticket.reopened ticket.resolved ticket.closed ticket.sentiment "
        "chat.escalated feed.heartbeat"
    ),
    "billing": (
        "subscription.started subscription.changed subscription.cancelled contract.started contract.renewed contract.ended "
        "invoice.issued invoice.paid invoice.payment_failed invoice.voided renewal.stage_changed renewal.confidence "
        "expansion.signal contraction.signal feed.heartbeat"
    ),
    "accounts": (
        "account.created account.updated account.handoff account.org_changed account.churned account.reactivated contact.added "
        "contact.updated contact.left contact.role_changed contact.leave contact.profile_changed onboarding.completed "
        "milestone.started milestone.completed milestone.moved integration.connected plan.created plan.updated outcome.targeted "
        "outcome.measured risk.registered risk.closed action_item.created action_item.completed request.use_case "
        "feed.heartbeat"
    ),
    "feedback": "survey.responded qbr.completed health.stated feed.heartbeat",
    "engagement": "meeting.scheduled meeting.held meeting.cancelled email.sent email.replied touch.logged feed.heartbeat",
    "play-updates": (
        "run.acknowledged run.started run.step_completed run.step_skipped run.replied run.snoozed run.paused run.resumed "
        "run.reassigned run.closed"
    ),
    "trigger-requests": "trigger.requested",
    "assignment-requests": "assignment.requested assignment.released assignment.confirmed",
    "assignments": "assignment.made",
    "roster": "person.changed person.removed",
}


def test_the_registry_has_every_type_of_the_contract_on_its_topic() -> None:
    assert {topic: sorted(kinds) for topic, kinds in BY_TOPIC.items()} == {
        topic: sorted(names.split()) for topic, names in CONTRACT.items()
    }


def test_only_the_heartbeat_belongs_on_more_than_one_topic() -> None:
    assert {name: topics for name, topics in TOPICS_OF.items() if len(topics) > 1} == {
        "feed.heartbeat": ("product-usage", "tickets", "billing", "accounts", "feedback", "engagement")
    }


@every_kind
def test_the_example_is_an_event_with_all_its_fields(kind: EventKind) -> None:
    event = event_of(kind)
    assert (event.topic, event.partition, event.offset, event.appended_ms) == (kind.topic, 0, 7, 1_772_442_901_000)
    assert (event.type, event.account_id, event.event_id, event.source) == (
        kind.name, kind.example[kind.who], kind.example["event_id"], kind.example["source"],
    )  # fmt: skip
    assert event.time_ms == 1_772_442_900_250
    assert set(event.data) == set(kind.example)


@every_kind
def test_the_example_satisfies_the_published_schema(kind: EventKind) -> None:
    schema = event_schema(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(kind.example)


@every_kind
def test_the_example_shows_something_beyond_the_envelope_where_there_is_something(kind: EventKind) -> None:
    assert bool(set(kind.example) - ENVELOPE) == bool(set(fields_of(kind)) - ENVELOPE)


@every_kind
def test_unknown_fields_are_kept_out_of_the_way(kind: EventKind) -> None:
    event = event_of(kind, colour="blue", nested={"deep": [1, {"er": None}]}, number=float("nan"))
    assert event.data == event_of(kind).data


@every_kind
def test_null_in_an_optional_field_is_a_field_left_out(kind: EventKind) -> None:
    optional = set(fields_of(kind)) - set(event_schema(kind)["required"])
    event = event_of(kind, **dict.fromkeys(optional))
    assert set(event.data) == set(event_schema(kind)["required"])


@every_kind
def test_a_missing_mandatory_field_is_named(kind: EventKind) -> None:
    mandatory = [field for field in event_schema(kind)["required"] if field != "type"]
    assert [refusal_of(kind, **{field: ...}) for field in mandatory] == [
        Rejected(RejectReason.MISSING_FIELD, f"{field}: Field required") for field in mandatory
    ]


@every_kind
def test_an_unknown_word_in_an_open_set_becomes_other(kind: EventKind) -> None:
    open_sets = [field for field, schema in fields_of(kind).items() if "examples" in schema]
    words = {field: event_of(kind, **{field: "no such word"}).data[field] for field in open_sets}
    assert words == dict.fromkeys(open_sets, "other")


def test_the_open_sets_are_those_of_the_contract() -> None:
    found = {
        f"{kind.name}.{field}": tuple(schema["examples"])
        for kind in KINDS
        for field, schema in fields_of(kind).items()
        if "examples" in schema
    }
    priorities, roles, grades = ("P1", "P2", "P3", "P4"), (
        "champion", "decision_maker", "executive_sponsor", "team_lead", "technical_admin", "user",
    ), ("low", "medium", "high")  # fmt: skip
    moods = ("positive", "neutral", "negative")
    assert found == {
        "user.login.role": roles,
        "feature.used.actor": ("human", "api", "staff"),
        "ticket.created.priority": priorities,
        "ticket.priority_changed.priority": priorities,
        "ticket.priority_changed.priority_before": priorities,
        "ticket.sentiment.sentiment": moods,
        "renewal.confidence.confidence": grades,
        "expansion.signal.strength": grades,
        "contraction.signal.strength": grades,
        "account.created.touch_model": ("high", "mid", "tech"),
        "account.updated.touch_model": ("high", "mid", "tech"),
        "contact.added.role": roles,
        "contact.added.influence": grades,
        "contact.updated.role": roles,
        "contact.updated.influence": grades,
        "contact.role_changed.role": roles,
        "contact.role_changed.role_before": roles,
        "contact.profile_changed.role": roles,
        "contact.profile_changed.influence": grades,
        "risk.registered.likelihood": grades,
        "risk.registered.impact": grades,
        "survey.responded.kind": ("nps", "csat", "ces"),
        "qbr.completed.sentiment": moods,
        "health.stated.rating": ("healthy", "at_risk", "critical"),
    }


def violations(schema: dict[str, Any]) -> Iterator[Any]:
    """One value per constraint of a field's schema that breaks just this one."""
    if "anyOf" in schema:
        yield {}
        return
    kind = schema["type"]
    yield {"string": 5, "number": "5", "integer": 5.5, "boolean": "true", "array": "a"}[kind]
    yield {}
    if "maxLength" in schema:
        yield "x" * (schema["maxLength"] + 1)
    if "minLength" in schema:
        yield ""
    if "pattern" in schema:
        yield "no match"
    if "enum" in schema:
        yield "no such word"
    if "format" in schema:
        yield from ("tomorrow", "1772442900", "2026-13-01", "2026-02-30T10:00:00Z", "2026-03-02T09:15:00", "2026-03-02T25:00:00Z")
    if "minimum" in schema:
        yield schema["minimum"] - (1 if kind == "integer" or schema["minimum"] == 0 else 1e12)
    if "maximum" in schema:
        yield schema["maximum"] * 1.001 if kind == "number" else schema["maximum"] + 1
    if "maxItems" in schema:
        yield ["x"] * (schema["maxItems"] + 1)
        yield [5]


@every_kind
def test_each_constraint_of_each_field_refuses_what_breaks_it(kind: EventKind) -> None:
    wrong = [(field, value) for field, schema in fields_of(kind).items() if field != "type" for value in violations(schema)]
    accepted = []
    for field, value in wrong:
        refusal = refusal_of(kind, **{field: value})
        if not refusal.detail.startswith(f"{field}: ") or refusal.reason not in {
            RejectReason.INVALID_FIELD, RejectReason.BAD_NUMBER, RejectReason.BAD_TIME,
        }:  # fmt: skip
            accepted.append((field, value, refusal))
    assert accepted == []
    assert len(wrong) >= 3 * (len(fields_of(kind)) - 1)


@every_kind
def test_the_published_schema_refuses_the_same(kind: EventKind) -> None:
    validator = jsonschema.Draft202012Validator(event_schema(kind), format_checker=jsonschema.FormatChecker(["date"]))
    accepted = [
        (field, value)
        for field, schema in fields_of(kind).items()
        if schema.get("format") != "date-time"  # no checker for it is installed
        for value in violations(schema)
        if validator.is_valid(payload(kind.topic, kind.name, **{field: value}))
    ]
    assert accepted == []


def test_a_run_closes_only_with_a_code_of_the_closed_set() -> None:
    kind = BY_TOPIC["play-updates"]["run.closed"]
    words = "'false_positive', 'resolved', 'adoption_recovered', 'renewal_risk_reduced', 'expansion_progressed', 'customer_churned', "
    assert refusal_of(kind, code="other") == Rejected(
        RejectReason.INVALID_FIELD, f"code: Input should be {words}'no_response' or 'superseded'"
    )
    assert refusal_of(kind, code=...) == Rejected(RejectReason.MISSING_FIELD, "code: Field required")


def test_the_detail_names_three_faulty_fields_at_most_and_quotes_no_value() -> None:
    kind = BY_TOPIC["billing"]["invoice.issued"]
    secret = "4111-1111-1111-1111"
    refusal = refusal_of(kind, invoice_id=5, amount=secret, currency=secret, due=secret, contract_id=secret * 100)
    assert refusal == Rejected(
        RejectReason.INVALID_FIELD,
        "invoice_id: Input should be a valid string; contract_id: String should have at most 256 characters; "
        "amount: Input should be a valid number",
    )


def test_times_keep_their_instant_whatever_the_offset() -> None:
    kind = BY_TOPIC["tickets"]["ticket.closed"]
    same = ("2026-03-02T09:15:00.250Z", "2026-03-02T10:15:00.250+01:00", "2026-03-01T19:15:00.250999-14:00", "2026-03-02 09:15:00.25z")
    assert [event_of(kind, occurred_at=text).time_ms for text in same] == [1_772_442_900_250] * 4


def test_examples_are_json() -> None:
    assert [kind.example for kind in KINDS] == [json.loads(json.dumps(kind.example)) for kind in KINDS]
