"""Event times in order, kept per account for rules that count events."""

from bisect import bisect_left, insort

from plays.rules.matcher import EventMatch
from streams.processing.cells import Cells
from streams.signals.calendar import DAY_MS
from streams.signals.state import SERIES

SeriesOf = tuple[str, EventMatch, str | None]
"""(key, matcher, field that names the subject)."""

KEPT_DAYS = 110  # the longest window a rule may ask for, and some days for the late
MAX_TIMES = 2_000


def series_key(match: EventMatch, field: str | None) -> str:
    """Name of the series of the events meant, with the field that names the subject; rules that mean the same share it."""
    return f"{match.key}{'' if field is None else '/' + field}"


def record(cells: Cells, key: str, time_ms: int, subject: str) -> None:
    """Add one occurrence; what is older than 110 days before the newest is dropped, and the oldest beyond 2,000."""
    series = cells.edit(SERIES)
    times = series.times.setdefault(key, [])
    insort(times, (time_ms, subject))
    stale = bisect_left(times, (times[-1][0] - KEPT_DAYS * DAY_MS, ""))
    if stale:
        del times[:stale]
    if len(times) > MAX_TIMES:
        series.dropped += len(times) - MAX_TIMES
        del times[:-MAX_TIMES]
