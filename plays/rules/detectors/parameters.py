"""What the parameters of every detector have in common."""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from plays.problem import Problem
from plays.rules.matcher import EventMatch
from plays.rules.parts import Part, part_matchers, part_problems, part_shape


class Parameters(BaseModel):
    """Immutable, strict about names. The logic is in the file of the same name in `streams/signals/detectors`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    by_segment: ClassVar[frozenset[str]] = frozenset()
    """Figures that may differ by segment: those the logic asks `CompiledRule.parameters(path)` for, whenever it needs them."""

    def matchers(self) -> tuple[EventMatch, ...]:
        """The events the rule listens to, beyond what the accounts' own state is made of."""
        return ()

    def sources(self) -> tuple[str, ...]:
        """Ids of the rules whose triggers the rule listens to."""
        return ()

    def fixed(self) -> object:
        """What the logic takes from the parameters once, for all accounts: an override must leave it as it is."""
        return self.matchers()

    def least_hold(self) -> tuple[int, str] | None:
        """Days for which a rule must follow its episodes at least to see how one ends, and why; None where that may be at any time."""
        return None

    def problems(self) -> Iterator[Problem]:
        """What is wrong although each field by itself is right; locations relative to `detector`."""
        yield from ()


class CompositeParameters(Parameters):
    """Of the kinds that combine several conditions."""

    by_segment = frozenset({"parts"})

    parts: Annotated[tuple[Part, ...], Field(min_length=2, max_length=8)]

    def matchers(self) -> tuple[EventMatch, ...]:
        return part_matchers(self.parts)

    def fixed(self) -> object:
        return part_shape(self.parts)

    def problems(self) -> Iterator[Problem]:
        yield from part_problems("parts", self.parts)
