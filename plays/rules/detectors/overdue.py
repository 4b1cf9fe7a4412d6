"""Fires when what was promised for a day is not there at its close."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from plays.problem import Problem
from plays.rules.detectors.parameters import Parameters

_STEPS = "activation_step"


class OverdueParameters(Parameters):
    """At the close of local day (day promised + `days_after`), per promise; moved to another day it is another episode.

    `of`: action items and outcomes of the plan, milestones of an onboarding, steps of the product's activation path, whose
    days are counted from the creation of the account (`steps`: name to day). `kept`: what was kept is told too.
    """

    by_segment = frozenset({"days_after", "kept", "steps"})

    kind: Literal["overdue"]
    of: Literal["action_item", "outcome", "onboarding_milestone", "activation_step"]
    days_after: Annotated[int, Field(ge=0, le=400)] = 0
    kept: bool = False
    steps: Mapping[str, Annotated[int, Field(ge=0, le=400)]] = Field(default_factory=dict)

    def problems(self) -> Iterator[Problem]:
        if bool(self.steps) != (self.of == _STEPS):
            yield Problem(("steps",), f"`steps` belongs to {_STEPS}, and only to it", "name steps and their days, or remove the field")
