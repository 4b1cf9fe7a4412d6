"""Measures of how the product is used."""

from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.measures.measure import Measure, Reading


def _active_users_7d(context: Context, close: DayClose) -> Reading:  # noqa: ARG001 days are what counts
    return Reading(close.users(close.day))


MEASURES = (Measure("active_users_7d", _active_users_7d, daily=True),)
