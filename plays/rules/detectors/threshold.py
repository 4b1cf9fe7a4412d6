"""Fires when a weekly measure stays below a level, judged at every day close."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from plays.problem import Problem
from plays.rules.amounts import Share
from plays.rules.detectors.parameters import Parameters


class ThresholdParameters(Parameters):
    """Distinct active users of seven days strictly below `share_of_seats` x paid seats (`absolute` where seats are unknown)
    at `closes` closes running, not before local day `from_day` of the account (its creation, else first known day, is day 0).

    Re-arms once the measure was at or above `rearm` x the level for `rearm_days` closes running. The rule's cooldown is the
    least time between two triggers. Unless `exact`, a close counts neither way while three or more of the seven days were
    working days (Monday to Friday) on which the account was closed (public holidays, closures of the policy).

    An account without any history of usage has no active users; one of unknown beginning is not judged.
    """

    by_segment = frozenset({"share_of_seats", "absolute", "closes", "from_day", "rearm", "rearm_days", "exact"})

    kind: Literal["threshold"]
    measure: Literal["active_users"]
    share_of_seats: Share
    absolute: Annotated[int, Field(ge=1)]
    closes: Annotated[int, Field(ge=1, le=30)] = 2
    from_day: Annotated[int, Field(ge=0, le=1000)] = 30
    rearm: Share
    rearm_days: Annotated[int, Field(ge=1, le=60)] = 7
    exact: bool = False

    def least_hold(self) -> tuple[int, str] | None:
        return self.rearm_days, f"it is over after {self.rearm_days} days at the level"

    def problems(self) -> Iterator[Problem]:
        if self.rearm < 1:
            yield Problem(("rearm",), "the rule would re-arm where it fires", "use a share of 1 or more")
