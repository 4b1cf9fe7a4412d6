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
    "health_band_fell_7d": MeasureKind("yes/no", "the health band is below that of 7 days ago"),
    "health_declining": MeasureKind("yes/no", "the health score is 10 points or a band below that of 30 days ago"),
    "health_fall_30d": MeasureKind("points", "by which the health score is below that of 30 days ago"),
    "health_fall_by_usage": MeasureKind("share", "of the fall of the health score since 30 days ago that indicators of usage make up"),
    "health_score": MeasureKind("points", "0 to 100"),
    "renewal_confidence": MeasureKind("word", "the lowest confidence stated in the renewal of a contract: low, medium or high"),
    "days_since_login": MeasureKind(
        "days",
        "complete days since the last login or human usage (nobody uses the product who is not signed in); where there never was any,"
        " since the account was created, else handed over, else first heard of",
    ),
    "features_used_30d": MeasureKind(
        "features",
        "features with human usage in the last 30 complete days beyond the core, which is the first of the entitled key features (where"
        " there are none: the feature used first)",
    ),
    "key_feature_share_28d": MeasureKind("share", "entitled key features with human usage in the last 28 complete days, of all of them"),
    "login_days_30d": MeasureKind("days", "days with at least one login among the last 30 complete days"),
    "login_days_share": MeasureKind(
        "share",
        "days with at least one login among days 1 to 30 back, of those among days 61 to 90 back; unknown where there was none then, or"
        " where logins are not known for 90 days",
    ),
    "onboarding_open": MeasureKind("yes/no", "the account was created or handed over, and its onboarding is not completed"),
    "tenure_months": MeasureKind("months", "whole months since the first contract began, by the calendar of the account"),
    "open_escalations": MeasureKind("tickets", "tickets escalated, to whatever level, and not resolved or closed since"),
    "open_p1": MeasureKind("tickets", "tickets whose priority is P1 now and that are open"),
    "tickets_30d": MeasureKind("tickets", "tickets created in the last 30 complete days and since"),
    "ticket_sentiment_30d": MeasureKind("-1 to 1", "mean over tickets of how each last sounded, in the last 30 complete days and since"),
    "support_sentiment_30d": MeasureKind(
        "-1 to 1", "mean over how tickets last sounded and CSAT answers (1 is -1, 5 is 1), in the last 30 complete days and since"
    ),
    "csat_90d": MeasureKind("1 to 5", "mean of the CSAT answers of the last 90 complete days and since"),
    "csat_fine": MeasureKind("yes/no", "that mean is 4 or more, or there was no answer"),
    "csat_answers_90d": MeasureKind("answers", "how many CSAT answers that mean is of"),
    "nps_latest": MeasureKind("0 to 10", "mean of the latest NPS answer of each contact"),
    "qbr_sentiment": MeasureKind("word", "how the last business review that says so went: positive, neutral or negative"),
    "power_users_absent_days": MeasureKind(
        "days",
        "complete days since the last login or human usage of any power user: the fifth of the users, at least two, who were there on most"
        " of the 90 days before the last 60; unknown where fewer than two users were",
    ),
    "sponsor_contact_days": MeasureKind("days", "since an executive sponsor last wrote or came to a meeting; unknown where none ever did"),
    "team_lead_login": MeasureKind(
        "points", "mean over team leads: 100 signed in within 7 days, 50 within 30, else 0; unknown without one"
    ),
    "seat_share_28d": MeasureKind("share", "distinct people with human usage in the last 28 complete days, of the paid seats"),
}
