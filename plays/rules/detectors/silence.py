"""Fires when nothing was heard of something for a while."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from plays.problem import Problem
from plays.rules.amounts import Days, Share
from plays.rules.detectors.parameters import Parameters
from plays.rules.silences import SILENCES

Role = Literal["champion", "decision_maker", "executive_sponsor", "team_lead", "technical_admin", "user", "other"]
Grade = Literal["high", "medium", "low"]


class SilenceParameters(Parameters):
    """`days` x 24 h after what `of` names was last heard, per subject; heard again, the next silence is another episode.

    With `rhythm`, at least that many times the median gap between the subject's own last occasions, where three are known.
    Silences of people: `roles` says of whom, `by_influence` sets other days by influence. `times`: how many occasions, where they
    are counted. `meetings`: days by kind of meeting, where each kind has its own.
    """

    by_segment = frozenset({"days", "rhythm", "roles", "by_influence", "times", "meetings"})

    kind: Literal["silence"]
    of: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    days: Days
    rhythm: Share | None = None
    roles: tuple[Role, ...] = ()
    by_influence: Annotated[dict[Grade, Days], Field(default_factory=dict)]
    times: Annotated[int, Field(ge=1, le=10)] | None = None
    meetings: Annotated[dict[str, Days], Field(default_factory=dict)]

    def problems(self) -> Iterator[Problem]:
        if self.of not in SILENCES:
            yield Problem(("of",), f"no silence {self.of!r}", f"use one of {', '.join(sorted(SILENCES))}")
            return
        takes = SILENCES[self.of].takes
        for name in ("roles", "by_influence", "times", "meetings"):
            if getattr(self, name) and name not in takes:
                yield Problem((name,), f"{self.of} has no use for `{name}`", "remove it")
        for name in ("roles", "times", "meetings"):
            if name in takes and not getattr(self, name):
                yield Problem((name,), f"{self.of} needs `{name}`", "state it")
