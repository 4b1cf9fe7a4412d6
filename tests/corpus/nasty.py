"""One nasty record, and the outcome it must have."""

import json
from typing import Any, NamedTuple

from schemas.decoding.record import FileRecord, Headers
from schemas.events.registry import BY_TOPIC

APPLIED, IGNORED = "applied", "ignored"
ACCOUNT = "nasty-account"
WHEN = "2026-03-02T09:15:00"
"""The second of the examples; whoever sends the corpus may put its own in the same form."""
MOMENT = f"{WHEN}.250Z"
LATER = f"{WHEN}.251Z"


class Nasty(NamedTuple):
    """`outcome` is applied, ignored, or the reason of the dead letter. Odd partitions are not its business: it goes to the key's own."""

    name: str
    topic: str
    outcome: str
    value: bytes | None
    key: bytes | None = ACCOUNT.encode()
    headers: Headers = ()

    def record(self, offset: int = 7, timestamp: int = 1_772_442_901_000) -> FileRecord:
        """As decoding sees it."""
        return FileRecord(self.key, self.value, offset, timestamp, self.headers)

    def at(self, when: str, tag: str) -> "Nasty":
        """The same at another time and with ids of its own, where it has such at all."""
        if self.value is None or len(when) != len(WHEN):
            return self
        value = self.value.replace(WHEN.encode(), when.encode()).replace(b"-0001", f"-{tag}".encode())
        return self._replace(value=value)


def fields(topic: str, name: str, /, **changes: Any) -> dict[str, Any]:
    """The example of a kind for our account, with changes; `...` takes a field away."""
    merged = {**BY_TOPIC[topic][name].example, "account_id": ACCOUNT, **changes}
    return {field: value for field, value in merged.items() if value is not ...}


def event(topic: str, name: str, /, **changes: Any) -> bytes:
    """The same as it travels."""
    return json.dumps(fields(topic, name, **changes)).encode()
