"""What a rule may require of an account besides its segment."""

from collections.abc import Callable, Mapping

from plays.rules.rule import Situation
from streams.processing.account import Profile
from streams.signals.calendar import DAY_MS

_SETTLED_MS = 30 * DAY_MS


def has_plan(profile: Profile, at_ms: int) -> bool:
    """A success plan was created or updated before `at_ms`."""
    return profile.plan_ms is not None and profile.plan_ms < at_ms


def is_onboarding(profile: Profile, at_ms: int) -> bool:
    """The account was created or handed off before `at_ms`, and onboarding was not completed before it."""
    began, completed = _begun(profile), profile.onboarding_completed_ms
    return bool(began) and min(began) < at_ms and (completed is None or completed >= at_ms)


def is_onboarded(profile: Profile, at_ms: int) -> bool:
    """Onboarding was completed before `at_ms`; of an account whose beginning nobody told us, it has been known for 30 days."""
    if profile.onboarding_completed_ms is not None:
        return profile.onboarding_completed_ms < at_ms
    return not _begun(profile) and profile.known_ms is not None and profile.known_ms <= at_ms - _SETTLED_MS


def _begun(profile: Profile) -> list[int]:
    return [at for at in (profile.created_ms, profile.handoff_ms) if at is not None]


SITUATIONS: Mapping[Situation, Callable[[Profile, int], bool]] = {
    "plan": has_plan,
    "onboarding": is_onboarding,
    "onboarded": is_onboarded,
}
