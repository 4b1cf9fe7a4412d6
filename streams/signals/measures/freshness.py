"""Measures of how fresh the account's data is."""

from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.facts.freshness import FRESHNESS
from streams.signals.measures.measure import UNKNOWN, Measure, Reading


def _data_refreshed_days(context: Context, close: DayClose) -> Reading:
    last = context.cells[FRESHNESS].last
    if not last:
        return UNKNOWN
    dataset = min(last, key=lambda name: (last[name], name))
    return Reading(max(0, close.day + 1 - close.calendar.day_of(last[dataset])), {"dataset": dataset})


MEASURES = (Measure("data_refreshed_days", _data_refreshed_days, frozenset({"data.refreshed"}), daily=True),)
