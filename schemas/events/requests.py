"""Topic `trigger-requests`: triggers raised outside, by a model or a person."""

from typing import Literal, Required

from schemas.events.base import Envelope, Name, Number, Text, Word
from schemas.events.kind import EventKind, kinds
from schemas.records.trigger import Priority


class TriggerRequested(Envelope, total=False):
    """Somebody else found that an account needs attention. `subject_*` default to the account itself.

    The priority set is closed here: SLA clocks hang on it.
    """

    type: Required[Literal["trigger.requested"]]
    rule: Required[Name]
    concern: Required[Name]
    priority: Required[Priority]
    play: Required[Name]
    why: Required[Text]
    owner_role: Name
    outcome: Name
    first_action: Word
    subject_kind: Name
    subject_id: Name
    observed: Number
    threshold: Number


KINDS: tuple[EventKind, ...] = kinds(
    "trigger-requests",
    (
        TriggerRequested,
        {
            "rule": "churn-model",
            "concern": "renewal",
            "priority": "P2",
            "play": "renewal-plan",
            "why": "Churn probability 0.82, above 0.70.",
            "owner_role": "csm",
            "outcome": "renewal_confidence",
            "first_action": "24h",
            "observed": 0.82,
            "threshold": 0.7,
        },
    ),
)
