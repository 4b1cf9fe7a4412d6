"""The score of an account at a moment, and every part of it."""

from collections.abc import Mapping
from typing import NamedTuple

from plays.policy.health import HealthPolicy
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.measures.measure import Measure, Reading


class Part(NamedTuple):
    """One indicator: its weight of 100, its points (0 to 100, None: no data), and the reading they come from."""

    indicator: str
    weight: int
    points: float | None
    measure: str
    reading: Reading


class Assessment(NamedTuple):
    """`score`, and `missed`, what indicators of usage lack to their full points in it, in tenths of a point.

    The weight of what is not known is spread over the rest in proportion: `known` is the sum of the weights that count.
    """

    weights: str
    known: int
    score: int
    missed: int
    band: str
    parts: tuple[Part, ...]

    def effective_weight(self, part: Part) -> float:
        """Percent of the score that rests on this part."""
        return 0.0 if part.points is None else round(100 * part.weight / self.known, 2)


class Assessor:
    """A policy made ready: the sets of weights with their measures."""

    def __init__(self, policy: HealthPolicy, measures: Mapping[str, Measure]) -> None:
        self.policy = policy
        self._sets = {
            name: tuple((key, weight, policy.indicators[key], measures[policy.indicators[key].measure]) for key, weight in weights.items())
            for name, weights in policy.weights.items()
        }
        self.types = frozenset(name for parts in self._sets.values() for _, _, _, measure in parts for name in measure.types)

    def assess(self, context: Context, close: DayClose) -> Assessment | None:
        """The score now; None where nothing is known that it could rest on."""
        name = self.policy.set_for(context.path)
        parts: list[Part] = []
        known, total, missed = 0, 0.0, 0.0
        age = _age(context, close)
        for key, weight, indicator, measure in self._sets[name]:
            reading = measure.read(context, close)
            points = indicator.points_of(reading.value) if age >= indicator.from_day else None
            parts.append(Part(key, weight, points, measure.name, reading))
            if points is not None:
                known += weight
                total += weight * points
                missed += weight * (100 - points) if indicator.usage else 0
        if not known:
            return None
        score = _tenths(total, known)
        return Assessment(name, known, score, _tenths(missed, known), self.policy.bands.band(score / 10), tuple(parts))


def _age(context: Context, close: DayClose) -> int:
    """Complete days of the account."""
    profile = context.profile
    since_ms = profile.created_ms if profile.created_ms is not None else profile.known_ms
    first = close.since_day if since_ms is None else close.calendar.day_of(since_ms)
    return max(0, close.day + 1 - first)


def _tenths(total: float, known: int) -> int:
    return int(10 * total / known + 0.5)
