"""Silences of features."""

from collections.abc import Iterable

from plays.rules.detectors.silence import SilenceParameters
from streams.signals.calendar import DAY_MS
from streams.signals.context import Context
from streams.signals.detector import topics_of
from streams.signals.silences.last import Last, Silence
from streams.signals.state import NEVER, TODAY, WEEKS
from streams.signals.weeks import NEVER_USED, last_used, newest_day


def _key_features(context: Context, parameters: SilenceParameters) -> Iterable[Last]:
    """Days are what is known: a feature is silent from the end of the last day on which people used it."""
    profile, cells, calendar = context.profile, context.cells, context.calendar
    began_ms = profile.created_ms if profile.created_ms is not None else profile.known_ms
    today, weeks = cells[TODAY], cells[WEEKS]
    active = max(newest_day(weeks), today.day if today.count else -NEVER)
    if began_ms is None:
        return
    idle_ms = began_ms if active == -NEVER else calendar.close(active) + parameters.days * DAY_MS
    used = last_used(weeks)
    for feature in dict.fromkeys(profile.key_features):
        day = today.day if feature in today.features else used.get(feature, NEVER_USED)
        if day == NEVER_USED:
            yield Last(feature, began_ms, told="none since", facts={"feature": feature, "ever_used": False}, idle_ms=idle_ms)
        else:
            yield Last(feature, calendar.close(day), on_day=day, facts={"feature": feature, "ever_used": True}, idle_ms=idle_ms)


SILENCES = (
    Silence(
        "key_feature_use",
        "no use of a key feature",
        _key_features,
        frozenset({"account.created", "account.updated", "account.reactivated"}),
        topics_of(("feature.used",)),
    ),
)
