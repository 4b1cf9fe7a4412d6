"""Quiet hours by the customer's own clocks."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import get_args

from plays.suppression.moments import zone_of
from plays.suppression.policy import QuietHours, Weekday

MINUTE_MS = 60_000
_DAY = 24 * 60
_DAYS: tuple[Weekday, ...] = get_args(Weekday)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def quiet_until(quiet: QuietHours, timezone: str | None, now_ms: int) -> int | None:
    """The first moment after `now_ms` (ms UTC) that is not quiet by the clocks of the zone; None when it is not quiet now.

    Where clocks are changed it is the first minute at which what they then show is not quiet.
    """
    zone = zone_of(timezone) or zone_of(quiet.zone) or UTC
    start = now_ms // MINUTE_MS
    wall, offset = _wall(zone, start)
    left = _left(quiet, wall)
    if not left:
        return None
    if _wall(zone, start + left)[1] == offset:
        return (start + left) * MINUTE_MS
    minute = start + 1
    while _left(quiet, _wall(zone, minute)[0]):
        minute += 1
    return minute * MINUTE_MS


def _left(quiet: QuietHours, wall: int) -> int:
    """Minutes until the quiet ends, by clocks that nobody changes; 0 when it is not quiet. `wall`: minutes since Monday 0:00."""
    begin = wall
    for _ in range(2 * len(_DAYS)):
        weekday, minute = divmod(wall, _DAY)
        if _DAYS[weekday % 7] in quiet.days_off:
            wall += _DAY - minute
        elif quiet.starts < quiet.ends:
            if not quiet.starts <= minute < quiet.ends:
                break
            wall += quiet.ends - minute
        elif minute >= quiet.starts:
            wall += _DAY - minute
        elif minute < quiet.ends:
            wall += quiet.ends - minute
        else:
            break
    return wall - begin


def _wall(zone: tzinfo, minute: int) -> tuple[int, timedelta | None]:
    """What the clocks show: minutes since Monday 0:00; and their offset. `minute`: minutes since the epoch, UTC."""
    local = (_EPOCH + timedelta(minutes=minute)).astimezone(zone)
    return local.weekday() * _DAY + local.hour * 60 + local.minute, local.utcoffset()
