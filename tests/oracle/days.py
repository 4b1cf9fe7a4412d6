"""Account-local days, by the time zone database alone."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

EPOCH = date(1970, 1, 1)
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000


@lru_cache(maxsize=1 << 20)
def midnight(day: int, zone: str) -> int:
    """Epoch milliseconds at which local day number `day` begins."""
    start = datetime.combine(EPOCH + timedelta(days=day), time(), tzinfo=ZoneInfo(zone))
    return round(start.astimezone(UTC).timestamp() * 1000)


@lru_cache(maxsize=1 << 18)
def _day_of_hour(quarter_hour: int, zone: str) -> int:
    local = datetime.fromtimestamp(quarter_hour * 900, UTC).astimezone(ZoneInfo(zone))
    return (local.date() - EPOCH).days


def day_of(time_ms: int, zone: str) -> int:
    """Local day number of an instant. No zone of our times is off UTC by less than a quarter of an hour's multiple."""
    return _day_of_hour(time_ms // 900_000, zone)


def close(day: int, zone: str) -> int:
    """Epoch milliseconds at which the day is over."""
    return midnight(day + 1, zone)


def day_number(text: str) -> int:
    """Day number of a date as written, `YYYY-MM-DD`."""
    return (date.fromisoformat(text[:10]) - EPOCH).days


def business_days_later(time_ms: int, days: int) -> int:
    """By the shipped calendar: Monday to Friday, 09:00 to 17:00, UTC. Within those hours the same time of the day, else at 17:00."""
    day, within = divmod(time_ms, DAY_MS)
    working = (day + 3) % 7 < 5
    inside = working and 9 * HOUR_MS < within < 17 * HOUR_MS
    day -= 1 if working and within <= 9 * HOUR_MS else 0  # before work begins, today is the first day
    for _ in range(days):
        day += 1
        while (day + 3) % 7 >= 5:
            day += 1
    return day * DAY_MS + (within if inside else 17 * HOUR_MS)


def worked(from_ms: int, to_ms: int) -> int:
    """Milliseconds of those hours between two instants, day by day."""
    total = 0
    for day in range(from_ms // DAY_MS, to_ms // DAY_MS + 1):
        if (day + 3) % 7 < 5:
            opens = day * DAY_MS + 9 * HOUR_MS
            total += max(0, min(to_ms, opens + 8 * HOUR_MS) - max(from_ms, opens))
    return total


def work_later(start_ms: int, work_ms: int) -> int:
    """The first instant with so much of those hours behind it."""
    day = start_ms // DAY_MS
    while True:
        opens = max(start_ms, day * DAY_MS + 9 * HOUR_MS)
        has = max(0, day * DAY_MS + 17 * HOUR_MS - opens) if (day + 3) % 7 < 5 else 0
        if has >= work_ms:
            return opens + work_ms
        work_ms -= has
        day += 1


def rfc3339(ms: int) -> str:
    """UTC with milliseconds and Z, as episodes are named."""
    return (datetime.fromtimestamp(ms // 1000, UTC)).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"
