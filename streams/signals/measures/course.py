"""Measures of where the account is in its life."""

from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.measures.measure import Measure, Reading

_TYPES = frozenset({"account.created", "account.handoff", "onboarding.completed"})


def _onboarding_open(context: Context, close: DayClose) -> Reading:  # noqa: ARG001 no matter of days
    profile = context.profile
    begun = profile.created_ms is not None or profile.handoff_ms is not None
    return Reading(begun and profile.onboarding_completed_ms is None)


MEASURES = (Measure("onboarding_open", _onboarding_open, _TYPES),)
