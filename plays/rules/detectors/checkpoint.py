"""Fires when a renewal comes near and nobody is confident of it."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from plays.problem import Problem
from plays.rules.detectors.parameters import Parameters


class CheckpointParameters(Parameters):
    """The window [renewal date - from_days, renewal date - until_days) in account-local days. Judged at its start, and
    whenever the stated confidence becomes one of `confidence` inside it; once per window.
    """

    by_segment = frozenset({"from_days", "until_days", "confidence"})

    kind: Literal["checkpoint"]
    from_days: Annotated[int, Field(ge=1, le=1000)]
    until_days: Annotated[int, Field(ge=0, le=1000)]
    confidence: Annotated[tuple[Literal["low", "medium", "high", "other"], ...], Field(min_length=1)] = ("low",)

    def problems(self) -> Iterator[Problem]:
        if self.until_days >= self.from_days:
            yield Problem(("until_days",), "the window ends before it begins", "make `until_days` smaller than `from_days`")
