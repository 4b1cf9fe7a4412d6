"""Keeps the score of an account current: at day closes, and at events that may change what it rests on.

Use of the product is judged by days: it is left to the closes, so that a click costs nothing here.
"""

from collections.abc import Mapping

from plays.policy.health import HealthPolicy
from schemas.events.event import Event
from schemas.events.registry import TOPICS_OF
from schemas.records.health_changed import Band, HealthChanged, HealthPart, health_id
from schemas.records.wire import utc
from streams.processing.effects import Tell
from streams.signals import usage
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.health.assessment import Assessment, Assessor
from streams.signals.health.state import HEALTH, Change, note
from streams.signals.measures.measure import Measure

_BANDS: Mapping[str, Band] = {"healthy": "healthy", "at_risk": "at_risk", "critical": "critical"}
_BY_DAYS = "product-usage"


class HealthKeeper:
    """Stateless; what is remembered is in the account's cell."""

    def __init__(self, policy: HealthPolicy, measures: Mapping[str, Measure]) -> None:
        self.assessor = Assessor(policy, measures)
        self.types = frozenset(name for name in self.assessor.types if _BY_DAYS not in TOPICS_OF[name])

    def on_event(self, context: Context, event: Event) -> bool:
        """The state has taken an event in that may change the score: whether it has."""
        close = usage.closed(context.cells, event.time_ms, 1)
        return self._note(context, self.assessor.assess(context, close), close.day + 1, event.time_ms)

    def on_close(self, context: Context, close: DayClose) -> None:
        """A day is complete."""
        self._note(context, self.assessor.assess(context, close), close.day, close.calendar.close(close.day))

    def _note(self, context: Context, found: Assessment | None, day: int, at_ms: int) -> bool:
        known = context.cells[HEALTH]
        if found is None:
            return False
        last = known.changes[-1] if known.changes else None
        if last is not None and (last.score, last.missed) == (found.score, found.missed) and known.band == found.band:
            return False
        health = context.cells.edit(HEALTH)
        score_before, band_before = health.score, health.band
        note(health, Change(day, found.score, found.missed, found.band))
        if (score_before, band_before) == (found.score, found.band):
            return True  # only what it is made of has changed
        health.number += 1
        health.score = found.score
        if band_before != found.band:
            health.band, health.band_since_ms = found.band, at_ms
        context.effects.append(Tell(_record(context, found, health.number, score_before, band_before)))
        return True


def _record(context: Context, found: Assessment, number: int, score_before: int, band_before: str) -> HealthChanged:
    account_id = context.cells.account_id
    return HealthChanged(
        health_id=health_id(account_id, number),
        account_id=account_id,
        time=utc(context.moment.now_ms),
        score=found.score / 10,
        band=_BANDS[found.band],
        score_before=None if score_before < 0 else score_before / 10,
        band_before=_BANDS.get(band_before),
        weights=found.weights,
        segment_path=context.path,
        parts=tuple(
            HealthPart(
                indicator=part.indicator,
                weight=part.weight,
                effective_weight=found.effective_weight(part),
                points=part.points,
                measure=part.measure,
                value=part.reading.value,
                facts=dict(part.reading.facts),
            )
            for part in found.parts
        ),
    )
