"""Measures of contracts."""

from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.facts.contracts import confidence_of
from streams.signals.measures.measure import UNKNOWN, Measure, Reading
from streams.signals.state import CONTRACTS

_RANK = {"low": 0, "medium": 1, "high": 2}
_TYPES = frozenset({"contract.started", "contract.renewed", "contract.ended", "renewal.confidence"})


def _renewal_confidence(context: Context, close: DayClose) -> Reading:  # noqa: ARG001 no matter of days
    contracts = context.cells[CONTRACTS]
    stated = [word for word in (confidence_of(contracts, one) for one in contracts.by_id.values()) if word in _RANK]
    return Reading(min(stated, key=lambda word: _RANK[word])) if stated else UNKNOWN


MEASURES = (Measure("renewal_confidence", _renewal_confidence, _TYPES),)
