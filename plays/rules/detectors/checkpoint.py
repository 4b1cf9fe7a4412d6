"""Fires when a renewal comes near, or when one does and there is doubt."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from plays.problem import Problem
from plays.rules.detectors.parameters import Parameters
from plays.rules.matcher import EventMatch
from plays.rules.parts import Part, part_matchers, part_problems


class CheckpointParameters(Parameters):
    """The window [renewal date - from_days, renewal date - until_days) in account-local days; once per window, which a moved
    date opens anew. With `stated_only` `any_of` is left out of account: what people say of the renewal is all that counts.

    Fires in it as soon as the stated confidence is one of `confidence`, or one of the parts of `any_of` holds. Where neither is
    given it fires at the start of the window, or when the contract is loaded inside it.

    `quiet_from_days`: and only if no inbound mail or meeting of anybody at the customer came since that many days before the
    renewal; that nothing came has to be believed, like any silence.
    """

    by_segment = frozenset({"from_days", "until_days", "confidence", "stated_only", "quiet_from_days"})

    kind: Literal["checkpoint"]
    from_days: Annotated[int, Field(ge=1, le=1000)]
    until_days: Annotated[int, Field(ge=0, le=1000)]
    confidence: tuple[Literal["low", "medium", "high", "other"], ...] = ()
    any_of: Annotated[tuple[Part, ...], Field(max_length=8)] = ()
    stated_only: bool = False
    quiet_from_days: Annotated[int, Field(ge=1, le=1000)] | None = None

    def matchers(self) -> tuple[EventMatch, ...]:
        return part_matchers(self.any_of)

    def fixed(self) -> object:
        return self.matchers(), self.quiet_from_days is None

    def least_hold(self) -> tuple[int, str] | None:
        """A plain reminder is over with the renewal; doubt may be gone, and a silence broken, before."""
        if self.confidence or self.any_of or self.quiet_from_days is not None:
            return None
        return self.from_days + 1, f"it fires up to {self.from_days} days before the renewal that ends it"

    def problems(self) -> Iterator[Problem]:
        yield from part_problems("any_of", self.any_of)
        if self.stated_only and not self.confidence:
            yield Problem(("stated_only",), "nothing stated would make it fire", "give `confidence`, or remove `stated_only`")
        if self.until_days >= self.from_days:
            yield Problem(("until_days",), "the window ends before it begins", "make `until_days` smaller than `from_days`")
        if self.quiet_from_days is not None and self.quiet_from_days <= self.from_days:
            what = "the quiet begins no earlier than the window, so that nobody could have answered"
            yield Problem(("quiet_from_days",), what, "make `quiet_from_days` larger than `from_days`")
