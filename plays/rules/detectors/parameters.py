"""What the parameters of every detector have in common."""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from plays.problem import Problem
from plays.rules.matcher import EventMatch


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

    def problems(self) -> Iterator[Problem]:
        """What is wrong although each field by itself is right; locations relative to `detector`."""
        yield from ()
