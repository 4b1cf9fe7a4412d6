"""What `playcall feeds` shows: every publisher, alive or not, what is held because of it, and how far each partition is read."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from plays.policy.feeds import FeedPolicy
from schemas.records.wire import rfc3339, utc
from streams.engine.feeds import ESTABLISHED_MS
from streams.engine.progress import Report

State = Literal["alive", "quiet", "new", "retired", "not judged"]

_OPEN_MS = 10_000  # read so far behind what is readable, a topic hides something: an open transaction
_STALE_MS = 60_000  # a partition that has not reported for so long has no owner, or none that can speak


class Shown(NamedTuple):
    """One publisher on one topic. `heard` by partition: event time in ms."""

    topic: str
    source: str
    state: State
    heard_ms: int
    max_quiet_ms: int | None
    by_partition: dict[int, int]


class Overview:
    """Everything told by the partitions of an application, judged at `now_ms`."""

    def __init__(
        self, reports: Mapping[int, Report], retired: Mapping[tuple[str, str], int], partitions: int, rules: FeedPolicy, now_ms: int
    ) -> None:
        self._reports = dict(sorted(reports.items()))
        self._now_ms = now_ms
        self.feeds = list(self._feeds(retired, rules))
        self.held = self._sum_held()
        self.paused = [f"{topic}:{p}" for p, report in self._reports.items() for topic in report.progress.paused]
        self.strayed = sorted({topic for report in self._reports.values() for topic in report.progress.strayed})
        self.open_transactions = [
            (topic, p, up_to)
            for p, report in self._reports.items()
            for topic, up_to in report.progress.read_up_to.items()
            if report.progress.current.get(topic, 0) - up_to > _OPEN_MS
        ]
        told = [p for p, report in self._reports.items() if now_ms - report.at_ms <= _STALE_MS]
        self.silent_partitions = [p for p in range(partitions) if p not in told]

    @property
    def well(self) -> bool:
        """Nothing is missing, held, hidden or paused."""
        quiet = any(feed.state == "quiet" for feed in self.feeds)
        return not (quiet or self.held or self.paused or self.open_transactions or self.silent_partitions)

    def lines(self) -> Iterator[str]:
        """For people."""
        width = max((len(f"{feed.topic}/{feed.source}") for feed in self.feeds), default=4)
        if not self.feeds:
            yield "no feed has been heard yet"
        for feed in self.feeds:
            allowed = "" if feed.max_quiet_ms is None else f", may be quiet for {_span(feed.max_quiet_ms)}"
            where = " ".join(f"{p}:{_span(max(0, self._now_ms - ms))}" for p, ms in feed.by_partition.items())
            age = _span(max(0, self._now_ms - feed.heard_ms))
            name = f"{feed.topic}/{feed.source}"
            yield f"{name:<{width}}  {feed.state:<10}  heard {age} ago, up to {rfc3339(utc(feed.heard_ms))}{allowed}  [{where}]"
        for topics, accounts in sorted(self.held.items()):
            yield f"held: {accounts:,} accounts wait for {topics or 'any topic'} before their silence counts"
        for topic, partition, up_to in self.open_transactions:
            since = f"since {rfc3339(utc(up_to))}" if up_to > 0 else "from the start"
            yield f"open transaction: {topic}:{partition} hides records {since}; its publisher must commit or abort it"
        for place in self.paused:
            yield f"paused: {place}, too many dead letters; fix the publisher, then `playcall feeds resume {place.partition(':')[0]}`"
        for topic in self.strayed:
            yield f"strays: {topic} has events on foreign partitions; publish with partitioner=murmur2_random"
        for partition in self.silent_partitions:
            report = self._reports.get(partition)
            since = "ever" if report is None else f"for {_span(max(0, self._now_ms - report.at_ms))}"
            yield f"partition {partition}: no worker has reported {since}"

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "feeds": [
                {
                    "topic": feed.topic,
                    "source": feed.source,
                    "state": feed.state,
                    "heard": rfc3339(utc(feed.heard_ms)),
                    "max_quiet_s": None if feed.max_quiet_ms is None else feed.max_quiet_ms / 1000,
                    "partitions": {str(p): rfc3339(utc(ms)) for p, ms in feed.by_partition.items()},
                }
                for feed in self.feeds
            ],
            "held": self.held,
            "paused": self.paused,
            "strays": self.strayed,
            "open_transactions": [
                {"topic": topic, "partition": p, "since": rfc3339(utc(max(0, at)))} for topic, p, at in self.open_transactions
            ],
            "partitions_without_report": self.silent_partitions,
        }

    def _feeds(self, retired: Mapping[tuple[str, str], int], rules: FeedPolicy) -> Iterator[Shown]:
        by_feed: dict[tuple[str, str], dict[int, int]] = {}
        first: dict[tuple[str, str], int] = {}
        for partition, report in self._reports.items():
            for topic, sources in report.progress.heard.items():
                for source, (first_ms, last_ms) in sources.items():
                    by_feed.setdefault((topic, source), {})[partition] = last_ms
                    first[topic, source] = min(first_ms, first.get((topic, source), first_ms))
        lasting = {key for key, heard in by_feed.items() if max(heard.values()) - first[key] >= ESTABLISHED_MS}
        settled_topics = {topic for topic, _ in lasting}
        for (topic, source), heard in sorted(by_feed.items()):
            latest = max(heard.values())
            allowed = rules.sources_ms.get((topic, source), rules.topics_ms.get(topic))
            state: State = "alive"
            if latest <= retired.get((topic, source), -1):
                state = "retired"
            elif allowed is None:
                state = "not judged"
            elif topic in settled_topics and (topic, source) not in lasting:
                state = "new"
            elif latest + allowed < self._now_ms:
                state = "quiet"
            yield Shown(topic, source, state, latest, allowed, heard)

    def _sum_held(self) -> dict[str, int]:
        held: dict[str, int] = {}
        for report in self._reports.values():
            for topics, accounts in report.progress.held.items():
                held[topics] = held.get(topics, 0) + accounts
        return held


def _span(ms: int) -> str:
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000)):
        if ms >= 2 * size:
            return f"{ms // size}{unit}"
    return f"{ms // 1000}s"
