"""Positions: time to x, value to y."""

from datetime import date

from streams.report.calendar import DAY_MS, EPOCH_ORDINAL, day_date
from streams.report.words import MONTHS

_LABEL = 58.0  # units a month's name with its year takes


class TimeScale:
    """Linear map of local milliseconds `[start, end)` to `[left, right]`; whole days at both ends."""

    __slots__ = ("_per_ms", "end_ms", "first_day", "last_day", "left", "right", "start_ms")

    def __init__(self, start_ms: int, end_ms: int, left: float, right: float) -> None:
        self.first_day = start_ms // DAY_MS
        self.last_day = max(self.first_day + 1, -(-end_ms // DAY_MS))
        self.start_ms = self.first_day * DAY_MS
        self.end_ms = self.last_day * DAY_MS
        self.left = left
        self.right = right
        self._per_ms = (right - left) / (self.end_ms - self.start_ms)

    @property
    def days(self) -> int:
        """Days on the scale."""
        return self.last_day - self.first_day

    @property
    def day_width(self) -> float:
        """Units per day."""
        return (self.right - self.left) / self.days

    def x(self, ms: int) -> float:
        """Position, clamped to the drawing, to a tenth of a unit."""
        return round(min(self.right, max(self.left, self.left + (ms - self.start_ms) * self._per_ms)), 1)

    def x_day(self, day: int) -> float:
        """Position of a day's midnight."""
        return self.x(day * DAY_MS)

    def months(self) -> list[tuple[float, str]]:
        """First of each month in range with its name, and the month begun before if it has room; January and the first carry the year."""
        marks: list[tuple[float, str]] = []
        first = day_date(self.first_day)
        following = date(first.year + first.month // 12, first.month % 12 + 1, 1).toordinal() - EPOCH_ORDINAL
        if first.day > 1 and self.x_day(following) - self.left > _LABEL:
            marks.append((self.left, f"{MONTHS[first.month - 1]} {first.year}"))
        year, month = first.year, first.month
        while True:
            day = date(year, month, 1).toordinal() - EPOCH_ORDINAL
            if day >= self.last_day:
                return marks
            if day >= self.first_day:
                name = MONTHS[month - 1]
                marks.append((self.x_day(day), f"{name} {year}" if not marks or month == 1 else name))
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def ceiling(value: float) -> int:
    """The next round number at or above `value`: 1, 2, 3, 4, 5, 6, 8 times a power of ten; at least 4."""
    if value <= 4:
        return 4
    power = 1
    while power * 10 <= value:
        power *= 10
    return next(step * power for step in (1, 2, 3, 4, 5, 6, 8, 10) if step * power >= value)


def month_lines(scale: TimeScale, bottom: float) -> str:
    """Hairlines at the first of each month down to `bottom`, with the names on top."""
    return "".join(
        f'<path class="grid" d="M{x} 16V{round(bottom, 1)}"/><text class="ax" x="{x + 4}" y="14">{name}</text>'
        for x, name in scale.months()
    )
