"""Fires when something has not happened some days after a beginning."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from plays.problem import Problem
from plays.rules.detectors.parameters import Parameters
from plays.rules.matcher import EventMatch


class AbsenceParameters(Parameters):
    """Judged at the close of local day `days` (day 0 is that of `since`), unless one of the `unless` events has its time in
    [day 0 - days_before, close), or what `unless_signal` names has happened by then.

    `since`: `account_created`; `handoff` (the first contract start while none is known); `contract_start`.
    `unless_signal`: `activity` is a login or human usage; `feature_activated` asks it of each key feature (subject feature).
    """

    by_segment = frozenset({"days", "days_before"})

    kind: Literal["absence"]
    since: Literal["account_created", "handoff", "contract_start"]
    days: Annotated[int, Field(ge=1, le=400)]
    unless: tuple[EventMatch, ...] = ()
    unless_signal: Literal["activity", "feature_activated"] | None = None
    days_before: Annotated[int, Field(ge=0, le=400)] = 0

    def matchers(self) -> tuple[EventMatch, ...]:
        return self.unless

    def problems(self) -> Iterator[Problem]:
        if bool(self.unless) == (self.unless_signal is not None):
            yield Problem((), "say what must not have happened, in one way", "give either `unless` or `unless_signal`")
