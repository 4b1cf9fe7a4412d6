"""What daily rules look at: the complete days of one account up to and with the one just closed."""

from streams.signals.calendar import Calendar
from streams.signals.state import Weeks
from streams.signals.weeks import daily, distinct, total


class DayClose:
    """The day `day` is complete. Figures are computed when asked for, once."""

    __slots__ = ("_pair", "_users", "calendar", "day", "since_day", "weeks")

    def __init__(self, day: int, since_day: int, weeks: Weeks, calendar: Calendar) -> None:
        self.day = day
        self.since_day = since_day
        self.weeks = weeks
        self.calendar = calendar
        self._pair: tuple[int, int] | None = None
        self._users: dict[int, int] = {}

    @property
    def pair(self) -> tuple[int, int]:
        """(c7, b7): usage events of the last seven days, and of the seven before."""
        found = self._pair
        if found is None:
            day = self.day
            found = self._pair = (total(self.weeks, day - 6, day), total(self.weeks, day - 13, day - 7))
        return found

    def usage(self, last: int) -> int:
        """Usage events of the seven days that end with `last`."""
        return total(self.weeks, last - 6, last)

    def users_of(self, days: int) -> int:
        """Distinct active users of the last so many days; exact up to 42 days."""
        return distinct(self.weeks, self.day - days + 1, self.day)

    def users(self, last: int) -> int:
        """Distinct active users of the seven days that end with `last`."""
        found = self._users.get(last)
        if found is None:
            found = self._users[last] = distinct(self.weeks, last - 6, last)
        return found

    def days(self, first: int, last: int) -> list[int]:
        """Usage events of each day first..last, both included."""
        return daily(self.weeks, first, last)
