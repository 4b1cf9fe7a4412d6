"""`feed.heartbeat`: how a publisher says that it is alive and has nothing up to this time. One per partition."""

from typing import Literal, Required

from schemas.events.base import Fact
from schemas.events.kind import EventKind, heartbeat

HEARTBEAT = "feed.heartbeat"
SOURCE_TOPICS = ("product-usage", "tickets", "billing", "accounts", "feedback", "engagement")


class FeedHeartbeat(Fact, total=False):
    """Alive, and everything up to `occurred_at` has been published. Needs neither key nor account."""

    type: Required[Literal["feed.heartbeat"]]


KINDS: tuple[EventKind, ...] = tuple(heartbeat(topic, FeedHeartbeat) for topic in SOURCE_TOPICS)
