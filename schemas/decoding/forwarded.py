"""Batches of the topic `rekeyed`: each record is an event of the topic it first arrived on."""

from collections.abc import Sequence

from schemas.decoding.batch import decode_batch
from schemas.decoding.outcome import RejectReason, Stray, rejected
from schemas.decoding.record import RawRecord
from schemas.decoding.single import Outcome
from schemas.events.event import Event
from schemas.records.rekeyed import REKEYED, Origin, as_it_came, origin_of


def decode_arrivals(topic: str, partition: int, records: Sequence[RawRecord], partitions: int) -> list[Outcome]:
    """What a task makes of any of its topics: `decode_batch`, and `decode_forwarded` for `rekeyed`."""
    if topic == REKEYED:
        return decode_forwarded(partition, records, partitions)
    return decode_batch(topic, partition, records, partitions)


def decode_forwarded(partition: int, records: Sequence[RawRecord], partitions: int) -> list[Outcome]:
    """Per record and in order, as `decode_batch` of its origin topic. Events carry the origin's topic, partition, offset, append time.

    Never a `Stray`: what is on the wrong partition again is rejected, so that nothing can go round in circles.
    """
    outcomes: list[Outcome] = [rejected(RejectReason.NO_ORIGIN)] * len(records)
    by_topic: dict[str, list[tuple[int, Origin]]] = {}
    for place, record in enumerate(records):
        origin = origin_of(record.headers)
        if origin is not None:
            by_topic.setdefault(origin.topic, []).append((place, origin))
    for topic, found in by_topic.items():
        decoded = decode_batch(topic, partition, [as_it_came(records[place], origin) for place, origin in found], partitions)
        for (place, origin), outcome in zip(found, decoded, strict=True):
            if isinstance(outcome, Event):
                outcome.partition = origin.partition
            elif isinstance(outcome, Stray):
                outcome = _again(outcome, partition, partitions)  # noqa: PLW2901 the outcome is what is judged here
            outcomes[place] = outcome
    return outcomes


def _again(stray: Stray, partition: int, partitions: int) -> Outcome:
    detail = f"forwarded to partition {partition}, but murmur2 of the key gives {stray.home} of {partitions}"
    return rejected(RejectReason.WRONG_PARTITION, detail)
