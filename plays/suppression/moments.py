"""Moments, times of day and zones as suppression files write them."""

import re
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, PlainSerializer, PlainValidator

_TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_DAY_MINUTES = 24 * 60


def _moment(value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            value = None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError("write a moment with its offset from UTC, such as 2026-12-01T09:00:00Z")
    return value


def _minute(value: Any) -> int:
    # YAML 1.1 reads an unquoted 20:00 as base 60, which makes the minute of the day of it
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _DAY_MINUTES:
        return value
    match = _TIME_OF_DAY.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("write a time of day such as 20:00")
    return int(match[1]) * 60 + int(match[2])


def _written(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


At = Annotated[datetime, BeforeValidator(_moment)]
"""A moment with its offset."""
TimeOfDay = Annotated[int, PlainValidator(_minute), PlainSerializer(_written, return_type=str)]
"""Minutes since midnight."""


@lru_cache(maxsize=1024)
def zone_of(name: str | None) -> tzinfo | None:
    """The IANA zone of this name; None where there is none."""
    try:
        return None if name is None else ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return None
