"""The stretch of time a fleet lives through, and the local days of its accounts inside it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
MINUTE_MS = 60_000


@dataclass(frozen=True)
class Span:
    """`days` days up to, and without, midnight UTC of `end`. Times are integer milliseconds since the epoch, UTC."""

    end: date
    days: int

    @cached_property
    def end_ms(self) -> int:
        return int(datetime(self.end.year, self.end.month, self.end.day, tzinfo=UTC).timestamp()) * 1000

    @property
    def start_ms(self) -> int:
        return self.end_ms - self.days * DAY_MS

    @property
    def start(self) -> date:
        return self.end - timedelta(days=self.days)

    def date_of(self, day: int) -> date:
        """The calendar date of day `day`; day 0 is the first, days before it are negative."""
        return self.start + timedelta(days=day)

    def midnight_ms(self, day: int, zone: str) -> int:
        """Local midnight at the start of day `day` in a time zone (IANA name)."""
        return _midnight_ms(self.date_of(day), zone)

    def holds(self, ms: int) -> bool:
        """Whether an instant lies within [start, end)."""
        return self.start_ms <= ms < self.end_ms


@lru_cache(maxsize=100_000)
def _midnight_ms(day: date, zone: str) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp()) * 1000


def rfc3339(ms: int) -> str:
    """UTC with millisecond precision and a Z."""
    seconds, milliseconds = divmod(ms, 1000)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{milliseconds:03d}Z"
