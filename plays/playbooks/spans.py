"""Spans of time as playbooks write them, and when a step is due."""

import re
from typing import Annotated, NamedTuple

from pydantic import Field

from plays.sla.first_action import first_action_due

Span = Annotated[str, Field(pattern=r"^[1-9]\d{0,2}(m|h|d|bd)$", description="30m, 2h, 3d (elapsed) or 5bd (business days).")]
DueText = Annotated[
    str, Field(pattern=r"^(sla|[1-9]\d{0,2}(m|h|d|bd)( after trigger)?)$", description="sla, 2h, 3bd, or 24h after trigger.")
]

SLA = "sla"
_AFTER_TRIGGER = re.compile(r"(\w+) after trigger", re.ASCII)


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


def later(start_ms: int, span: str) -> int:
    """`start_ms` (ms since the epoch, UTC) and a span after it; business days as `plays.sla.working_time` counts them.

    Raises `FirstActionError` for what `Span` does not allow.
    """
    due = first_action_due(span, start_ms, None)
    if due is None:
        raise AssertionError(f"{span!r} is no span of time")
    return due
