"""What a step may wait for or depend on, and what ends a play: closed sets, each with its meaning."""

from collections.abc import Mapping
from typing import Literal

from schemas.records.play_message import StepCondition

Awaited = Literal["replied", "resolved", "recovered", "meeting_held"]
Exit = Literal["recovered", "replied", "meeting_held", "renewed", "opted_out"]

MEANING: Mapping[StepCondition, str] = {
    "replied": "an inbound mail or a meeting with a contact of the account since somebody was written to; auto-replies do not count",
    "no_reply": "not `replied`: silence counts",
    "resolved": "the ticket or item the trigger is about is resolved, closed or completed; of another subject: all that the run has opened",
    "unresolved": "not `resolved`",
    "recovered": "what the rule calls its clearing holds (`clears_when`)",
    "still_true": "not `recovered`",
    "meeting_held": "a meeting with a contact of the account was held since the run began",
    "no_meeting": "not `meeting_held`",
}

EXITS: Mapping[Exit, str] = {
    "recovered": "what the rule calls its clearing holds (`clears_when`)",
    "replied": "the customer answered, so that a person goes on from here",
    "meeting_held": "a meeting with a contact of the account was held since the run began",
    "renewed": "the contract was renewed",
    "opted_out": "the person written to does not want that (`contact.updated` with `opted_out`)",
}
"""Besides these, `churned` ends every run of an account, whatever its play says."""

OPPOSITE: Mapping[StepCondition, Awaited] = {
    "no_reply": "replied",
    "unresolved": "resolved",
    "still_true": "recovered",
    "no_meeting": "meeting_held",
}
