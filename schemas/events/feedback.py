"""Topic `feedback`: what customers and the people in charge of them say."""

from typing import Literal, Required

from schemas.events.base import Envelope, HealthRating, Name, Names, Number, Scale, Sentiment, SurveyKind, Text
from schemas.events.kind import EventKind, kinds


class SurveyResponded(Envelope, total=False):
    """A contact answered a survey. Without `scale`: `0-10` for nps, `1-5` for csat, `1-7` for ces."""

    type: Required[Literal["survey.responded"]]
    kind: Required[SurveyKind]
    score: Required[Number]
    scale: Scale
    contact_id: Name
    ticket_id: Name
    comment: Text


class QbrCompleted(Envelope, total=False):
    """A quarterly business review took place."""

    type: Required[Literal["qbr.completed"]]
    sentiment: Sentiment
    attendees: Names
    note: Text


class HealthStated(Envelope, total=False):
    """A human's own rating of the account's health: a word, a score, or both."""

    type: Required[Literal["health.stated"]]
    rating: HealthRating
    score: Number
    scale: Scale
    user_id: Name
    note: Text


KINDS: tuple[EventKind, ...] = kinds(
    "feedback",
    (
        SurveyResponded,
        {
            "kind": "csat",
            "score": 2,
            "scale": "1-5",
            "contact_id": "c-7",
            "ticket_id": "T-1042",
            "comment": "Took three days.",
        },
    ),
    (QbrCompleted, {"sentiment": "negative", "attendees": ["c-1", "c-7"], "note": "No executive came."}),
    (HealthStated, {"rating": "at_risk", "score": 45, "scale": "0-100", "user_id": "dana"}),
)
