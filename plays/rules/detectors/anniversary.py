"""Fires at a time of the relation: so long after it began, every so often, so long before a renewal, at a month's end."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from plays.problem import Problem
from plays.rules.amounts import Days, Length
from plays.rules.detectors.parameters import Parameters


class AnniversaryParameters(Parameters):
    """Moments of the account, in account-local days since day 0, the day on which the relation began by `since`.

    `at`: at the first instant of these days (`30d` is day 30, `2y` the same date two years on), or with `at_close` when the day
    is over. `every`: again and again. `days_before_renewal`: so many days before the renewal date of a contract. A date that a
    month does not have is the last day of the month: February 29 becomes February 28. Each moment is an episode. What was past
    when we first heard of it is nobody's; a new rule speaks of moments of the last `late` days only.

    `milestones`: where the plan has milestones of one of these kinds, the first instants of the days on which they are due take
    the place of `at` and `every`, each for the milestone as subject; one that is completed by then is over.

    `since: month_end`: when a month of the account is over in which `value.measured` told a result above `above` (of `metrics`,
    or of any metric); where it is told only in the month that follows, then. One trigger a month.
    """

    by_segment = frozenset({"at", "every", "days_before_renewal", "at_close", "milestones", "metrics", "above", "late"})

    kind: Literal["anniversary"]
    since: Literal["first_contract_start", "account_created", "handoff", "month_end"]
    at: Annotated[tuple[Length, ...], Field(max_length=20)] = ()
    every: Length | None = None
    days_before_renewal: tuple[Annotated[int, Field(ge=1, le=1000)], ...] = ()
    at_close: bool = False
    milestones: Annotated[tuple[str, ...], Field(max_length=20)] = ()
    metrics: Annotated[tuple[str, ...], Field(max_length=20)] = ()
    above: float = 0
    late: Days = 14

    def fixed(self) -> object:
        return self.since, bool(self.days_before_renewal), bool(self.milestones)

    def problems(self) -> Iterator[Problem]:
        if self.since == "month_end":
            if self.at or self.every or self.days_before_renewal or self.at_close or self.milestones:
                yield Problem(("since",), "a month's end is the moment itself", "remove the other moments")
            return
        if self.metrics or self.above:
            yield Problem(("since",), "results are of months", "use `since: month_end`, or remove `metrics` and `above`")
        if not self.at and self.every is None and not self.days_before_renewal:
            yield Problem((), "no moment is named", "give `at`, `every` or `days_before_renewal`")
