"""The envelope in which a validated event travels through the system."""

from collections.abc import Mapping
from typing import Any


class Event:
    """One validated fact about one account, with where it came from. Times are integer ms since the epoch, UTC.

    `data` is the validated payload (the TypedDict of its type, see the registry); it is never mutated.
    """

    __slots__ = ("account_id", "appended_ms", "data", "event_id", "offset", "partition", "source", "time_ms", "topic", "type")

    def __init__(
        self,
        topic: str,
        partition: int,
        offset: int,
        appended_ms: int,
        time_ms: int,
        type: str,  # noqa: A002 the wire's own word
        account_id: str,
        event_id: str,
        source: str,
        data: Mapping[str, Any],
    ) -> None:
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.appended_ms = appended_ms
        self.time_ms = time_ms
        self.type = type
        self.account_id = account_id
        self.event_id = event_id
        self.source = source
        self.data = data

    def __repr__(self) -> str:
        return f"Event({self.type} {self.account_id} at {self.time_ms} from {self.topic}:{self.partition}:{self.offset})"
