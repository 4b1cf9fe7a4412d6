"""Fires when a week has unusually many events of one kind."""

from typing import Annotated, Literal

from pydantic import Field

from plays.rules.amounts import Share
from plays.rules.detectors.parameters import Parameters
from plays.rules.matcher import EventMatch


class SpikeParameters(Parameters):
    """Seven local days ending with the day of the event, against the median of up to `weeks` weeks before.

    n >= max(at_least, times x median) and Poisson tail P(X >= n | max(least_mean, mean)) <= probability.
    """

    by_segment = frozenset({"at_least", "times", "weeks", "probability", "least_mean"})

    kind: Literal["spike"]
    of: EventMatch
    at_least: Annotated[int, Field(ge=1)]
    times: Share
    weeks: Annotated[int, Field(ge=1, le=12)] = 8
    probability: Annotated[float, Field(gt=0, lt=1)] = 0.01
    least_mean: Annotated[float, Field(gt=0)] = 0.25

    def matchers(self) -> tuple[EventMatch, ...]:
        return (self.of,)
