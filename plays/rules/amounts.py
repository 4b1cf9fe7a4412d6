"""Figures as rule files write them: exact shares, whole days."""

import re
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, PlainValidator

_DAYS = re.compile(r"([1-9]\d{0,3})d")


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


def _days(value: Any) -> Any:
    if isinstance(value, str) and (match := _DAYS.fullmatch(value)):
        return int(match[1])
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("write whole days such as 14d")


# 0.7 * 90 is 62.999... in binary floating point and 63 would not be "at most 70 % of 90": shares stay exact.
Share = Annotated[Fraction, PlainValidator(_share), PlainSerializer(str, return_type=str)]
Days = Annotated[int, BeforeValidator(_days), Field(ge=1, le=4000)]
