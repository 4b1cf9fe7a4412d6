"""One kind of event: its name, the topic it arrives on, its model and an example."""

from collections.abc import Mapping
from typing import Any, NamedTuple, get_args

from typing_extensions import get_type_hints

from schemas.events.base import CONFIG

Example = Mapping[str, Any]

ACCOUNT = "account_id"


class EventKind(NamedTuple):
    """`model` is the TypedDict of the validated payload, `example` a complete event as it travels (JSON types only).

    `who` is the field that says whom the event is about: it equals the record key.
    """

    name: str
    topic: str
    model: type[Any]
    example: dict[str, Any]
    who: str = ACCOUNT


def kinds(topic: str, *models: tuple[Any, Example], who: str = ACCOUNT) -> tuple[EventKind, ...]:
    """The kinds of one topic from (model, what its example has beyond the envelope). The name is the model's `type` literal."""
    return tuple(_kind(topic, model, {who: _WHO[who], **extra}, who) for model, extra in models)


def heartbeat(topic: str, model: Any) -> EventKind:
    """The kind of a publisher's sign of life on `topic`: it speaks of no account."""
    return _kind(topic, model, {}, ACCOUNT)


def _kind(topic: str, model: Any, extra: Example, who: str) -> EventKind:
    # TypedDicts do not inherit the configuration and their bodies may not set it: this is the one place that does.
    model.__pydantic_config__ = CONFIG
    (name,) = get_args(get_type_hints(model)["type"])
    envelope = {"event_id": f"{name}-0001", "type": name, "occurred_at": "2026-03-02T09:15:00.250Z", "source": _SOURCES[topic]}
    return EventKind(name, topic, model, {**envelope, **extra}, who)


_WHO = {ACCOUNT: "acme", "person_id": "maya.lindqvist"}
_SOURCES = {
    "product-usage": "product",
    "tickets": "helpdesk",
    "billing": "billing",
    "accounts": "crm",
    "feedback": "survey-tool",
    "engagement": "calendar",
    "play-updates": "crm",
    "trigger-requests": "churn-model",
    "assignment-requests": "playcall",
    "assignments": "playcall",
    "roster": "hr-system",
}
