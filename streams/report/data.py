"""What the report is made of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas.records.decision import Decision
from schemas.records.play_message import PlayMessage
from schemas.records.trigger import Trigger


@dataclass(frozen=True, slots=True)
class Score:
    """One measured figure against its bar, both as people read them. `passed` None: there is no bar."""

    label: str
    value: str
    bar: str = ""
    passed: bool | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule that ran, in a few words. `note`: a figure about it that the reader should see, or nothing."""

    id: str
    title: str
    concern: str
    priority: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Parity:
    """Whether a fresh worker's canonical output equals the replay's, and what was compared."""

    equal: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Meta:
    """How the figures came to be. The window is half-open, aware datetimes; its end is "now" for everything still open.

    `events` is the number read from Kafka (it may exceed the events drawn); None: count those given.
    """

    kafka: str
    window: tuple[datetime, datetime]
    seconds: float
    events: int | None = None
    title: str = "Playcall report"
    parity: Parity | None = None
    scores: tuple[Score, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ReportData:
    """Everything drawn.

    `events` is read once, as wire dicts (`occurred_at` RFC 3339 or datetime), in order of time per account so
    that its days are its own; an event without a readable time or account is counted and not drawn. `rules`: all that ran, fired or not.
    """

    meta: Meta
    events: Iterable[Mapping[str, Any]]
    triggers: Sequence[Trigger]
    messages: Sequence[PlayMessage]
    decisions: Sequence[Decision] = ()
    rules: Sequence[RuleLine] = ()
