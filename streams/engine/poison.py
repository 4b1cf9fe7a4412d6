"""A publisher's bug must not drain a topic into its dead letters: their share of the last records, and the pause it leads to.

Everything here is a function of the records in offset order, and rides in the cursor: a restart neither forgets a window nor
lets another batch through. The one input from outside the log is a resume; it is noted, so that none counts twice.
"""

from collections import Counter
from collections.abc import Mapping
from math import ceil
from typing import Any, NamedTuple

from schemas.decoding.outcome import RejectReason

BUCKET = 100
BUCKETS = 10
WINDOW = BUCKET * BUCKETS
LEAST = 200
"""A pause takes at least so many dead letters in the window, however small the share."""
SAMPLES = 5

# Records that are sound in themselves, but find no run or play, lie on another partition, or were set aside by the operator: no sign of
# a broken publisher.
_SOUND = frozenset(
    {
        RejectReason.WRONG_PARTITION,
        RejectReason.UNKNOWN_RUN,
        RejectReason.WRONG_STATE,
        RejectReason.INVALID_UPDATE,
        RejectReason.UNKNOWN_PLAY,
        RejectReason.BAD_REQUEST,
        RejectReason.QUARANTINED,
    }
)
POISONOUS = frozenset(RejectReason) - _SOUND
"""Reasons that count towards a pause."""


class Bucket(NamedTuple):
    """Up to `BUCKET` records in a row: how many, the first dead letter's offset, and how many by reason."""

    records: int
    first: int | None
    reasons: dict[str, int]


class Pause(NamedTuple):
    """Why and since when a topic is not read on. `at_ms` is the wall clock, `offset` the last record that was applied."""

    at_ms: int
    offset: int
    records: int
    reasons: dict[str, int]
    samples: list[int]

    def __str__(self) -> str:
        """`612 of the last 1,000 records are dead letters (not_json 600, missing_field 12)`."""
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in sorted(self.reasons.items(), key=lambda item: (-item[1], item[0])))
        return f"{sum(self.reasons.values()):,} of the last {self.records:,} records are dead letters ({reasons})"


class Resume(NamedTuple):
    """Somebody said: read on. `at_ms` tells one from another and only grows; dead letters before `upto` count no more."""

    at_ms: int
    upto: int


class Poison:
    """The windows and pauses of a partition's topics. A topic without recent dead letters has no window and costs nothing."""

    __slots__ = ("_threshold", "paused", "resumed", "windows")

    def __init__(self, threshold: int) -> None:
        """`threshold` dead letters in a window pause the topic; 0: nothing ever does."""
        self._threshold = threshold
        self.windows: dict[str, list[Bucket]] = {}
        self.paused: dict[str, Pause] = {}
        self.resumed: dict[str, Resume] = {}

    def count(self, topic: str, offset: int, reason: RejectReason | None, wall_ms: int) -> bool:
        """One record was consumed, `reason` if as a dead letter. True: the topic is paused with it, apply no further one.

        Need not be called for a record without a reason while the topic has no window.
        """
        resumed = self.resumed.get(topic)
        if not self._threshold or (resumed is not None and offset < resumed.upto):
            return False
        dead = reason in POISONOUS
        window = self.windows.get(topic)
        if window is None:
            if not dead:
                return False
            window = self.windows[topic] = []
        if not window or window[-1].records == BUCKET:
            window.append(Bucket(0, None, {}))
            del window[:-BUCKETS]
        last = window[-1]
        first = last.first
        if dead:
            assert reason is not None
            last.reasons[reason.value] = last.reasons.get(reason.value, 0) + 1
            first = offset if first is None else first
        window[-1] = Bucket(last.records + 1, first, last.reasons)
        if dead:
            return self._judge(topic, offset, window, wall_ms)
        if not any(bucket.reasons for bucket in window):
            del self.windows[topic]  # a window begins with a dead letter: clean topics carry nothing
        return False

    def resume(self, topic: str, asked: Resume) -> bool:
        """Take note of a resume. True: the topic was paused and goes on, its window empty. One known already does nothing."""
        known = self.resumed.get(topic)
        if known is not None and asked.at_ms <= known.at_ms:
            return False
        self.resumed[topic] = asked
        self.windows.pop(topic, None)
        return self.paused.pop(topic, None) is not None

    def forget(self, topic: str) -> None:
        """The topic's log is another one: offsets, and what was seen under them, mean nothing."""
        for known in (self.windows, self.paused, self.resumed):
            known.pop(topic, None)

    def encode(self) -> dict[str, dict[str, Any]]:
        """Parts of the cursor that are not empty: `recent`, `paused`, `resumed`."""
        parts: dict[str, dict[str, Any]] = {
            "recent": {topic: [list(bucket) for bucket in window] for topic, window in self.windows.items()},
            "paused": {topic: pause._asdict() for topic, pause in self.paused.items()},
            "resumed": {topic: list(resume) for topic, resume in self.resumed.items()},
        }
        return {name: part for name, part in parts.items() if part}

    def restore(self, parts: Mapping[str, Mapping[str, Any]]) -> None:
        """What `encode` gave. Where nothing pauses (turned off, or a finite run), pauses and windows end here."""
        self.resumed = {topic: Resume(*fields) for topic, fields in parts.get("resumed", {}).items()}
        if self._threshold:
            self.windows = {topic: [Bucket(*fields) for fields in window] for topic, window in parts.get("recent", {}).items()}
            self.paused = {topic: Pause(**fields) for topic, fields in parts.get("paused", {}).items()}

    def _judge(self, topic: str, offset: int, window: list[Bucket], wall_ms: int) -> bool:
        if sum(count for bucket in window for count in bucket.reasons.values()) < self._threshold:
            return False
        reasons: Counter[str] = Counter()
        for bucket in window:
            reasons.update(bucket.reasons)
        samples = [bucket.first for bucket in window if bucket.first is not None]
        self.paused[topic] = Pause(wall_ms, offset, sum(bucket.records for bucket in window), dict(reasons), samples[-SAMPLES:])
        del self.windows[topic]
        return True


def threshold_of(share: float) -> int:
    """Dead letters in a window that pause a topic, by the share of a full one; 0 for share 0."""
    return max(LEAST, ceil(share * WINDOW)) if share else 0
