"""Cuts a history into slices: what is published, and known, together."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from streams.fleet.occurrence import Occurrence
from streams.fleet.span import DAY_MS, HOUR_MS, MINUTE_MS, Span

# After the days of Europe, of the Americas and of Asia have closed (UTC): whoever is asked to act by then reads it soon after.
_HOURS = (0.5, 8.5, 16.5)
_APART_MS = 6 * MINUTE_MS  # a worker reads in the order of events only when it is more than five minutes behind
_URGENT_MS = 1000
_WEEK_MS = 7 * DAY_MS
_OFTEN = 2  # tickets before this one


@dataclass(frozen=True, slots=True)
class Slice:
    """Everything that happened in [start, end), in order. Times in ms."""

    start_ms: int
    end_ms: int
    events: tuple[Occurrence, ...]


def cut(events: Iterable[Occurrence], span: Span, coarse_days: int) -> Iterator[Slice]:
    """Slices that follow each other without a gap and end with the span.

    The first `coarse_days` days are one slice each, the days of weekends two. An urgent ticket ends its slice at once, so
    that support can answer it within minutes rather than at the end of the day's part.
    """
    ends = iter(_regular_ends(span, coarse_days))
    start, end = span.start_ms, next(ends)
    held: list[Occurrence] = []
    urgent = _Urgent()
    for event in events:
        while event.time_ms >= end:
            yield Slice(start, end, tuple(held))
            held = []
            start, end = end, next(ends)
        held.append(event)
        stop = event.time_ms + _URGENT_MS
        if urgent(event) and stop - start >= _APART_MS and end - stop >= _APART_MS:
            yield Slice(start, stop, tuple(held))
            held = []
            start = stop
    yield Slice(start, end, tuple(held))
    start = end
    for end in ends:
        yield Slice(start, end, ())
        start = end


def _regular_ends(span: Span, coarse_days: int) -> Iterator[int]:
    for day in range(span.days):
        weekend = span.date_of(day).weekday() >= 5
        hours = _HOURS[1:2] if day < coarse_days else _HOURS[:2] if weekend else _HOURS
        for hour in hours:
            yield span.start_ms + day * DAY_MS + int(hour * HOUR_MS)
    yield span.end_ms


class _Urgent:
    """What support looks at the moment it arrives: top priority, what comes back again, who writes for the third time in a week."""

    def __init__(self) -> None:
        self._reopened: Counter[str] = Counter()
        self._written: dict[str, list[int]] = {}

    def __call__(self, event: Occurrence) -> bool:
        if event.type == "ticket.reopened":
            self._reopened[event.fields["ticket_id"]] += 1
            return self._reopened[event.fields["ticket_id"]] > 1
        if event.type == "ticket.created":
            lately = [time for time in self._written.get(event.account_id, []) if time > event.time_ms - _WEEK_MS]
            self._written[event.account_id] = [*lately, event.time_ms]
            return event.fields["priority"] == "P1" or len(lately) == _OFTEN
        return event.type == "ticket.priority_changed" and event.fields["priority"] == "P1"
