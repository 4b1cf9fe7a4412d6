"""The measures of an account that rules may speak of: name, unit, meaning. How each is taken is in `streams/signals/measures`."""

from collections.abc import Mapping
from typing import NamedTuple


class MeasureKind(NamedTuple):
    """What a measure says. A unit of "word" or "yes/no" is compared with `equals`."""

    unit: str
    meaning: str


MEASURES: Mapping[str, MeasureKind] = {
    "active_users_7d": MeasureKind("users", "distinct people with human usage in the last seven complete days"),
    "data_refreshed_days": MeasureKind("days", "since the account's data was last refreshed (data.refreshed), of the stalest dataset"),
    "health_band": MeasureKind("word", "healthy, at_risk or critical"),
    "health_band_days": MeasureKind("days", "for which the health band has been what it is"),
    "health_band_moved": MeasureKind("yes/no", "the health band moved at this very moment"),
    "health_declining": MeasureKind("yes/no", "the health score is 10 points or a band below that of 30 days ago"),
    "health_fall_30d": MeasureKind("points", "by which the health score is below that of 30 days ago"),
    "health_fall_by_usage": MeasureKind("share", "of the fall of the health score since 30 days ago that indicators of usage make up"),
    "health_score": MeasureKind("points", "0 to 100"),
    "renewal_confidence": MeasureKind("word", "the lowest confidence stated in the renewal of a contract: low, medium or high"),
    "onboarding_open": MeasureKind("yes/no", "the account was created or handed over, and its onboarding is not completed"),
    "open_escalations": MeasureKind("tickets", "tickets escalated, to whatever level, and not resolved or closed since"),
    "open_p1": MeasureKind("tickets", "tickets whose priority is P1 now and that are open"),
    "tickets_30d": MeasureKind("tickets", "tickets created in the last 30 complete days and since"),
    "ticket_sentiment_30d": MeasureKind("-1 to 1", "mean over tickets of how each last sounded, in the last 30 complete days and since"),
    "csat_90d": MeasureKind("1 to 5", "mean of the CSAT answers of the last 90 complete days and since"),
    "csat_answers_90d": MeasureKind("answers", "how many CSAT answers that mean is of"),
    "nps_latest": MeasureKind("0 to 10", "mean of the latest NPS answer of each contact"),
    "qbr_sentiment": MeasureKind("word", "how the last business review that says so went: positive, neutral or negative"),
}
