"""Whether what changed is again as it was, or made good: by what is known of the people and of what is paid for."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from plays.rules.detectors.change import ChangeParameters
from schemas.events.event import Event
from schemas.records.trigger import Scalar
from streams.processing.account import CONTACTS, Contact
from streams.signals.context import Context
from streams.signals.facts.engagement import ENGAGEMENT, INBOUND, NOBODY
from streams.signals.facts.registry import CONTACT_TYPES
from streams.signals.facts.subscriptions import FIGURES, SUBSCRIPTIONS
from streams.signals.standing import Memory, Over, Standing

_CONTRACT = ("contract.renewed", "contract.ended")
_PAID = ("subscription.started", "subscription.changed")

Changed = Callable[[Context, ChangeParameters, Standing, int, Event | None], Over | None]


def memory_of(attribute: str, facts: Mapping[str, Scalar], baseline: float | None) -> Memory:
    """What the end of a change is measured by: the role that is left, or the figures before."""
    if attribute == "contract":
        before = {name: facts[f"{name}_before"] for name in FIGURES if facts.get(f"{name}_before") is not None}
        return Memory(word=msgspec.json.encode(before).decode())
    role = facts.get("role")
    return Memory(level=baseline, word=role if isinstance(role, str) else "")


def _role(context: Context, parameters: ChangeParameters, one: Standing, at_ms: int, event: Event | None) -> Over | None:  # noqa: ARG001
    """Somebody got the role since."""
    return _successor(context, one)


def _leave(context: Context, parameters: ChangeParameters, one: Standing, at_ms: int, event: Event | None) -> Over | None:  # noqa: ARG001
    """They are back, or somebody else with the role is there."""
    people = context.cells[CONTACTS].people
    away = people.get(one.subject)
    if away is None or away.left_ms is not None or away.role != one.word:
        return Over("they do not have the role any more", expired=True)
    by_ms, at_ms = leave_ends(context, one), max(at_ms, one.episode_ms)
    if by_ms is not None and at_ms >= by_ms:
        return Over("they are back")
    begins = away.leave_from_day
    if begins is not None and context.cells[ENGAGEMENT].people.get(one.subject, NOBODY).heard_ms >= max(
        context.calendar.midnight(begins), one.episode_ms + 1
    ):
        return Over("they were heard again")
    for name, other in sorted(people.items()):
        if name != one.subject and other.role == one.word and there(other, at_ms + 1, begins):
            return Over(f"{other.name or name} has the role too")
    return None


def leave_ends(context: Context, one: Standing) -> int | None:
    """When a leave that has an end is over."""
    away = context.cells[CONTACTS].people.get(one.subject)
    return None if away is None or away.leave_until_day is None else context.calendar.close(away.leave_until_day)


def _profile(context: Context, parameters: ChangeParameters, one: Standing, at_ms: int, event: Event | None) -> Over | None:  # noqa: ARG001
    """We were in contact with them since, or somebody new has their role."""
    contact = context.cells[CONTACTS].people.get(one.subject)
    if contact is not None and contact.left_ms is not None:
        return Over("they have left", expired=True)
    if context.cells[ENGAGEMENT].people.get(one.subject, NOBODY).contact_ms > one.episode_ms:
        return Over("somebody of ours was in contact with them")
    return _successor(context, one, but=one.subject) if one.word else None


def _successor(context: Context, one: Standing, but: str | None = None) -> Over | None:
    for name, other in sorted(context.cells[CONTACTS].people.items()):
        if name != but and other.role == one.word and other.left_ms is None and (other.role_ms or -1) >= one.episode_ms:
            return Over(f"{other.name or name} is {one.word} now")
    return None


def _contract(context: Context, parameters: ChangeParameters, one: Standing, at_ms: int, event: Event | None) -> Over | None:  # noqa: ARG001
    """All that was lowered is back, or the contract is renewed or at its end."""
    if event is not None and event.type in _CONTRACT and event.time_ms > one.episode_ms:
        if one.subject in (event.data["contract_id"], context.cells.account_id):
            return Over(f"the contract is {event.type.partition('.')[2]}")
        return None
    before: dict[str, Any] = msgspec.json.decode(one.word or "{}")
    plans = [plan.lower() for plan in parameters.plans]
    known = [(was, now) for name, was in before.items() if (now := _paid(context, one.subject, name)) is not None]
    if before and len(known) == len(before) and not any(is_lower(plans, now, was) for was, now in known):
        return Over("it is back where it was")
    return None


def _figure(context: Context, parameters: ChangeParameters, one: Standing, at_ms: int, event: Event | None) -> Over | None:  # noqa: ARG001
    """The figure is back at what it was."""
    of_account = one.kind == "account"
    profile = context.profile
    now = (
        (profile.seats if parameters.attribute == "seats" else profile.mrr)
        if of_account
        else _paid(context, one.subject, parameters.attribute)
    )
    return Over("it is back where it was") if now is not None and one.level is not None and now >= one.level else None


def _paid(context: Context, contract_id: str, name: str) -> Any:
    known = context.cells[SUBSCRIPTIONS].by_contract
    found = known.get(contract_id) or known.get("")
    return None if found is None else getattr(found, name)


def is_lower(plans: list[str], now: Any, before: Any) -> bool:
    """A figure, or a plan that stands earlier among `plans`; one that is not there is neither lower nor higher."""
    if not isinstance(now, str):
        return bool(now < before)
    return now.lower() in plans and before.lower() in plans and plans.index(now.lower()) < plans.index(before.lower())


def there(contact: Contact, at_ms: int, day: int | None = None) -> bool:
    """At the customer just before an instant, and as far as was known then not on leave on a day. Of events of the same instant
    none is before the other.
    """
    if (contact.left_ms is not None and contact.left_ms < at_ms) or (contact.known_ms is not None and contact.known_ms >= at_ms):
        return False
    told, begins, until = contact.leave_told_ms, contact.leave_from_day, contact.leave_until_day
    if day is None or told is None or told >= at_ms or begins is None:
        return True
    return day < begins or (until is not None and until < day)


BACK: Mapping[str, tuple[Changed, frozenset[str]]] = {
    "contact_role": (_role, frozenset(CONTACT_TYPES)),
    "contact_leave": (_leave, frozenset({*CONTACT_TYPES, *INBOUND})),
    "contact_profile": (_profile, frozenset({*CONTACT_TYPES, *INBOUND, "touch.logged"})),
    "contract": (_contract, frozenset({*_PAID, *_CONTRACT})),
    "seats": (_figure, frozenset({*_PAID, "account.updated"})),
    "mrr": (_figure, frozenset({*_PAID, "account.updated"})),
}
"""By attribute of a change: what ends it, and the events after which that is asked."""
