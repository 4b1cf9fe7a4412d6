"""Every measure, by name; `plays/rules/measures.py` says to authors what each means."""

from collections.abc import Mapping

from streams.signals.measures import attendance, contracts, course, features, feedback, freshness, health, logins, support, team, usage
from streams.signals.measures.measure import Measure

_FACTS: tuple[Measure, ...] = (
    *usage.MEASURES,
    *course.MEASURES,
    *contracts.MEASURES,
    *freshness.MEASURES,
    *support.MEASURES,
    *feedback.MEASURES,
    *attendance.MEASURES,
    *features.MEASURES,
    *logins.MEASURES,
    *team.MEASURES,
)

MEASURES: Mapping[str, Measure] = {measure.name: measure for measure in (*_FACTS, *health.measures())}
