"""What one transaction contains."""

from collections import Counter
from typing import NamedTuple

from schemas.records.wire import OutRecord


class Ended(NamedTuple):
    """A run that was closed; seconds from its opening, None where it never came to that."""

    play: str
    rule: str  # bounded: one of ours, or `requested` for all that others ask for
    segment: str  # the most specific one
    code: str
    priority: str
    to_acknowledge: float | None
    to_act: float | None
    to_resolve: float


class Tally(NamedTuple):
    """What happened since the last commit, for metrics: each a counter by bounded labels."""

    inputs: Counter[tuple[str, str]]  # (topic, outcome)
    triggers: Counter[str]  # rule
    messages: Counter[str]  # kind
    decisions: Counter[str]  # reason
    dead_letters: Counter[tuple[str, str]]  # (topic, reason)
    strays: Counter[tuple[str, str]]  # (topic, source): forwarded to the partition of their key
    trimmed: Counter[str]  # cell
    assignments: Counter[str]  # type of event between router and roster
    opened: Counter[str]  # play
    ended: list[Ended]

    @classmethod
    def starting(cls, inputs: Counter[tuple[str, str]]) -> "Tally":
        """These inputs, and nothing else yet."""
        return cls(inputs, Counter(), Counter(), Counter(), Counter(), Counter(), Counter(), Counter(), Counter(), [])


class Commit(NamedTuple):
    """Outputs (logical topics), cells for `state` with the cursor last, next offset per topic: all or nothing."""

    outputs: list[OutRecord]
    cells: list[tuple[bytes, bytes | None]]
    offsets: dict[str, int]
    events: int
    oldest_append_ms: int | None
    tally: Tally
