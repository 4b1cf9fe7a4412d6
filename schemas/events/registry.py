"""Every kind of event Playcall knows: the one list everything else is derived from."""

from collections.abc import Mapping
from types import MappingProxyType

from schemas.events import accounts, assignments, billing, contacts, engagement, feed, feedback, people, requests, tickets, updates, usage
from schemas.events.kind import EventKind

KINDS: tuple[EventKind, ...] = (
    *usage.KINDS,
    *tickets.KINDS,
    *billing.KINDS,
    *accounts.KINDS,
    *contacts.KINDS,
    *feedback.KINDS,
    *engagement.KINDS,
    *feed.KINDS,
    *updates.KINDS,
    *requests.KINDS,
    *assignments.KINDS,
    *people.KINDS,
)

TOPICS: tuple[str, ...] = tuple(dict.fromkeys(kind.topic for kind in KINDS))
"""The topics events arrive on, in the order of the catalogue."""


def _by_topic() -> dict[str, Mapping[str, EventKind]]:
    return {topic: MappingProxyType({kind.name: kind for kind in KINDS if kind.topic == topic}) for topic in TOPICS}


BY_TOPIC: Mapping[str, Mapping[str, EventKind]] = MappingProxyType(_by_topic())
"""Kinds by topic, then by name."""

TOPICS_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {name: tuple(kind.topic for kind in KINDS if kind.name == name) for name in dict.fromkeys(kind.name for kind in KINDS)}
)
"""Topics by name of the kind: one, but for `feed.heartbeat`, which has all source topics."""
