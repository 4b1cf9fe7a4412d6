"""Takes account events into what is known about the account."""

from collections.abc import Callable, Mapping

from plays.roster.languages import spoken
from schemas.events.event import Event
from streams.processing.account import PROFILE, Profile
from streams.processing.cells import Cells

_STATED = (
    "name", "timezone", "industry", "region", "tier", "plan_type", "touch_model", "strategic", "acv", "mrr", "seats",
    "csm", "account_executive", "executive_sponsor", "key_features", "languages",
)  # fmt: skip
_LISTS: Mapping[str, Callable[[list[str]], list[str]]] = {"key_features": list, "languages": spoken}
_PEOPLE = ("csm", "account_executive")


def fold_account(cells: Cells, event: Event) -> None:
    """account.created, account.updated, account.handoff, onboarding.completed, plan.*, subscription.*: what they state
    replaces what was.
    """
    profile, data = cells.edit(PROFILE), event.data
    if event.type in ("account.created", "account.updated"):
        _state(profile, event)
        if event.type == "account.created":
            profile.created_ms = event.time_ms if profile.created_ms is None else min(profile.created_ms, event.time_ms)
    elif event.type == "account.handoff":
        for name in _PEOPLE:
            if name in data:
                setattr(profile, name, data[name])
        profile.handoff_ms = event.time_ms if profile.handoff_ms is None else max(profile.handoff_ms, event.time_ms)
    elif event.type == "onboarding.completed":
        if profile.onboarding_completed_ms is None:
            profile.onboarding_completed_ms = event.time_ms
    elif event.type in ("plan.created", "plan.updated"):
        profile.plan_ms = event.time_ms if profile.plan_ms is None else min(profile.plan_ms, event.time_ms)
    else:
        for name in ("seats", "mrr"):
            if name in data:
                setattr(profile, name, data[name])


def churn(profile: Profile, at_ms: int) -> None:
    """The relation ends: who the customer is stays known, the course of the relation does not."""
    profile.churned_ms = at_ms
    profile.created_ms = profile.handoff_ms = profile.first_contract_start_day = profile.onboarding_completed_ms = None
    profile.known_ms = profile.contract_acv = profile.contract_acv_ms = profile.plan_ms = profile.first_contract_known_ms = None


def _state(profile: Profile, event: Event) -> None:
    for name in _STATED:
        value = event.data.get(name)
        if value is not None:
            setattr(profile, name, value if name not in _LISTS else _LISTS[name](value))
