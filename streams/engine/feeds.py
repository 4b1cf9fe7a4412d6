"""What is known of the feeds: who publishes on a topic, and up to when each was heard.

A feed is a publisher (`source`) on a topic. Silence says something only if the feed would have spoken. A publisher that was
heard for a moment only (a test, a typo in the name) is none: as soon as one publisher of a topic has been heard over a day,
only those count that have.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from streams.engine.agenda import NEVER

MAX_SOURCES = 50
OTHERS = "*"
"""Stands for all sources of a topic beyond the first fifty: nobody who could be missed."""
ESTABLISHED_MS = 86_400_000

Span = tuple[int, int]
"""Event times in ms at which a feed was heard first and last."""


@dataclass(frozen=True, slots=True)
class QuietRules:
    """How quiet feeds may be, all in ms.

    A topic without an entry is never doubted. `unproven_after_ms`: how long after its moment a held silence is called
    all the same, marked unproven (None: never). `settle_ms`: how long a live feed must have been up to date again before
    it is believed; what it held back while it was away may still be on its way.
    """

    topics: Mapping[str, int]
    sources: Mapping[tuple[str, str], int]
    unproven_after_ms: int | None = None
    settle_ms: int = 0

    def of(self, topic: str, source: str) -> int:
        """The longest a feed may be quiet and still count as alive."""
        return self.sources.get((topic, source), self.topics.get(topic, NEVER))


NO_DOUBT = QuietRules({}, {})


class Feed:
    """One publisher on one topic. All times are event times in ms, -1 for never."""

    __slots__ = ("alive_since_ms", "all_first_ms", "all_ms", "believed_ms", "max_quiet_ms", "own_first_ms", "own_ms", "retired_ms")

    def __init__(self, max_quiet_ms: int) -> None:
        self.max_quiet_ms = max_quiet_ms
        self.own_first_ms = NEVER
        self.own_ms = -1  # latest in this task's partition
        self.all_first_ms = NEVER
        self.all_ms = -1  # latest in any partition, as told by the others
        self.believed_ms = -1  # live: up to here nothing of it is missing
        self.alive_since_ms: int | None = None
        self.retired_ms = -1  # said to be gone; counts again when it is heard later than this

    @property
    def heard_ms(self) -> int:
        """The latest in any partition."""
        return max(self.own_ms, self.all_ms)

    @property
    def retired(self) -> bool:
        """Told to be gone, and not heard since."""
        return self.heard_ms <= self.retired_ms

    @property
    def established_here(self) -> bool:
        """Heard over a day in this partition."""
        return self.own_ms - self.own_first_ms >= ESTABLISHED_MS

    @property
    def established(self) -> bool:
        """Heard over a day in any partition."""
        return self.heard_ms - min(self.own_first_ms, self.all_first_ms) >= ESTABLISHED_MS

    def judge(self, now_ms: int, settle_ms: int) -> None:
        """Live: alive or not, and since when."""
        heard_ms = self.heard_ms
        if heard_ms + self.max_quiet_ms < now_ms:
            self.alive_since_ms = None
            return
        if self.alive_since_ms is None:
            self.alive_since_ms = now_ms
        if now_ms - self.alive_since_ms >= settle_ms:
            self.believed_ms = heard_ms

    def settled(self, now_ms: int, settle_ms: int) -> bool:
        """Alive for long enough to be believed."""
        return self.alive_since_ms is not None and now_ms - self.alive_since_ms >= settle_ms


class FeedBook:
    """The feeds of one task's topics. Its own part is a function of the log and rides in the cursor; the rest is hearsay."""

    __slots__ = ("_rules", "_topics", "strayed")

    def __init__(self, rules: QuietRules) -> None:
        self._rules = rules
        self.strayed: Mapping[str, tuple[int, int]] = {}  # see `streams.engine.progress.strayed_up_to`
        self._topics: dict[str, dict[str, Feed]] = {}

    def of(self, topic: str) -> Mapping[str, Feed]:
        """The feeds of a topic by source."""
        return self._topics.get(topic, {})

    def note(self, topic: str, source: str, time_ms: int) -> None:
        """The task applied a record of the feed, or its heartbeat."""
        feeds = self._topics.get(topic)
        feed = None if feeds is None else feeds.get(source)
        if feed is None:
            feed = self._add(topic, source)
        if feed.own_ms < 0:
            feed.own_first_ms = time_ms
        feed.own_ms = max(feed.own_ms, time_ms)

    def tell(self, topic: str, source: str, span: Span) -> None:
        """Another partition has heard it."""
        feed = self.of(topic).get(source) or self._add(topic, source)
        first_ms, last_ms = span
        feed.all_first_ms = min(feed.all_first_ms, first_ms)
        feed.all_ms = max(feed.all_ms, last_ms)

    def retire(self, topic: str, source: str, time_ms: int) -> None:
        """An operator says that the feed is gone for good, as of now."""
        feed = self.of(topic).get(source) or self._add(topic, source)
        feed.retired_ms = max(feed.retired_ms, time_ms)

    def judge(self, now_ms: int) -> None:
        """Live, and often: who is alive, and since when."""
        for feeds in self._topics.values():
            for feed in feeds.values():
                feed.judge(now_ms, self._rules.settle_ms)

    def believed_up_to(self, topic: str, now_ms: int) -> int:
        """Live, from all partitions, as judged last: up to when no event of the topic is missing. `NEVER`: without doubt."""
        if topic not in self._rules.topics:
            return NEVER
        known = [feed for source, feed in self.of(topic).items() if not feed.retired and source != OTHERS]
        counting = [feed for feed in known if feed.established] or known
        doubted = [feed.believed_ms for feed in counting if not feed.settled(now_ms, self._rules.settle_ms)]
        return min(doubted, default=NEVER) if counting else -1

    def heard_up_to(self, topic: str, now_ms: int) -> int:
        """Catching up, from the task's own partition alone: the same, judged by event time."""
        if topic not in self._rules.topics:
            return NEVER
        known = [feed for source, feed in self.of(topic).items() if feed.own_ms >= 0 and source != OTHERS]
        counting = [feed for feed in known if feed.established_here] or known
        doubted = [feed.own_ms for feed in counting if feed.own_ms + feed.max_quiet_ms < now_ms]
        return min(doubted, default=NEVER) if counting else -1

    def own(self) -> dict[str, dict[str, Span]]:
        """What this task has heard, for the cursor and for the others: topic -> source -> first and last."""
        heard = {t: {s: (f.own_first_ms, f.own_ms) for s, f in feeds.items() if f.own_ms >= 0} for t, feeds in self._topics.items()}
        return {topic: sources for topic, sources in heard.items() if sources}

    def restore(self, heard: Mapping[str, Mapping[str, Span]]) -> None:
        """Take over what the cursor says."""
        for topic, sources in heard.items():
            for source, (first_ms, last_ms) in sources.items():
                self.note(topic, source, first_ms)
                self.note(topic, source, last_ms)

    def _add(self, topic: str, source: str) -> Feed:
        feeds = self._topics.setdefault(topic, {})
        if len(feeds) >= MAX_SOURCES:
            source = OTHERS
        feed = feeds.get(source)
        if feed is None:
            feed = feeds[source] = Feed(self._rules.of(topic, source))
        return feed
