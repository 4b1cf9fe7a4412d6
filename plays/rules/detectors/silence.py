"""Fires when nothing was heard of something for a while."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from plays.problem import Problem
from plays.rules.amounts import Days, Share
from plays.rules.detectors.parameters import Parameters
from plays.rules.silences import SILENCES


class SilenceParameters(Parameters):
    """`days` x 24 h after what `of` names was last heard, per subject; heard again, the next silence is another episode.

    With `rhythm`, at least that many times the median gap between the subject's own last occasions, where three are known.
    """

    by_segment = frozenset({"days", "rhythm"})

    kind: Literal["silence"]
    of: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    days: Days
    rhythm: Share | None = None

    def problems(self) -> Iterator[Problem]:
        if self.of not in SILENCES:
            yield Problem(("of",), f"no silence {self.of!r}", f"use one of {', '.join(sorted(SILENCES))}")
