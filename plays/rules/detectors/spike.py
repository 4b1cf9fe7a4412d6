"""Fires when a week has unusually many events of one kind."""

from typing import Annotated, Literal

from pydantic import Field

from plays.rules.amounts import Share
from plays.rules.detectors.parameters import Parameters
from plays.rules.matcher import EventMatch


class SpikeParameters(Parameters):
    """Seven local days ending with the day of the event, against the median of up to `weeks` weeks before:
    n >= max(at_least, times x median).

    Unless `exact`, the week must also be unlikely under the account's own past: P(X >= n) <= `probability` for a Poisson count
    with the mean of those weeks, at least `least_mean` (the exact one-sided test of a Poisson count; Przyborowski and Wilenski,
    Biometrika 31, 1940). Weekdays do not matter, every week has each once.

    History: only whole weeks since the account's first known day count; without any, the median is 0 and the mean `least_mean`.
    A past that was not recorded, as under a rule that is new, is waited for.
    """

    by_segment = frozenset({"at_least", "times", "weeks", "probability", "least_mean", "exact"})

    kind: Literal["spike"]
    of: EventMatch
    at_least: Annotated[int, Field(ge=1)]
    times: Share
    weeks: Annotated[int, Field(ge=1, le=12)] = 8
    probability: Annotated[float, Field(gt=0, lt=1)] = 0.01
    least_mean: Annotated[float, Field(gt=0)] = 0.25
    exact: bool = False

    def matchers(self) -> tuple[EventMatch, ...]:
        return (self.of,)

    def least_hold(self) -> tuple[int, str] | None:
        return 7, "the week that shows whether it is over begins with the day it fires"
