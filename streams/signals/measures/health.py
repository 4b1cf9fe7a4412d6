"""Measures of the health score: what it is, and what it was."""

from schemas.records.trigger import Scalar
from streams.signals.calendar import DAY_MS
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.health.state import HEALTH, Change, Health
from streams.signals.measures.measure import UNKNOWN, Measure, Reading

_RANK = {"critical": 0, "at_risk": 1, "healthy": 2}
_BACK, _WEEK = 30, 7
_FALL = 100  # tenths of a point


def measures() -> tuple[Measure, ...]:
    """The measures of health."""
    return tuple(
        Measure(name, read, of_health=True, daily=True)
        for name, read in (
            ("health_score", _score),
            ("health_band", _band),
            ("health_band_days", _band_days),
            ("health_band_fell_7d", _band_fell),
            ("health_fall_30d", _fall),
            ("health_declining", _declining),
            ("health_fall_by_usage", _fall_by_usage),
        )
    )


def _score(context: Context, close: DayClose) -> Reading:  # noqa: ARG001 as it was last taken; so below
    health = context.cells[HEALTH]
    return Reading(health.score / 10) if health.band else UNKNOWN


def _band(context: Context, close: DayClose) -> Reading:  # noqa: ARG001
    health = context.cells[HEALTH]
    return Reading(health.band, {"health_score": health.score / 10}) if health.band else UNKNOWN


def _band_days(context: Context, close: DayClose) -> Reading:
    health = context.cells[HEALTH]
    if not health.band:
        return UNKNOWN
    return Reading(max(0, close.calendar.close(close.day) - health.band_since_ms) // DAY_MS, {"health_band": health.band})


def _band_fell(context: Context, close: DayClose) -> Reading:
    health = context.cells[HEALTH]
    before = health.at(close.day - _WEEK)
    if before is None:
        return UNKNOWN
    facts: dict[str, Scalar] = {"health_band": health.band, "health_band_7d_ago": before.band, "health_score": health.score / 10}
    return Reading(_RANK[before.band] > _RANK[health.band], facts)


def _fall(context: Context, close: DayClose) -> Reading:
    health = context.cells[HEALTH]
    before = health.at(close.day - _BACK)
    return UNKNOWN if before is None else Reading((before.score - health.score) / 10, _then_and_now(health, before))


def _declining(context: Context, close: DayClose) -> Reading:
    """At least 10 points below 30 days ago, or a band lower."""
    health = context.cells[HEALTH]
    before = health.at(close.day - _BACK)
    if before is None:
        return UNKNOWN
    lower = before.score > health.score and _RANK[before.band] > _RANK[health.band]
    return Reading(before.score - health.score >= _FALL or lower, _then_and_now(health, before))


def _fall_by_usage(context: Context, close: DayClose) -> Reading:
    """Which share of the fall since 30 days ago comes from indicators of usage; not known where there is no fall."""
    health = context.cells[HEALTH]
    before = health.at(close.day - _BACK)
    if before is None or before.score <= health.score:
        return UNKNOWN
    share = (health.changes[-1].missed - before.missed) / (before.score - health.score)
    return Reading(round(share, 4), _then_and_now(health, before))


def _then_and_now(health: Health, before: Change) -> dict[str, float]:
    return {"health_score": health.score / 10, "health_score_30d_ago": before.score / 10}
