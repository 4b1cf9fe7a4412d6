"""Account-local time: a timeline shows the account's own days, as the rules count them."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def epoch_ms(moment: datetime) -> int:
    """Integer milliseconds UTC; a naive datetime is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


@lru_cache(maxsize=200_000)
def _minute_ms(text: str) -> int:
    """Milliseconds of `YYYY-MM-DDTHH:MM` in UTC. Feeds repeat minutes, so this is mostly a lookup."""
    return epoch_ms(datetime.fromisoformat(text))


def parse_ms(value: object) -> int | None:
    """Epoch milliseconds of an `occurred_at`; None when it cannot be read."""
    if isinstance(value, datetime):
        return epoch_ms(value)
    if not isinstance(value, str):
        return None
    try:
        if value.endswith("Z") and len(value) >= 20 and value[16] == ":":
            return _minute_ms(value[:16]) + int(float(value[17:-1]) * 1000)
        return epoch_ms(datetime.fromisoformat(value))
    except ValueError:
        return None


class LocalTime:
    """UTC milliseconds to the account's wall clock, as milliseconds since 1970-01-01T00:00 local. Unknown zone: UTC."""

    __slots__ = ("_offsets", "_zone", "name")

    def __init__(self, name: str | None) -> None:
        zone = _zone(name) if name else None
        self.name = name if name and zone else "UTC"
        self._zone = zone
        self._offsets: dict[int, int] = {}

    def local_ms(self, ms: int) -> int:
        """Offsets change on the hour or half hour of UTC, so they are remembered per half hour."""
        if self._zone is None:
            return ms
        slot = ms // 1_800_000
        offset = self._offsets.get(slot)
        if offset is None:
            delta = datetime.fromtimestamp(slot * 1800, UTC).astimezone(self._zone).utcoffset() or timedelta(0)
            offset = self._offsets[slot] = delta // timedelta(milliseconds=1)
        return ms + offset

    def local(self, moment: datetime) -> int:
        """As `local_ms`, of a datetime."""
        return self.local_ms(epoch_ms(moment))


@lru_cache(maxsize=1_000)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def day_date(day: int) -> date:
    """Calendar date of a day number (days since 1970-01-01)."""
    return date.fromordinal(EPOCH_ORDINAL + day)


def is_weekend(day: int) -> bool:
    """Saturday or Sunday. 1970-01-01 was a Thursday."""
    return (day + 3) % 7 >= 5
