"""Whole batches: the same answers as one record at a time, at a fraction of the price.

Values are joined into one JSON array and validated in one call. That is sound only if no value can reach into its neighbour
(`{"a":1},{"b":2}` is two members, `{"a":[{}` and `{}]}` are one). So only *flat* values are joined: those that begin with
`{` and contain no other. If the array then has as many members as values were joined, every member begins at one of these
brackets, hence at the start of a value, and member i is value i. All other values take the way of `decode_one`.
"""

from collections.abc import Sequence
from typing import Any

from pydantic_core import ValidationError

from schemas.decoding.cloudevents import without_effect
from schemas.decoding.keys import homes, identity_field
from schemas.decoding.limits import DEPTH_MAX
from schemas.decoding.outcome import Ignored
from schemas.decoding.record import RawRecord
from schemas.decoding.single import EPOCH, TIME_END_MS, Outcome, decode_one, located, strange_type
from schemas.decoding.validators import TopicValidator, validator
from schemas.events.event import Event

_CHUNK = 512
_SPLIT = 8
_FLAT_MAX = 8192


def decode_batch(topic: str, partition: int, records: Sequence[RawRecord], partitions: int) -> list[Outcome]:
    """Per record and in order: an `Event`, an `Ignored`, a `Rejected` or a `Stray`. Nothing raises for bad bytes.

    `topic` is the logical name (no prefix), `partitions` its partition count. Raises `KeyError` for a topic no events arrive on.
    """
    outcomes: list[Outcome] = []
    for start in range(0, len(records), _CHUNK):
        outcomes += _decode_chunk(topic, partition, records[start : start + _CHUNK], partitions)
    return outcomes


def _decode_chunk(topic: str, partition: int, records: Sequence[RawRecord], partitions: int) -> list[Outcome]:
    flat: list[bytes] = []
    places: list[int] = []
    for place, record in enumerate(records):
        value = record.value
        # rfind is 0 exactly for a value that begins with its only opening brace
        if value is None or value.rfind(b"{") or len(value) > _FLAT_MAX:
            continue
        if record.headers and not without_effect(record.headers):
            continue
        flat.append(value)
        places.append(place)
    checks = validator(topic)
    payloads = _validate(checks, flat)
    if len(places) < len(records):
        scattered: list[dict[str, Any] | None] = [None] * len(records)
        for place, payload in zip(places, payloads, strict=True):
            scattered[place] = payload
        payloads = scattered

    at_home, identity = homes(partition, partitions), identity_field(topic)
    outcomes: list[Outcome] = []
    for record, data in zip(records, payloads, strict=True):
        # Known payload, valid key, the account's own partition: one look-up and one comparison.
        if data is not None and data.get(identity) == (account := at_home[record.key]):
            since = data["occurred_at"] - EPOCH
            time_ms = since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000
            if 0 <= time_ms < TIME_END_MS:
                event = Event(
                    topic, partition, record.offset, record.timestamp, time_ms,
                    data["type"], account, data["event_id"], data["source"], data,
                )  # fmt: skip
                outcomes.append(event)
                continue
        if data is not None and "event_id" in data:  # a whole event: what is wrong is its time, its key or its partition
            outcomes.append(located(topic, partition, record, data, partitions))
            continue
        if data is not None and "specversion" not in data and not record.headers:
            strange = strange_type(topic, checks, data)
            if isinstance(strange, Ignored):  # a publisher may send many kinds that are of no use here
                outcomes.append(strange)
                continue
        outcomes.append(decode_one(topic, partition, record, partitions))  # rare: it finds the envelope, or the reason
    return outcomes


def _validate(checks: TopicValidator, values: Sequence[bytes]) -> Sequence[dict[str, Any] | None]:
    """The payload of each flat value, None where it must be looked at alone. Broken JSON is narrowed down by splitting."""
    array = b"[" + b",".join(values) + b"]"
    if array.count(b"[") > DEPTH_MAX:
        deep = [value.count(b"[") >= DEPTH_MAX for value in values]
        if any(deep):
            kept = iter(_validate(checks, [value for value, is_deep in zip(values, deep, strict=True) if not is_deep]))
            return [None if is_deep else next(kept) for is_deep in deep]
    try:
        members = checks.many(array)
    except ValidationError:
        if len(values) <= 1:
            return [None] * len(values)
        size = -(-len(values) // _SPLIT)
        return [one for at in range(0, len(values), size) for one in _validate(checks, values[at : at + size])]
    return members if len(members) == len(values) else [None] * len(values)
