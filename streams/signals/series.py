"""Events in order, kept per account for rules that count them, each with the record it came in."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence

from plays.rules.matcher import EventMatch
from schemas.events.event import Event
from schemas.events.registry import TOPICS_OF
from schemas.records.trigger import Scalar, SourceRef
from streams.processing.cells import Cells
from streams.signals.calendar import DAY_MS
from streams.signals.state import SERIES, Occurrence

SeriesOf = tuple[str, EventMatch, str | None]
"""(key, matcher, field that names the subject)."""

Found = tuple[str, Sequence[Occurrence]]
"""Occurrences of an event type, in order."""

KEPT_DAYS = 110  # the longest window a rule may ask for, and some days for the late
MAX_TIMES = 2_000
MAX_NAMED = 100


def series_key(match: EventMatch, field: str | None) -> str:
    """Name of the series of the events meant, with the field that names the subject; rules that mean the same share it."""
    return f"{match.key}{'' if field is None else '/' + field}"


def record(cells: Cells, key: str, event: Event, subject: str) -> None:
    """Add one occurrence; what is older than 110 days before the newest is dropped, and the oldest beyond 2,000."""
    series = cells.edit(SERIES)
    times = series.times.setdefault(key, [])
    insort(times, Occurrence(event.time_ms, subject, event.partition, event.offset))
    stale = bisect_left(times, Occurrence(times[-1].time_ms - KEPT_DAYS * DAY_MS))
    if stale:
        del times[:stale]
    if len(times) > MAX_TIMES:
        series.dropped += len(times) - MAX_TIMES
        del times[:-MAX_TIMES]


def within(times: list[Occurrence], start_ms: int, end_ms: int) -> list[Occurrence]:
    """The occurrences of [start_ms, end_ms)."""
    return times[bisect_left(times, Occurrence(start_ms)) : bisect_left(times, Occurrence(end_ms))]


def records_of(found: Iterable[Found]) -> tuple[tuple[SourceRef, ...], dict[str, Scalar]]:
    """The records of these occurrences, newest first, at most 100; as a fact, how many are not named."""
    every = sorted(((one, TOPICS_OF[event_type][0]) for event_type, many in found for one in many), reverse=True)
    records = dict.fromkeys((topic, one.partition, one.offset) for one, topic in every if one.offset >= 0)
    unknown = sum(one.offset < 0 for one, _ in every)
    named = list(records)[:MAX_NAMED]
    left_out = unknown + len(records) - len(named)
    sources = tuple(SourceRef(topic=topic, partition=partition, offset=offset) for topic, partition, offset in named)
    return sources, {"sources_left_out": left_out} if left_out else {}
