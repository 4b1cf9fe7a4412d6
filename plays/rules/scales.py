"""Scores on different scales, brought onto one."""

import re
from collections.abc import Mapping
from typing import Any

_SCALE = re.compile(r"(-?\d+(?:\.\d+)?)-(-?\d+(?:\.\d+)?)")
_OF_SURVEYS = {"nps": "0-10", "csat": "1-5", "ces": "1-7"}


def bounds(scale: str) -> tuple[float, float]:
    """Lowest and highest score of `0-10`, `1-5`, `-1-1`. Raises ValueError where that is no range."""
    match = _SCALE.fullmatch(scale)
    if match is None or float(match[1]) >= float(match[2]):
        raise ValueError(f"{scale!r} is no scale: write lowest-highest such as 1-5")
    return float(match[1]), float(match[2])


def scale_of(data: Mapping[str, Any]) -> str | None:
    """The scale a score of this event is on: the one it states, else the usual one of its kind of survey."""
    stated = data.get("scale")
    return str(stated) if stated is not None else _OF_SURVEYS.get(str(data.get("kind")))


def scaled(score: float, scale: str | None, onto: str) -> float | None:
    """The score linearly moved from its scale onto another one; None where its scale is not known or it lies outside of it."""
    if scale is None:
        return None
    try:
        low, high = bounds(scale)
    except ValueError:
        return None
    if not low <= score <= high:
        return None
    to_low, to_high = bounds(onto)
    # One division last: 2 of 1-5 must stay 2 exactly, and a boundary score must not miss its floor by a rounding.
    return to_low + (score - low) * (to_high - to_low) / (high - low)
