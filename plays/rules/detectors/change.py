"""Fires when a known attribute changes away from what it was."""

from collections.abc import Iterator
from typing import Literal

from plays.problem import Problem
from plays.rules.amounts import Share
from plays.rules.detectors.parameters import Parameters
from plays.rules.matcher import EventMatch


class ChangeParameters(Parameters):
    """`contact_role`: a contact with a role of `away_from` leaves or changes to a role outside it.

    `seats`, `mrr`: subscription.changed takes the figure to at most `ratio` x what it was before.
    """

    by_segment = frozenset({"away_from", "ratio"})

    kind: Literal["change"]
    attribute: Literal["contact_role", "seats", "mrr"]
    away_from: tuple[str, ...] = ()
    ratio: Share | None = None

    def matchers(self) -> tuple[EventMatch, ...]:
        types = ("contact.left", "contact.role_changed") if self.attribute == "contact_role" else ("subscription.changed",)
        return tuple(EventMatch(type=name) for name in types)

    def problems(self) -> Iterator[Problem]:
        roles = self.attribute == "contact_role"
        if roles != bool(self.away_from):
            yield Problem(("away_from",), "`away_from` belongs to contact_role, and only to it", "list the roles, or remove the field")
        if roles == (self.ratio is not None) or (self.ratio is not None and self.ratio >= 1):
            yield Problem(("ratio",), "`ratio` (below 1) belongs to seats and mrr, and only to them", "give a share below 1, or remove it")
