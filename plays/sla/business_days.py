"""Business days: the same time of the day, so many working days later."""

from bisect import bisect_left

from plays.sla.openings import DAY_MS, Openings, Stretch

_DAYS_AT_MOST = 14_610  # forty years
_CLOCKS_AT_MOST_MS = 16 * 3_600_000  # no wall clock is further from UTC


def add_business_days(openings: Openings, start_ms: int, days: int, idle_days_at_most: int) -> int | None:
    """The moment `days` business days after `start_ms` (ms, UTC). None after too many days on end without
    working time, and where it takes more than forty years.

    A business day is a date on which a shift begins; it lasts from its first opening to its last closing. From a moment inside
    one, the result is the same wall-clock time of the `days`-th business day after it: Friday 16:00 + 1bd is Monday 16:00. From any
    other moment (evening, weekend, the very moment of opening or closing) whole business days are counted: Saturday + 1bd
    is Monday's closing, as is Friday's closing + 1bd. Where all days have the same hours this is exactly `days` times those hours.

    A result outside working hours is drawn to where work stops: to the closing before it, or to the day's first opening. A time
    that the clocks skip is the moment they do; of a time that comes twice, the first; what comes the second time counts as the
    moment at which the clocks were put back, so that a later start never gives an earlier result.
    Raises `ValueError` for negative `days`.
    """
    if days < 0:
        raise ValueError(f"{days} business days: write 0 or more")
    if days == 0:
        return start_ms
    today = (start_ms + openings.offsets.at(start_ms)) // DAY_MS
    # yesterday's night shift may still be on, and clocks put back from 00:01 to 23:01 interrupt a day that has begun
    mine = next((day for day in (today - 1, today, today + 1) if _inside(openings.day(day), start_ms)), None)
    day, since = (today - 1, None) if mine is None else (mine, _reached(openings, start_ms) - mine * DAY_MS)
    left, idle, last = days, 0, day + _DAYS_AT_MOST
    while day < last:
        day += 1
        found = openings.day(day)
        idle = 0 if found.total else idle + 1
        if idle > idle_days_at_most:
            return None
        if found.total and (since is not None or found.starts[0] >= start_ms):
            left -= 1
            if left == 0:
                return found.ends[-1] if since is None else _within(found, _first_showing(openings, day * DAY_MS + since))
    return None


def _inside(day: Stretch, at_ms: int) -> bool:
    return bool(day.total) and day.starts[0] < at_ms < day.ends[-1]


def _reached(openings: Openings, at_ms: int) -> int:
    """The latest wall-clock time (ms since 1970-01-01, local) shown up to an instant: it does not go back when the clocks do."""
    shown = openings.offsets.at(at_ms) + at_ms
    before = (piece for piece in openings.offsets.pieces(at_ms - DAY_MS // 4, at_ms) if piece.start_ms <= at_ms)
    return max(shown, *(min(piece.end_ms, at_ms) + piece.offset_ms for piece in before))


def _first_showing(openings: Openings, wall_ms: int) -> int:
    """The first instant at which the clock on the wall has come so far."""
    pieces = openings.offsets.pieces(wall_ms - _CLOCKS_AT_MOST_MS, wall_ms + _CLOCKS_AT_MOST_MS)
    return next(at_ms for piece in pieces if (at_ms := max(piece.start_ms, wall_ms - piece.offset_ms)) < piece.end_ms)


def _within(day: Stretch, at_ms: int) -> int:
    index = bisect_left(day.starts, at_ms) - 1
    return day.starts[0] if index < 0 else min(at_ms, day.ends[index])
