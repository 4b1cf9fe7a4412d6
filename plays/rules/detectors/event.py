"""Fires on an event itself, or because another rule fired."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from plays.problem import Problem
from plays.rules.amounts import Days
from plays.rules.detectors.parameters import Parameters
from plays.rules.matcher import EventMatch
from plays.rules.parts import Part, part_matchers, part_problems, part_shape

FIRST_OF = frozenset({"feature.activated"})
"""Types of which an account's first event is noted, whatever rules there are."""


class EventParameters(Parameters):
    """Each event in `on` is an episode; with `ended_by`, a subject that is open stays one episode until such an event, or for
    `lasts` days of 24 hours where that is shorter. Events that do not name the subject are of no rule, with `else_account` they
    are about the account.

    `also`: conditions that must hold at that moment. `first`: of its type the account's first one only, where we know
    the account since it was created. `on_rules`: a trigger of one of these rules is an episode, its own one; with
    `ends_with_source` it is over when the one that brought it up is.
    """

    by_segment = frozenset({"also"})

    kind: Literal["event"]
    on: tuple[EventMatch, ...] = ()
    on_rules: tuple[Annotated[str, Field(pattern=r"^[A-Z]{1,3}[0-9]{1,3}$")], ...] = ()
    ended_by: tuple[EventMatch, ...] = ()
    lasts: Days | None = None
    else_account: bool = False
    also: tuple[Part, ...] = ()
    first: bool = False
    ends_with_source: bool = False

    def matchers(self) -> tuple[EventMatch, ...]:
        return self.on + self.ended_by + part_matchers(self.also)

    def sources(self) -> tuple[str, ...]:
        return self.on_rules

    def fixed(self) -> object:
        return self.first, self.on, self.on_rules, self.ended_by, part_shape(self.also)

    def least_hold(self) -> tuple[int, str] | None:
        return None if self.lasts is None else (self.lasts, f"it lasts {self.lasts} days")

    def problems(self) -> Iterator[Problem]:
        if not self.on and not self.on_rules:
            yield Problem(("on",), "nothing makes it fire", "give `on` or `on_rules`")
        if self.lasts is not None and not self.ended_by:
            yield Problem(("lasts",), "each event is an episode of its own", "give `ended_by`, or remove `lasts`")
        if self.ends_with_source and not self.on_rules:
            yield Problem(("ends_with_source",), "no other rule brings its episodes up", "give `on_rules`, or remove `ends_with_source`")
        if self.first and not {match.type for match in self.on} <= FIRST_OF:
            yield Problem(("first",), "nobody notes the first of these events", f"it may be of {', '.join(sorted(FIRST_OF))}")
        if self.first and any(match.where for match in self.on):
            yield Problem(("first",), "the first is the first of its type, whatever its fields", "remove `where`, or `first`")
        yield from part_problems("also", self.also)
