"""Account-local days: day numbers (local dates counted from 1970-01-01) and their first instants."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY_MS = 86_400_000

_EPOCH = date(1970, 1, 1)
_EPOCH_INSTANT = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = _EPOCH.toordinal()
_MILLISECOND = timedelta(milliseconds=1)
_KEPT_DAYS = 20_000
_FIRST_DAY, _LAST_DAY = -700_000, 2_900_000  # years 53 to 9909: what a date field can say and arithmetic can still move
_LAST_YEAR = 9909


class Calendar:
    """Days of one timezone. Midnights are computed once per day and shared by all accounts of the zone."""

    __slots__ = ("_days", "_midnights", "_zone")

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._midnights: dict[int, int] = {}
        self._days: dict[int, int] = {}

    def midnight(self, day: int) -> int:
        """First instant of the day, ms UTC. A midnight that the clock skips is the instant of the change."""
        found = self._midnights.get(day)
        if found is None:
            found = self._compute(day)
        return found

    def close(self, day: int) -> int:
        """First instant after the day."""
        return self.midnight(day + 1)

    def day_of(self, ms: int) -> int:
        """The day with midnight(day) <= ms < close(day)."""
        day = self._days.get(ms)  # midnights, which deadlines are made of, are known both ways
        if day is not None:
            return day
        day = ms // DAY_MS
        if not _FIRST_DAY + 1 < day < _LAST_DAY - 1:
            return min(max(day, _FIRST_DAY), _LAST_DAY)
        while self.midnight(day) > ms:
            day -= 1
        while self.midnight(day + 1) <= ms:
            day += 1
        return day

    def _compute(self, day: int) -> int:
        day = min(max(day, _FIRST_DAY), _LAST_DAY)
        if len(self._midnights) > _KEPT_DAYS:
            self._midnights.clear()
            self._days.clear()
        local = datetime.combine(date.fromordinal(_EPOCH_ORDINAL + day), datetime.min.time(), tzinfo=self._zone)
        found = (local.astimezone(UTC) - _EPOCH_INSTANT) // _MILLISECOND
        self._midnights[day] = found
        # A day the zone skipped altogether begins when the next one does: the instant belongs to the later of the two.
        self._days[found] = max(day, self._days.get(found, day))
        return found


@lru_cache(maxsize=1024)
def calendar_of(timezone: str | None) -> Calendar:
    """The calendar of an IANA zone; UTC when unknown or not a zone."""
    if timezone is None:
        return _UTC
    try:
        return Calendar(ZoneInfo(timezone))
    except (ValueError, OSError, LookupError):
        return _UTC


def day_number(day: date) -> int:
    """Number of a calendar date."""
    return day.toordinal() - _EPOCH_ORDINAL


def day_name(day: int) -> str:
    """YYYY-MM-DD of a day number."""
    return date.fromordinal(_EPOCH_ORDINAL + min(max(day, _FIRST_DAY), _LAST_DAY)).isoformat()


def months_after(day: int, months: int) -> int:
    """The same date so many months on; the last day of a month that is too short for it."""
    if months == 0:
        return day
    first = date.fromordinal(_EPOCH_ORDINAL + min(max(day, _FIRST_DAY), _LAST_DAY))
    years, month = divmod(first.month - 1 + months, 12)
    year = first.year + years
    if year > _LAST_YEAR:
        return _LAST_DAY
    return day_number(date(year, month + 1, min(first.day, monthrange(year, month + 1)[1])))


def months_between(first: int, last: int) -> int:
    """The most months for which `months_after(first, months)` is not after `last`; negative where `last` comes before."""
    begin, end = (date.fromordinal(_EPOCH_ORDINAL + min(max(day, _FIRST_DAY), _LAST_DAY)) for day in (first, last))
    months = (end.year - begin.year) * 12 + end.month - begin.month
    whole = end.day >= begin.day or end.day == monthrange(end.year, end.month)[1]
    return months if whole else months - 1


_UTC = Calendar(UTC)
