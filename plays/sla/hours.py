"""Working hours as people write them: `mon-fri: 09:00-17:00`, `daily: 22:00-06:00`, `always`."""

import itertools
from collections.abc import Mapping
from re import ASCII
from re import compile as pattern

from plays.sla.shifts import DAYS, MINUTES_OF_DAY, Shift, Week, as_week

_TIME = r"([01]\d|2[0-3]):([0-5]\d)"
_SHIFT = pattern(rf"{_TIME}\s*-\s*(?:{_TIME}|(24:00))", ASCII)
_DAYS = pattern(rf"({'|'.join(DAYS)})(?:\s*-\s*({'|'.join(DAYS)}))?", ASCII)

DAILY = "daily"
ALWAYS = (Shift(0, MINUTES_OF_DAY),)


class HoursError(ValueError):
    """Text that is no working hours. `key` is the day's key where one is to blame."""

    def __init__(self, key: str | None, what: str, fix: str) -> None:
        super().__init__(f"{what}; {fix}")
        self.key, self.what, self.fix = key, what, fix


def parse_shift(text: str) -> Shift:
    """`09:00-17:00`, `18:00-24:00`, `22:00-06:00` (ends the next day). Raises `HoursError`."""
    match = _SHIFT.fullmatch(text.strip().lower())
    if match is None:
        raise HoursError(None, f"{text!r} is no shift", "write it as 09:00-17:00, or 22:00-06:00 for one that ends the next day")
    start = int(match[1]) * 60 + int(match[2])
    end = MINUTES_OF_DAY if match[5] else int(match[3]) * 60 + int(match[4])
    if start == end:
        raise HoursError(None, f"the shift {text} begins when it ends", "write 00:00-24:00 for a whole day, or leave the day out")
    return Shift(start, end if end > start else end + MINUTES_OF_DAY)


def parse_shifts(texts: tuple[str, ...]) -> tuple[Shift, ...]:
    """Several shifts of one day, in order. Raises `HoursError`, also where one begins before the one before it has ended."""
    found = tuple(sorted(parse_shift(text) for text in texts))
    for one, other in itertools.pairwise(found):
        if other.start < one.end:
            raise HoursError(None, f"the shifts {one} and {other} overlap", "let one end before the next begins, or make them one")
    return found


def parse_days(text: str) -> tuple[int, ...]:
    """`mon`, `mon-fri`, `fri-mon` (over the weekend), `daily`: weekdays, 0 is Monday. Raises `HoursError`."""
    if text == DAILY:
        return tuple(range(7))
    match = _DAYS.fullmatch(text.strip().lower())
    if match is None:
        raise HoursError(text, f"{text!r} names no days", f"write {', '.join(DAYS)}, a range such as mon-fri, or {DAILY}")
    first = DAYS.index(match[1])
    last = first if match[2] is None else DAYS.index(match[2])
    return tuple((first + step) % 7 for step in range((last - first) % 7 + 1))


def parse_week(hours: Mapping[str, tuple[str, ...]]) -> Week:
    """A whole week. A day that is named twice is refused: which of the two holds would be a guess. Raises `HoursError`."""
    found: dict[int, tuple[Shift, ...]] = {}
    for key, texts in hours.items():
        try:
            shifts = parse_shifts(texts)
        except HoursError as error:
            raise HoursError(key, error.what, error.fix) from None
        for day in parse_days(key):
            if day in found:
                raise HoursError(key, f"{DAYS[day]} has hours twice", "name each day once; several shifts of a day go in one list")
            found[day] = shifts
    return as_week(found)
