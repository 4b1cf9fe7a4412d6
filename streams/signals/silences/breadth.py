"""How many people the relation rests on, and since when they are too few."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter

from plays.rules.detectors.silence import SilenceParameters
from schemas.records.trigger import Scalar
from streams.processing.account import CONTACTS, Contact
from streams.signals.context import Context
from streams.signals.detector import topics_of
from streams.signals.facts.contacts import STAKEHOLDERS
from streams.signals.facts.registry import CONTACT_TYPES
from streams.signals.silences.last import Last, Silence

_ROLES_AT_LEAST = 2

Change = tuple[int, int, str]
"""When, +1 came or -1 went, in which role."""


def _breadth(context: Context, parameters: SilenceParameters) -> Iterable[Last]:
    """Silent while nobody at all is known: that says something of our CRM, not of the customer."""
    known_ms, people, at_least = context.profile.known_ms, context.cells[CONTACTS].people, parameters.times or 1
    if known_ms is None or not people:
        return
    began_ms = narrow_since(people.values(), at_least)
    if began_ms is not None:
        roles = sorted({one.role for one in people.values() if one.left_ms is None and one.role in STAKEHOLDERS})
        count = sum(one.left_ms is None and one.role in STAKEHOLDERS for one in people.values())
        what = f"fewer than {at_least} active stakeholders" if count < at_least else f"all {count} stakeholders in one role"
        facts: dict[str, Scalar] = {"stakeholders": count, "roles": ", ".join(roles)}
        yield Last(context.cells.account_id, max(began_ms, known_ms), facts=facts, what=what, told="since")


def narrow_since(people: Iterable[Contact], at_least: int) -> int | None:
    """Since when there are fewer than `at_least` stakeholders, or all in one role, event time in ms; None while there are enough.

    Walks back from the present over everybody's coming and going, as far as their present role and the one before tell it. Where it
    was never otherwise: since the first contact became known.
    """
    everybody = list(people)
    changes = sorted((change for one in everybody for change in _changes(one)), reverse=True)
    there: dict[str, int] = {}
    for _, step, role in changes:
        there[role] = there.get(role, 0) + step
    if _enough(there, at_least):
        return None
    for at_ms, together in groupby(changes, key=itemgetter(0)):
        for _, step, role in together:
            there[role] -= step
        if _enough(there, at_least):
            return int(at_ms)
    return min(one.known_ms or 0 for one in everybody)


def _enough(there: dict[str, int], at_least: int) -> bool:
    return sum(there.values()) >= at_least and sum(count > 0 for count in there.values()) >= _ROLES_AT_LEAST


def _changes(one: Contact) -> Iterator[Change]:
    came_ms, role_ms = one.known_ms or 0, one.role_ms or one.known_ms or 0
    if one.role_before in STAKEHOLDERS:
        yield came_ms, 1, one.role_before
        yield role_ms, -1, one.role_before
    if one.role in STAKEHOLDERS:
        yield role_ms, 1, one.role
        if one.left_ms is not None:
            yield max(one.left_ms, role_ms), -1, one.role


_TYPES = frozenset({*CONTACT_TYPES, "account.created", "account.updated", "account.reactivated"})

SILENCES = (Silence("breadth", "too few stakeholders", _breadth, _TYPES, topics_of(CONTACT_TYPES)),)
