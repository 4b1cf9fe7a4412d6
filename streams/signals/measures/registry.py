"""Every measure, by name; `plays/rules/measures.py` says to authors what each means."""

from collections.abc import Mapping

from streams.signals.measures import course, feedback, support, usage
from streams.signals.measures.measure import Measure

MEASURES: Mapping[str, Measure] = {
    measure.name: measure
    for measure in (
        *usage.MEASURES,
        *course.MEASURES,
        *support.MEASURES,
        *feedback.MEASURES,
    )
}
