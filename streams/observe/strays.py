"""Publishers that place keys otherwise than by murmur2: counted, and named once with the fix."""

from collections import Counter
from collections.abc import Mapping

import structlog
from prometheus_client import CollectorRegistry
from prometheus_client import Counter as Metric

SOURCES_MAX = 50
"""Sources shown by name and topic; all others together are `other`."""
OTHER = "other"
FIX = "publish with murmur2: librdkafka and its Go, C#, PHP, Ruby and Python clients need partitioner=murmur2_random"

log = structlog.get_logger("playcall.strays")


class StrayWatch:
    """Counts forwarded records by topic and source; logs each (topic, source) the first time this process meets it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._metric = Metric(
            "playcall_strays",
            "Records that arrived on another partition than murmur2 of their key gives, forwarded to the right one, by topic and source. "
            f"Fix: {FIX}.",
            ("topic", "source"),
            registry=registry,
        )
        self._sources: dict[str, set[str]] = {}

    def count(self, strays: Mapping[tuple[str, str], int]) -> None:
        """What one transaction forwarded, by (topic, source)."""
        shown: Counter[tuple[str, str]] = Counter()
        for (topic, source), count in strays.items():
            shown[topic, self._label(topic, source)] += count
        for (topic, label), count in shown.items():
            self._metric.labels(topic, label).inc(count)

    def _label(self, topic: str, source: str) -> str:
        known = self._sources.setdefault(topic, set())
        if source in known:
            return source
        label = source if len(known) < SOURCES_MAX else OTHER
        if label not in known:
            known.add(label)
            log.warning(
                "events arrive on the wrong partition and are forwarded: they come late, and absences wait longer",
                topic=topic, source=label, fix=FIX,
            )  # fmt: skip
        return label


__all__ = ["FIX", "OTHER", "SOURCES_MAX", "StrayWatch"]
