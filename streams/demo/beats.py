"""The publishers' signs of life: between the events of a slice, so that quiet hours are known to be quiet."""

from collections.abc import Iterator
from typing import NamedTuple

import orjson

from streams.demo.slices import Slice
from streams.fleet.files import topic_of
from streams.fleet.span import MINUTE_MS, rfc3339

BEAT_EVERY_MS = 30 * MINUTE_MS
OFTEN = "product-usage"
"""The one topic whose publishers beat between the slices' ends too: its silence is believed for minutes only."""


class Line(NamedTuple):
    """One record to publish, and one line of the events file. Without an account it goes to every partition."""

    topic: str
    account_id: str | None
    value: bytes


class Beats:
    """Knows the publishers heard so far."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], None] = {(OFTEN, "product"): None}

    def around(self, piece: Slice) -> Iterator[Line]:
        """The slice's events in order, with beats in between and, of every publisher, at its end. `firsts` comes before."""
        following = piece.start_ms + BEAT_EVERY_MS
        for event in piece.events:
            while following <= event.time_ms:
                yield from self._beat(following, OFTEN)
                following += BEAT_EVERY_MS
            yield Line(topic_of(event.type), event.account_id, event.to_json())
        while following < piece.end_ms:
            yield from self._beat(following, OFTEN)
            following += BEAT_EVERY_MS
        yield from self._beat(piece.end_ms - 1, None)

    def firsts(self, piece: Slice) -> list[Line]:
        """Before anything of the slice, on every topic that it is about: nothing older is outstanding."""
        for event in piece.events:
            self._known.setdefault((topic_of(event.type), event.source))
        return list(self._beat(piece.start_ms, None))

    def _beat(self, time_ms: int, only: str | None) -> Iterator[Line]:
        for topic, source in self._known:
            if only in (None, topic):
                yield beat(topic, source, time_ms)


def beat(topic: str, source: str, time_ms: int) -> Line:
    """A heartbeat. It names its topic, because a line of a file must say on which topic it was sent."""
    body = {
        "event_id": f"beat-{topic}-{source}-{time_ms}",
        "type": "feed.heartbeat",
        "occurred_at": rfc3339(time_ms),
        "source": source,
        "topic": topic,
    }
    return Line(topic, None, orjson.dumps(body))
