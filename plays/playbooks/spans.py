"""Spans of time as playbooks write them, and when a step is due."""

import re
from typing import Annotated, NamedTuple

from pydantic import Field

from plays.sla.calendar import WorkingCalendar
from plays.sla.first_action import first_action_due

Span = Annotated[str, Field(pattern=r"^[1-9]\d{0,2}(m|h|d|bh|bd)$", description="30m, 2h, 3d (elapsed), 4bh, 5bd (business hours, days).")]
DueText = Annotated[
    str, Field(pattern=r"^(sla|[1-9]\d{0,2}(m|h|d|bh|bd)( after trigger)?)$", description="sla, 2h, 4bh, 3bd, or 24h after trigger.")
]

SLA = "sla"
_AFTER_TRIGGER = re.compile(r"(\w+) after trigger", re.ASCII)
_PARTS = re.compile(r"(\d+)(m|h|d|bh|bd)", re.ASCII)
_USUAL_MS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "bh": 15_120_000, "bd": 120_960_000}


class Due(NamedTuple):
    """`span` None: the run's own act clock. `from_trigger`: counted from the trigger's time, else from where the step begins."""

    span: str | None
    from_trigger: bool


def parse_due(text: str) -> Due:
    """Reads what `DueText` allows."""
    if text == SLA:
        return Due(None, from_trigger=True)
    match = _AFTER_TRIGGER.fullmatch(text)
    return Due(text, from_trigger=False) if match is None else Due(match[1], from_trigger=True)


def later(start_ms: int, span: str, calendar: WorkingCalendar) -> int:
    """`start_ms` (ms since the epoch, UTC) and a span after it; business hours and days are those of the calendar.

    Raises `FirstActionError` for what `Span` does not allow, `NoWorkingTimeError` where the calendar has too little.
    """
    due = first_action_due(span, start_ms, None, calendar)
    if due is None:
        raise AssertionError(f"{span!r} is no span of time")
    return due


def usual_ms(span: str) -> int:
    """About how long a span is, whenever it begins: a business day is 7/5 of a day, a business hour an eighth of that. For comparisons."""
    match = _PARTS.fullmatch(span)
    if match is None:
        raise AssertionError(f"{span!r} is no span of time")
    return int(match[1]) * _USUAL_MS[match[2]]
