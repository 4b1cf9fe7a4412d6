"""How much of a normal day's work gets done on a date: weekends, public holidays, the summer, the turn of the year."""

from datetime import date

# (month, day) of fixed public holidays; the share of people at work on such a day is small, not nil.
_HOLIDAYS = {
    "americas": {(1, 1), (6, 19), (7, 3), (12, 24), (12, 25), (12, 31)},
    "europe": {(1, 1), (1, 6), (5, 1), (10, 3), (12, 24), (12, 25), (12, 26), (12, 31)},
    "asia-pacific": {(1, 1), (1, 26), (8, 15), (12, 25)},
}
_AT_WORK_ON_HOLIDAY = 0.25


def at_work(day: date, region: str, weekend: float) -> float:
    """The share of people at work, 0 to 1, vacations apart. `weekend` is the share for whom a weekend is a workday."""
    if day.weekday() >= 5:
        return weekend
    if (day.month, day.day) in _HOLIDAYS[region] or _moving_holiday(day, region):
        return _AT_WORK_ON_HOLIDAY
    if (day.month, day.day) >= (12, 22) or (day.month, day.day) <= (1, 4):
        return 0.5
    return 1.0


def vacation_pull(day: date, region: str) -> float:
    """How much likelier than usual a vacation begins on this date (1 = as usual)."""
    if region == "europe":
        return {6: 1.2, 7: 1.7, 8: 1.8, 12: 1.3}.get(day.month, 0.8)
    if region == "americas":
        return {6: 1.3, 7: 1.5, 8: 1.3, 12: 1.4}.get(day.month, 0.9)
    return {1: 1.5, 12: 1.4}.get(day.month, 1.0)


def _moving_holiday(day: date, region: str) -> bool:
    if region == "americas":
        first_monday_september = day.month == 9 and day.weekday() == 0 and day.day <= 7
        thanksgiving = day.month == 11 and day.weekday() == 3 and 22 <= day.day <= 28
        return first_monday_september or thanksgiving or (day.month == 11 and day.weekday() == 4 and 23 <= day.day <= 29)
    if region == "europe":
        return day.month == 8 and day.weekday() == 0 and day.day >= 25
    return False
