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
    `floor`. `month_over_month`: the mean week of the last four at or below `ratio` x that of the four before, which must reach
    `floor`. Each at `closes` day closes running. An episode ends once the measure is back at `rearm` x the baseline it fired on
    (of a month: the mean of four weeks).

    Unless `exact`, the fall must also be unlikely under the account's own past: `z_min` standard errors below what its past
    weeks and the calendar (weekdays, public holidays, closures of the policy) let expect, by the prediction interval of
    quasi-Poisson counts; formula and sources in `streams.signals.statistics`. 2.58 is exceeded by chance in 0.5 % of weeks.

    History: nothing is judged before fourteen days of usage are known, a month not before eight weeks. Below four whole weeks
    of past, events count as twice as variable as Poisson counts, people as varying like them. Without one whole week of
    past, no fall is unlikely. The median of two_weeks counts weeks before the first usage as empty.
    """

    by_segment = frozenset({"measure", "shape", "ratio", "floor", "rearm", "z_min", "exact", "closes"})

    kind: Literal["drop"]
    measure: Literal["usage_events", "active_users"]
    shape: Literal["week_over_week", "two_weeks", "month_over_month"]
    ratio: Share
    floor: Annotated[int, Field(ge=1)]
    rearm: Share
    z_min: Annotated[float, Field(gt=0, le=10)] = 2.58
    exact: bool = False
    closes: Annotated[int, Field(ge=1, le=30)] = 1

    def problems(self) -> Iterator[Problem]:
        if self.ratio >= 1:
            yield Problem(("ratio",), "a ratio of 1 or more is no drop", "use a share below 1")
        if self.rearm <= self.ratio:
            yield Problem(("rearm",), "the rule would re-arm where it fires", "make `rearm` larger than `ratio`")
