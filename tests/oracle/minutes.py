"""Business time by walking minute by minute: slow, obvious, and none of the product's code.

An instant is working time where the clock on the wall lies in a shift of its day, or in a night shift of the day before. Calendars
are plain data: `zone`, `week` (seven lists of [start, end] in minutes of the day, Monday first; an end beyond 1440 is on the
next day), `closed` (dates), `special` (date -> list of shifts). Instants are aware datetimes on whole minutes.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@dataclass
class Walked:
    zone: str
    week: list[list[tuple[int, int]]]
    closed: set[date] = field(default_factory=set)
    special: dict[date, list[tuple[int, int]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = ZoneInfo(self.zone)

    def shifts(self, day: date) -> list[tuple[int, int]]:
        if day in self.special:
            return self.special[day]
        return [] if day in self.closed else self.week[day.weekday()]

    def wall(self, at: datetime) -> datetime:
        return at.astimezone(self.clock).replace(tzinfo=None)

    def worked_for(self, at: datetime) -> list[date]:
        """The dates whose shifts are worked at the instant, at most two; none: nobody works."""
        wall = self.wall(at)
        today, minute = wall.date(), wall.hour * 60 + wall.minute
        found = [today - DAY] if any(start <= minute + 1440 < end for start, end in self.shifts(today - DAY)) else []
        return [*found, today] if any(start <= minute < end for start, end in self.shifts(today)) else found

    def open(self, at: datetime) -> bool:
        return bool(self.worked_for(at))

    def add(self, start: datetime, minutes: int) -> datetime:
        at, left = start.astimezone(UTC), minutes
        while left:
            left -= self.open(at)
            at += MINUTE
        return at

    def subtract(self, end: datetime, minutes: int) -> datetime:
        at, left = end.astimezone(UTC), minutes
        while left:
            at -= MINUTE
            left -= self.open(at)
        return at

    def between(self, a: datetime, b: datetime) -> int:
        if b < a:
            return -self.between(b, a)
        at, found = a.astimezone(UTC), 0
        while at < b:
            found += self.open(at)
            at += MINUTE
        return found

    def next_open(self, at: datetime) -> datetime:
        at = at.astimezone(UTC)
        while not self.open(at):
            at += MINUTE
        return at

    def add_days(self, start: datetime, days: int) -> datetime:
        """The rule of docs/business-time.md, in the words it is written in, over lists of open minutes."""
        if days == 0:
            return start
        start = start.astimezone(UTC)
        dates = self._dates(start, days)
        inside = next((one for one in dates if one[1][0] < start < one[1][-1] + MINUTE), None)
        if inside is None:
            later = [one for one in dates if one[1][0] >= start]
            return later[days - 1][1][-1] + MINUTE
        passed = (self.wall(start - step * MINUTE) + MINUTE for step in range(1, 6 * 60))  # the clock may have been put back
        since = max(self.wall(start), *passed) - datetime.combine(inside[0], datetime.min.time())
        target, minutes = dates[dates.index(inside) + days]
        wanted = datetime.combine(target, datetime.min.time()) + since
        at = datetime.combine(target, datetime.min.time(), UTC) - DAY
        while self.wall(at) < wanted:
            at += MINUTE
        if at <= minutes[0]:
            return minutes[0]
        return max(minute for minute in minutes if minute < at) + MINUTE

    def _dates(self, start: datetime, days: int) -> list[tuple[date, list[datetime]]]:
        """Business days around and after the start, in order, each with its open minutes, until there are enough."""
        found: dict[date, list[datetime]] = {}
        at = start - 2 * DAY
        later = 0
        while later < days + 3:  # so the last one wanted is complete
            for day in self.worked_for(at):
                if day not in found:
                    found[day] = []
                    later += at >= start
                found[day].append(at)
            at += MINUTE
        return sorted(found.items())
