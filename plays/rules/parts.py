"""Parts of a composite condition: a measure within bounds, or an event that came lately."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from plays.problem import Problem
from plays.rules.amounts import Days
from plays.rules.matcher import EventMatch
from plays.rules.measures import MEASURES

_BOUNDS = ("at_least", "above", "at_most", "below", "equals")


class Bound(BaseModel):
    """One bound of a figure, or a word (`equals: healthy`, `equals: true`). What is not known is never within it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    below: float | None = None
    equals: bool | str | None = None

    def problems(self) -> Iterator[Problem]:
        """What is wrong although each field by itself is right."""
        if sum(getattr(self, name) is not None for name in _BOUNDS) != 1:
            yield Problem((), "a measure needs one bound", f"give one of {', '.join(_BOUNDS)}")

    @property
    def bound(self) -> float | bool | str:
        """What the measure is held against."""
        found: float | bool | str = next(value for name in _BOUNDS if (value := getattr(self, name)) is not None)
        return found

    def holds(self, value: float | bool | str | None) -> bool:
        """Whether this value is within the bound."""
        if value is None:
            return False
        if self.equals is not None:
            return value == self.equals
        if isinstance(value, str):
            return False
        return (
            (self.at_least is None or value >= self.at_least)
            and (self.above is None or value > self.above)
            and (self.at_most is None or value <= self.at_most)
            and (self.below is None or value < self.below)
        )


class MeasurePart(Bound):
    """A measure of the account within a bound."""

    measure: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]

    def problems(self) -> Iterator[Problem]:
        """What is wrong although each field by itself is right."""
        if self.measure not in MEASURES:
            yield Problem(("measure",), f"no measure {self.measure!r}", f"use one of {', '.join(sorted(MEASURES))}")
        yield from super().problems()


class EventPart(BaseModel):
    """An event of this kind within the last `within` days: (t - within, t]."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    event: EventMatch
    within: Days

    def problems(self) -> Iterator[Problem]:
        """What is wrong although each field by itself is right."""
        if self.within > 100:
            yield Problem(("within",), f"{self.within} days are more than events are kept", "use at most 100d")
        for problem in self.event.problems():
            yield Problem(("event", *problem.loc), problem.what, problem.fix)


Part = MeasurePart | EventPart


def part_problems(where: str, parts: tuple[Part, ...]) -> Iterator[Problem]:
    """Problems of the parts that stand in the field `where`."""
    for index, part in enumerate(parts):
        for problem in part.problems():
            yield Problem((where, index, *problem.loc), problem.what, problem.fix)


def part_shape(parts: tuple[Part, ...]) -> tuple[EventMatch | str, ...]:
    """What the parts look at, whatever their bounds: the same for all accounts."""
    return tuple(part.event if isinstance(part, EventPart) else part.measure for part in parts)


def part_matchers(parts: tuple[Part, ...]) -> tuple[EventMatch, ...]:
    """The events that parts speak of."""
    return tuple(part.event for part in parts if isinstance(part, EventPart))
