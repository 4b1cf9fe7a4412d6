"""What was known when a silence was taken for an absence."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from schemas.records.trigger import Silence
from schemas.records.wire import utc

Topics = tuple[str, ...]
Heard = Callable[[Topics], Mapping[str, int]]
"""Feeds ("topic/source") of some topics and up to when each was heard, event time in ms."""


class Proof(NamedTuple):
    """Of one deadline that asserts that nothing came. `held_ms`: since when it had waited for its feeds, None if it had not."""

    unproven: bool
    held_ms: int | None
    topics: Topics
    heard: Heard

    def as_silence(self) -> Silence:
        """For the evidence of a trigger."""
        return Silence(
            unproven=self.unproven,
            held_since=None if self.held_ms is None else utc(self.held_ms),
            heard={feed: utc(time_ms) for feed, time_ms in sorted(self.heard(self.topics).items())},
        )
