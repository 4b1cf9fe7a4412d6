"""A recorded choice not to act."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import uuid5

from pydantic import Field

from schemas.records.trigger import NAMESPACE, Scalar, Subject
from schemas.records.wire import Wire, rfc3339


class Reason(StrEnum):
    """Why nothing was done. Closed set: dashboards and docs list it."""

    HISTORICAL = "historical"  # before go-live: state builds, nothing launches
    EXPERIMENTAL = "experimental"  # the rule is on trial: evaluated, not raised
    COOLDOWN = "cooldown"  # the rule fired for this subject too recently
    BELOW_FLOOR = "below_floor"  # too little volume to speak of a change
    NOT_UNUSUAL = "not_unusual"  # within the account's own variation
    OUT_OF_SCOPE = "out_of_scope"  # the segment is not in the rule's scope
    JOINED = "joined"  # an open run for the concern took the trigger in
    CHURNED = "churned"  # the account is gone
    TOO_OLD = "too_old"  # past the step's max_age
    CLEARED = "cleared"  # the condition ended before the action
    NO_CHECKPOINT = "checkpoint_passed"  # loaded late: only the current checkpoint counts
    HELD = "held"  # due, but a feed that would have spoken is silent itself: decided when it returns
    ACTIVATED = "activated"  # the rule is new, or edited, and the condition held already: its episode is open, nothing was raised
    PLAY_PAUSED = "play_paused"  # the play is paused, retired or gone: nothing new is launched by it
    UNCONFIRMED = "unconfirmed"  # a checkpoint came and its condition did not hold
    INHIBITED = "inhibited"  # the launch waits while another run of the account is open
    SILENCED = "silenced"  # somebody muted it for a while: it waits, or (fact `dropped`) is not even kept
    CONTACT_BUDGET = "contact_budget"  # the customer was written to often enough for now: it waits
    QUIET_HOURS = "quiet_hours"  # it is night at the customer: it waits
    MAINTENANCE = "maintenance"  # nothing is launched for a while: it waits
    RELEASED = "released"  # a launch that waited goes: a run begins, or an open one takes the trigger in
    EXPIRED = "expired"  # a launch that waited has waited too long
    STEP_HELD = "step_held"  # the message of a step waits


class Decision(Wire):
    """What was not done, for whom, why. `decision_id` is deterministic."""

    TOPIC: ClassVar[str] = "decisions"
    CE_TYPE: ClassVar[str] = "playcall.decision.made"

    decision_id: str
    account_id: str
    time: datetime
    reason: Reason
    rule: str | None = None
    subject: Subject | None = None
    trigger_id: str | None = None
    run_id: str | None = None
    detail: str
    facts: dict[str, Scalar] = Field(default_factory=dict)

    def _envelope(self) -> tuple[str, str, datetime]:
        return self.account_id, self.decision_id, self.time


def decision_id(account_id: str, time: datetime, reason: Reason, about: str) -> str:
    """Deterministic id; `about` tells apart decisions of one account and instant (rule, subject, run)."""
    return str(uuid5(NAMESPACE, "\x1f".join(("decision", account_id, rfc3339(time), reason, about))))
