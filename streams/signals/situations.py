"""What a rule may require of an account besides its segment."""

from collections.abc import Callable, Mapping

from plays.rules.rule import Situation
from streams.processing.account import Profile


def has_plan(profile: Profile, at_ms: int) -> bool:
    """A success plan was created or updated before `at_ms`."""
    return profile.plan_ms is not None and profile.plan_ms < at_ms


def is_onboarding(profile: Profile, at_ms: int) -> bool:
    """The account was created or handed off before `at_ms`, and onboarding was not completed before it."""
    began = [at for at in (profile.created_ms, profile.handoff_ms) if at is not None]
    completed = profile.onboarding_completed_ms
    return bool(began) and min(began) < at_ms and (completed is None or completed >= at_ms)


SITUATIONS: Mapping[Situation, Callable[[Profile, int], bool]] = {"plan": has_plan, "onboarding": is_onboarding}
