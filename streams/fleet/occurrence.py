"""One thing that happened, ready to be told."""

from typing import Any, NamedTuple

import orjson

from streams.fleet.span import rfc3339


class Occurrence(NamedTuple):
    """An event at an instant (ms, UTC). Orders by time, then account, then the order within the account."""

    time_ms: int
    account_id: str
    number: int
    type: str
    source: str
    fields: dict[str, Any]

    @property
    def event_id(self) -> str:
        """Unique over the fleet."""
        return f"{self.account_id}-{self.number:06d}"

    def body(self) -> dict[str, Any]:
        """The event as published, flat."""
        return {
            "event_id": self.event_id,
            "type": self.type,
            "account_id": self.account_id,
            "occurred_at": rfc3339(self.time_ms),
            "source": self.source,
            **self.fields,
        }

    def to_json(self) -> bytes:
        """One line of JSON, without the newline."""
        return orjson.dumps(self.body())
