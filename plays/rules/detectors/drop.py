"""Fires when usage falls against the account's own past, judged at every day close."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from plays.problem import Problem
from plays.rules.amounts import Share
from plays.rules.detectors.parameters import Parameters


class DropParameters(Parameters):
    """`week_over_week`: the last seven complete days at or below `ratio` x the seven before, which must reach `floor`.

    `two_weeks`: the last two weeks each strictly below `ratio` x the median of the four weeks before them, which must reach
    `floor`. With `z_min` the fall must also be unlikely under the account's own variation (two-sample Poisson comparison with
    quasi-Poisson dispersion). An episode ends once the measure is back at `rearm` x the baseline it fired on.
    """

    by_segment = frozenset({"measure", "shape", "ratio", "floor", "z_min", "rearm"})

    kind: Literal["drop"]
    measure: Literal["usage_events", "active_users"]
    shape: Literal["week_over_week", "two_weeks"]
    ratio: Share
    floor: Annotated[int, Field(ge=1)]
    z_min: Annotated[float, Field(gt=0)] | None = None
    rearm: Share

    def problems(self) -> Iterator[Problem]:
        if self.ratio >= 1:
            yield Problem(("ratio",), "a ratio of 1 or more is no drop", "use a share below 1")
        if self.rearm <= self.ratio:
            yield Problem(("rearm",), "the rule would re-arm where it fires", "make `rearm` larger than `ratio`")
        if self.z_min is not None and (self.shape, self.measure) != ("week_over_week", "usage_events"):
            yield Problem(("z_min",), "the variation test is for usage events week over week only", "remove `z_min`")
