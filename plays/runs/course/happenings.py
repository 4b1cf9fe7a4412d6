"""What the machine says of a step: a closed union. `place` is that of the step in the run's plan."""

from dataclasses import dataclass
from typing import Literal

from schemas.records.play_message import Owner, StepCondition

Why = Literal["condition", "in_vain", "not_needed", "dropped"]
"""Why a step was left out: its `only_if` did not hold, its wait was in vain, what it stands in for began, or it was refused."""


@dataclass(frozen=True, slots=True)
class StepDue:
    """The step begins, or is asked for again (`time` counts from 1). `owner` None: whoever owns the run."""

    place: int
    time: int
    owner: Owner | None


@dataclass(frozen=True, slots=True)
class StepLeftOut:
    """The step was skipped by the play itself. `condition` is the one that did not hold, or did not come."""

    place: int
    why: Why
    condition: StepCondition | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class StepOverdue:
    """The step has begun and was not done when due."""

    place: int
    due_ms: int


@dataclass(frozen=True, slots=True)
class StepLapsed:
    """The step, or one time of a cadence, could not begin within its `max_age`. `at_ms` is when it should have."""

    place: int
    at_ms: int
    ended: bool


@dataclass(frozen=True, slots=True)
class CadenceEnded:
    """A repeated step is over: its condition holds, or (None) its time has passed."""

    place: int
    condition: StepCondition | None


@dataclass(frozen=True, slots=True)
class StepCancelled:
    """The step was queued or had begun when the play ended, or the run went over to another play. It is not to be done."""

    place: int


@dataclass(frozen=True, slots=True)
class Finished:
    """Every step has ended. Said once."""


Happening = StepDue | StepLeftOut | StepOverdue | StepLapsed | CadenceEnded | StepCancelled | Finished
