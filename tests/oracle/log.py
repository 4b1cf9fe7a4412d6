"""The source log, and the one order in which a finished log is read."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Literal, NamedTuple

TOPICS = (
    "product-usage",
    "tickets",
    "billing",
    "accounts",
    "feedback",
    "engagement",
    "play-updates",
    "trigger-requests",
)
LOOK_AHEAD = 1_000
MANY = 1_000_000

Json = dict[str, Any]
Kind = Literal["event", "beat", "stray", "refused", "nothing"]


Place = tuple[str, int, int]
"""Topic, partition, offset."""


class Record(NamedTuple):
    """One input. A heartbeat and a stray say only that their publisher is alive; "nothing" was not understood.

    "refused" was understood but is too old to be applied.

    What was not understood may be left out, but then the look-ahead counts otherwise: that shows where events come very late.
    """

    topic: str
    partition: int
    offset: int
    event: Json
    kind: Kind = "event"


class Step(NamedTuple):
    """One record at its place in the order: `key_ms` is what the task takes for the time."""

    key_ms: int
    time_ms: int
    record: Record
    account_count: int  # over the look-ahead; more than can matter where the topic ends within it


def epoch_ms(text: str) -> int:
    """Milliseconds since the epoch of an RFC 3339 time with offset; finer digits are cut off."""
    moment = datetime.fromisoformat(text)
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000


def partitions(records: Iterable[Record]) -> dict[int, dict[str, list[Record]]]:
    """The log cut by partition and topic, each piece in offset order."""
    cut: dict[int, dict[str, list[Record]]] = {}
    for record in records:
        cut.setdefault(record.partition, {}).setdefault(record.topic, []).append(record)
    for topics in cut.values():
        for piece in topics.values():
            piece.sort(key=lambda r: r.offset)
    return dict(sorted(cut.items()))


def merged(topics: dict[str, list[Record]], key_of: Callable[[Step], int]) -> Iterator[Step]:
    """One partition in its order: smallest key first, ties by the fixed order of topics, then by offset.

    `key_of` says which key counts, at the time at which it is asked.
    """
    feeds = {rank: _keyed(topics[name]) for rank, name in enumerate(TOPICS) if name in topics}
    heads = {rank: head for rank, feed in feeds.items() if (head := next(feed, None)) is not None}
    while heads:
        rank = min(heads, key=lambda r: (key_of(heads[r]), r))
        yield heads[rank]
        following = next(feeds[rank], None)
        if following is None:
            del heads[rank]
        else:
            heads[rank] = following


def _keyed(records: list[Record]) -> Iterator[Step]:
    """Each record with the smallest event time among itself and the next 1,000 (sliding minimum).

    What is not applied here, but for heartbeats, has no time of its own, and takes that of the record before.
    """
    times: list[int] = []
    for r in records:
        times.append(epoch_ms(r.event["occurred_at"]) if r.kind in ("event", "beat", "refused") else times[-1] if times else 0)
    smallest: deque[int] = deque()
    seen: Counter[str] = Counter()
    ahead = 0
    for index, record in enumerate(records):
        while ahead < len(records) and ahead <= index + LOOK_AHEAD:
            while smallest and times[smallest[-1]] > times[ahead]:
                smallest.pop()
            smallest.append(ahead)
            if records[ahead].kind == "event":
                seen[records[ahead].event["account_id"]] += 1
            ahead += 1
        while smallest[0] < index:
            smallest.popleft()
        full = index + LOOK_AHEAD < len(records)
        yield Step(times[smallest[0]], times[index], record, len(seen) if full else MANY)
        if record.kind == "event":
            account_id = record.event["account_id"]
            seen[account_id] -= 1
            if not seen[account_id]:
                del seen[account_id]
