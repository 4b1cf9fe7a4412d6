"""Whether a step whose moment has come may begin: what the machine asks whoever knows people and suppression."""

from dataclasses import dataclass

from schemas.records.play_message import Owner


@dataclass(frozen=True, slots=True)
class Go:
    """Begin, with this person; None: whoever owns the run."""

    owner: Owner | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """Not now: ask again at `until_ms`, or (None) whenever the run is looked at."""

    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Drop:
    """Not at all: the step is left out."""

    detail: str


Gate = Go | Hold | Drop
