"""Measures of where the account is in its life."""

from streams.signals.calendar import day_name, months_between
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.measures.measure import UNKNOWN, Measure, Reading

_TYPES = frozenset({"account.created", "account.handoff", "onboarding.completed"})


def _onboarding_open(context: Context, close: DayClose) -> Reading:  # noqa: ARG001 no matter of days
    profile = context.profile
    begun = profile.created_ms is not None or profile.handoff_ms is not None
    return Reading(begun and profile.onboarding_completed_ms is None)


def _tenure_months(context: Context, close: DayClose) -> Reading:
    start = context.profile.first_contract_start_day
    if start is None:
        return UNKNOWN
    return Reading(max(0, months_between(start, close.day + 1)), {"first_contract_start": day_name(start)})


MEASURES = (
    Measure("onboarding_open", _onboarding_open, _TYPES),
    Measure("tenure_months", _tenure_months, frozenset({"contract.started"}), daily=True),
)
