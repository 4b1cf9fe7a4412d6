"""Fires when a known attribute changes away from what it was."""

from collections.abc import Iterator
from typing import Literal

from plays.problem import Problem
from plays.rules.amounts import Share
from plays.rules.detectors.parameters import Parameters
from plays.rules.matcher import EventMatch

_TYPES = {
    "contact_role": ("contact.left", "contact.role_changed"),
    "contact_leave": ("contact.leave",),
    "contact_profile": ("contact.profile_changed",),
    "seats": ("subscription.changed",),
    "mrr": ("subscription.changed",),
    "contract": ("subscription.changed", "contraction.signal"),
}


class ChangeParameters(Parameters):
    """`contact_role`: a contact with a role of `away_from` leaves or gets another role.

    `contact_leave`: the only contact with a role of `away_from` who would be there goes on leave; `contact_profile`: a contact's
    employer or title is another than was known.

    `seats`, `mrr`: subscription.changed takes the figure to at most `ratio` x what it was before. `contract`: it lowers either,
    or takes the plan to one that stands earlier in `plans` (a plan that is not there is neither higher nor lower), or
    contraction.signal says that the customer may buy less; all that one event says is one trigger.
    """

    by_segment = frozenset({"away_from", "ratio", "plans"})

    kind: Literal["change"]
    attribute: Literal["contact_role", "contact_leave", "contact_profile", "seats", "mrr", "contract"]
    away_from: tuple[str, ...] = ()
    ratio: Share | None = None
    plans: tuple[str, ...] = ()

    def matchers(self) -> tuple[EventMatch, ...]:
        return tuple(EventMatch(type=name) for name in _TYPES[self.attribute])

    def problems(self) -> Iterator[Problem]:
        if (self.attribute in ("contact_role", "contact_leave")) != bool(self.away_from):
            what = "`away_from` belongs to contact_role and contact_leave, and only to them"
            yield Problem(("away_from",), what, "list the roles, or remove the field")
        figure = self.attribute in ("seats", "mrr")
        if figure == (self.ratio is None) or (self.ratio is not None and self.ratio >= 1):
            yield Problem(("ratio",), "`ratio` (below 1) belongs to seats and mrr, and only to them", "give a share below 1, or remove it")
        if self.plans and self.attribute != "contract":
            yield Problem(("plans",), "`plans` belongs to contract, and only to it", "remove the field")
        if len({plan.lower() for plan in self.plans}) != len(self.plans):
            yield Problem(("plans",), "a plan stands at two places", "name each plan once, the smallest first")
