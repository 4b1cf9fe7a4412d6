"""The measures of an account that rules may speak of: name, unit, meaning. How each is taken is in `streams/signals/measures`."""

from collections.abc import Mapping
from typing import NamedTuple


class MeasureKind(NamedTuple):
    """What a measure says. A unit of "word" or "yes/no" is compared with `equals`."""

    unit: str
    meaning: str


MEASURES: Mapping[str, MeasureKind] = {
    "active_users_7d": MeasureKind("users", "distinct people with human usage in the last seven complete days"),
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
