"""Fires when the first of several conditions becomes true."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from plays.problem import Problem
from plays.rules.detectors.parameters import Parameters
from plays.rules.matcher import EventMatch
from plays.rules.parts import Part, part_matchers, part_problems, part_shape


class AnyOfParameters(Parameters):
    """One of the parts holds: judged at events that may change a part, and at day closes where a measure goes by days.

    The episode begins at that moment and ends with the first judgement at which none holds.
    """

    by_segment = frozenset({"parts"})

    kind: Literal["any_of"]
    parts: Annotated[tuple[Part, ...], Field(min_length=2, max_length=8)]

    def matchers(self) -> tuple[EventMatch, ...]:
        return part_matchers(self.parts)

    def fixed(self) -> object:
        return part_shape(self.parts)

    def problems(self) -> Iterator[Problem]:
        yield from part_problems("parts", self.parts)
