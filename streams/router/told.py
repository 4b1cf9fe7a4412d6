"""What an update says, cleaned and bounded, whatever its type."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plays.runs.run import Run
from plays.runs.words import NAME_AT_MOST, NOTE_AT_MOST, REASON_AT_MOST, cleaned
from schemas.events.event import Event
from schemas.records.wire import epoch_ms


@dataclass(frozen=True, slots=True)
class Told:
    """The fields of an update; None where it has none. `at_ms`: when it happened, as far as that can be."""

    at_ms: int
    actor: str | None
    note: str | None
    reason: str | None
    step: str | None
    owner: str | None
    code: str | None
    until_ms: int | None


def read(event: Event, run: Run, now_ms: int) -> Told:
    """What the event says. Nothing happens to a run before it is opened, nor later than now: clocks elsewhere may be wrong."""
    data, until = event.data, event.data.get("until")
    return Told(
        at_ms=min(max(event.time_ms, run.opened_ms), now_ms),
        actor=_text(data, "actor", NAME_AT_MOST),
        note=_text(data, "note", NOTE_AT_MOST, lines=True),
        reason=_text(data, "reason", REASON_AT_MOST),
        step=_text(data, "step", NAME_AT_MOST),
        owner=_text(data, "owner", NAME_AT_MOST),
        code=_text(data, "code", NAME_AT_MOST),
        until_ms=epoch_ms(until) if isinstance(until, datetime) else None,
    )


def _text(data: Mapping[str, Any], field: str, at_most: int, *, lines: bool = False) -> str | None:
    value = data.get(field)
    return cleaned(value, at_most, lines=lines) if isinstance(value, str) else None
