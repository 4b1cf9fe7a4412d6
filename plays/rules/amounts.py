"""Figures as rule files write them: exact shares, whole days."""

import re
from fractions import Fraction
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, Field, PlainSerializer, PlainValidator

_DAYS = re.compile(r"([1-9]\d{0,3})d")
_SPAN = re.compile(r"([1-9]\d{0,2})(d|mo|y)")


def _share(value: Any) -> Fraction:
    if isinstance(value, Fraction):
        return value
    try:
        share = Fraction(str(value))  # True, lists and words are no fractions either
    except (ValueError, ZeroDivisionError):
        raise ValueError("write a share such as 0.70") from None
    if not 0 < share <= 10:
        raise ValueError("a share lies above 0 and at most at 10")
    return share


class Span(NamedTuple):
    """A length of time by the calendar: months, and days."""

    months: int
    days: int


def span(text: str) -> Span:
    """What `30d`, `6mo` or `2y` means. Raises ValueError for anything else."""
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no length of time: write 30d, 6mo or 2y")
    count = int(match[1])
    return Span(0, count) if match[2] == "d" else Span(count if match[2] == "mo" else 12 * count, 0)


def _span(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("write 30d, 6mo or 2y")  # noqa: TRY004 pydantic makes a report of a ValueError
    span(value)
    return value


def _days(value: Any) -> Any:
    if isinstance(value, str) and (match := _DAYS.fullmatch(value)):
        return int(match[1])
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("write whole days such as 14d")


# 0.7 * 90 is 62.999... in binary floating point and 63 would not be "at most 70 % of 90": shares stay exact.
Share = Annotated[Fraction, PlainValidator(_share), PlainSerializer(str, return_type=str)]
Days = Annotated[int, BeforeValidator(_days), Field(ge=1, le=4000)]
Length = Annotated[str, BeforeValidator(_span)]
"""A length of time by the calendar as rule files write it; `span` reads it."""
