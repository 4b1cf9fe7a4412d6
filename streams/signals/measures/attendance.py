"""Measures of who comes to the product."""

from math import ceil, floor

from plays.rules.parts import MeasurePart
from streams.signals.attendance import attendance, power_users
from streams.signals.calendar import day_name
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.measures.measure import UNKNOWN, Measure, Reading

ABSENCE = 60
"""Days: who belongs to the power users is judged by the 90 days before the last 60, so that it does not change while they stay away."""
BASELINE = 90
_SPAN = BASELINE + ABSENCE
_SHOWN = 10


def _absent_days(context: Context, close: DayClose) -> Reading:
    there = attendance(context.cells, close.day - _SPAN + 1, close.day)
    users = _power_users(there)
    if not users:
        return UNKNOWN
    last = max(there[user].bit_length() for user in users)
    seen = day_name(close.day - _SPAN + last)
    named = ", ".join(users[:_SHOWN])
    return Reading(_SPAN - last, {"power_users": named, "power_users_count": len(users), "last_seen": seen, "users": len(there)})


def _absent_from(context: Context, close: DayClose, part: MeasurePart) -> int:
    """For two months on, the days that make a power user are past already, and days they are there on can only be added."""
    days = part.at_least if part.at_least is not None else None if part.above is None else floor(part.above) + 1
    if days is None or days < 1:
        return close.day + 1
    first = close.day - _SPAN + 2
    there = attendance(context.cells, first, close.day + 1)  # with what is known of today
    lasts = sorted(first + bits.bit_length() - 1 for bits in there.values())
    gone = 0
    for day in range(close.day + 1, close.day + ABSENCE):
        while gone < len(lasts) and lasts[gone] <= day - ceil(days):
            gone += 1
        if gone >= 2:
            users = _power_users({user: bits >> (day - close.day - 1) for user, bits in there.items()})
            if users and all(first + there[user].bit_length() - 1 <= day - days for user in users):
                return day
    return close.day + ABSENCE


def _power_users(there: dict[str, int]) -> tuple[str, ...]:
    """Bit 0 is the first of the 90 days."""
    baseline = (1 << BASELINE) - 1
    return power_users({user: (bits & baseline).bit_count() for user, bits in there.items()})


MEASURES = (Measure("power_users_absent_days", _absent_days, daily=True, not_before=_absent_from),)
