"""Raw records as a publisher would send them, for tests of decoding."""

import json
from typing import Any

from schemas.decoding.batch import decode_batch
from schemas.decoding.record import FileRecord, Headers
from schemas.decoding.single import Outcome
from schemas.events.registry import BY_TOPIC


def payload(topic: str, name: str, /, **changes: Any) -> dict[str, Any]:
    """The example of a kind, with changes. `...` takes a field away."""
    merged = {**BY_TOPIC[topic][name].example, **changes}
    return {field: value for field, value in merged.items() if value is not ...}


def record(value: Any, key: bytes | None = b"acme", headers: Headers = ()) -> FileRecord:
    """Bytes and None travel as they are, anything else as JSON."""
    body = value if value is None or isinstance(value, bytes) else json.dumps(value).encode()
    return FileRecord(key, body, offset=7, timestamp=1_772_442_901_000, headers=headers)


def decoded(topic: str, *records: FileRecord) -> list[Outcome]:
    """What decoding makes of records on the only partition of a topic."""
    return decode_batch(topic, 0, records, 1)
