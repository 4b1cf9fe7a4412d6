"""The shape of a measure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from plays.rules.parts import MeasurePart
from schemas.records.trigger import Scalar
from streams.signals.context import Context
from streams.signals.day_close import DayClose

Value = float | bool | str | None


class Reading(NamedTuple):
    """What a measure is now; None where it is not known. `facts` say what it was taken from."""

    value: Value
    facts: Mapping[str, Scalar] = {}


UNKNOWN = Reading(None)


@dataclass(frozen=True, slots=True)
class Measure:
    """`read` is a pure function of the account's cells and the last complete day.

    `types`: events that may change it; `daily`: whether it may change by a day's passing alone; `of_health`: it changes with the
    health score, which rules are told of. `not_before`, of a measure that moves slowly: the first day, after that of the close,
    at whose close the part may hold, whatever happens until then. Who waits for such a measure need not look at every day, and
    days need not be closed for it.
    """

    name: str
    read: Callable[[Context, DayClose], Reading]
    types: frozenset[str] = field(default_factory=frozenset)
    of_health: bool = False
    daily: bool = False
    not_before: Callable[[Context, DayClose, MeasurePart], int] | None = None
