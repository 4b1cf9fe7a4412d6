"""Runs conformance vectors over our own calendars."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from plays.sla.calendar import WorkingCalendar
from plays.sla.conformance.vectors import (
    Add,
    AddDays,
    Between,
    IsOpen,
    NextOpen,
    Subtract,
    Vector,
    VectorCalendar,
    VectorFile,
)
from plays.sla.day_plan import WeekPlan
from plays.sla.hours import HoursError, parse_shifts, parse_week
from plays.sla.shifts import DAYS, overlap

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_ZERO = date(1970, 1, 1)


class Difference(NamedTuple):
    """A vector whose result is another; both as people read them."""

    id: str
    expected: str
    found: str


def differences(file: VectorFile) -> Iterator[Difference]:
    """Vectors that do not hold. Raises `HoursError`, `ZoneInfoNotFoundError`, `KeyError` for calendars that are none or not there."""
    calendars = {name: as_calendar(name, stated) for name, stated in file.calendars.items()}
    for vector in file.vectors:
        calendar = calendars[vector.calendar]
        found, expected = answer(calendar, vector), vector.expected
        if found != expected:
            yield Difference(vector.id, _said(expected, calendar.zone), _said(found, calendar.zone))


def answer(calendar: WorkingCalendar, vector: Vector) -> object:
    """What our arithmetic says, in the form of the vector's `expected`."""
    if isinstance(vector, Add):
        return _moment(calendar.add(_ms(vector.input.start), vector.input.work_ms))
    if isinstance(vector, Subtract):
        return _moment(calendar.subtract(_ms(vector.input.end), vector.input.work_ms))
    if isinstance(vector, AddDays):
        return _moment(calendar.add_days(_ms(vector.input.start), vector.input.days))
    if isinstance(vector, NextOpen):
        return _moment(calendar.next_open(_ms(vector.input.at)))
    if isinstance(vector, IsOpen):
        return calendar.is_open(_ms(vector.input.at))
    first, last = _ms(vector.input.from_), _ms(vector.input.to)
    if isinstance(vector, Between):
        return calendar.between(first, last)
    return tuple((_moment(opens), _moment(closes)) for opens, closes in calendar.intervals(first, last))


def as_calendar(name: str, stated: VectorCalendar) -> WorkingCalendar:
    """A calendar of a vector file at work."""
    closed = {(day - _DAY_ZERO).days for day in stated.closed}
    special = {(day - _DAY_ZERO).days: parse_shifts(shifts) for day, shifts in stated.special.items()}
    week = parse_week(stated.hours)
    if (clash := overlap(week)) is not None:
        day, shift, other_day, other = clash
        raise HoursError(None, f"the shifts {DAYS[day]} {shift} and {DAYS[other_day]} {other} of {name} overlap", "let one end before")
    plan = WeekPlan(week, lambda day: special.get(day, () if day in closed else None))
    return WorkingCalendar(name, ZoneInfo(stated.timezone), plan, stated.description)


def _ms(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)


def _moment(at_ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=at_ms)


def _said(value: object, zone: ZoneInfo) -> str:
    if isinstance(value, tuple):
        return "; ".join(" to ".join(_said(end, zone) for end in pair) for pair in value) or "nothing"
    return value.astimezone(zone).isoformat() if isinstance(value, datetime) else str(value)
