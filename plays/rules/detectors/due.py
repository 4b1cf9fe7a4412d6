"""Fires when a date of an item comes, or is past, and the item is still open."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from plays.problem import Problem
from plays.rules.detectors.parameters import Parameters
from plays.rules.matcher import EventMatch


class DueParameters(Parameters):
    """The item (the rule's subject) is opened by an event of `opened_by` whose field `date` is a day.

    `days_after` n: at the close of day date + n; the episode begins after the date. `days_before` n: at local midnight of day
    date - n, which is also the episode. Unless an event of `ended_by` came; an event of `at_once` fires without waiting.
    """

    by_segment = frozenset({"days_after", "days_before"})

    kind: Literal["due"]
    opened_by: Annotated[tuple[EventMatch, ...], Field(min_length=1)]
    date: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    days_after: Annotated[int, Field(ge=0, le=400)] | None = None
    days_before: Annotated[int, Field(ge=0, le=400)] | None = None
    ended_by: tuple[EventMatch, ...] = ()
    at_once: tuple[EventMatch, ...] = ()

    def matchers(self) -> tuple[EventMatch, ...]:
        return self.opened_by + self.ended_by + self.at_once

    def problems(self) -> Iterator[Problem]:
        if (self.days_after is None) == (self.days_before is None):
            yield Problem((), "the moment must be given in one way", "give either `days_after` or `days_before`")
