"""Which sources have had strays: events that arrived on another partition than that of their key."""

from collections.abc import Mapping
from typing import Any

SOURCES_MAX = 50
"""Sources remembered by name and topic; all others together are `other`."""
OTHER = "other"


class Strays:
    """What one partition knows of strays, by topic: the sources, and when the last one was appended.

    Rides in the cursor: absences over such a topic are proven only by all its partitions and `rekeyed` together.
    """

    __slots__ = ("_last_ms", "_sources")

    def __init__(self) -> None:
        self._sources: dict[str, set[str]] = {}
        self._last_ms: dict[str, int] = {}

    def note(self, topic: str, source: str, appended_ms: int) -> None:
        """A stray of the source was met on the topic, or came back from there through `rekeyed`."""
        sources = self._sources.setdefault(topic, set())
        if source not in sources:
            sources.add(source if len(sources) < SOURCES_MAX else OTHER)
        if appended_ms > self._last_ms.get(topic, -1):
            self._last_ms[topic] = appended_ms

    @property
    def topics(self) -> frozenset[str]:
        """Topics that have had strays."""
        return frozenset(self._sources)

    def to_json(self) -> dict[str, Any]:
        """For the cursor; empty while there was none."""
        return {
            topic: {"sources": sorted(sources), "last": self._last_ms.get(topic, 0)} for topic, sources in sorted(self._sources.items())
        }

    def restore(self, known: Mapping[str, Any]) -> None:
        """Take over what the cursor says."""
        self._sources = {topic: set(each["sources"]) for topic, each in known.items()}
        self._last_ms = {topic: each["last"] for topic, each in known.items()}
