"""Fires when a counter of the account crosses a mark."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from plays.problem import Problem
from plays.rules.detectors.parameters import Parameters
from plays.rules.matcher import EventMatch

Marks = Annotated[tuple[Annotated[float, Field(gt=0)], ...], Field(min_length=1, max_length=50)]


class AchievementParameters(Parameters):
    """A `usage.counter` rises to or above a mark of its name. The first value that came opens the counter and crosses nothing,
    nor does what it says of its opening balance; a value that is late or lower than before crosses nothing either.

    Each event that crosses is an episode, for the highest mark it crosses.
    """

    by_segment = frozenset({"marks"})

    kind: Literal["achievement"]
    marks: Annotated[dict[str, Marks], Field(min_length=1, max_length=50)]

    def matchers(self) -> tuple[EventMatch, ...]:
        return (EventMatch(type="usage.counter"),)

    def problems(self) -> Iterator[Problem]:
        for counter, marks in self.marks.items():
            if list(marks) != sorted(set(marks)):
                yield Problem(("marks", counter), "the marks do not rise", "write them from the lowest to the highest, each once")
