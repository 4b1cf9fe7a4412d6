"""The whole life of a run, in order, on `play-launches`."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import uuid5

from pydantic import Field

from schemas.records.trigger import NAMESPACE, Priority, Subject
from schemas.records.wire import Wire

Kind = Literal[
    "launched", "joined", "upgraded",
    "acknowledged", "started", "completed", "skipped", "replied", "snoozed", "paused", "resumed", "reassigned",
    "sla_warning", "sla_breach", "escalated", "retargeted",
    "step_due", "step_overdue", "step_left_out", "step_lapsed", "step_ended", "step_cancelled", "steps_ended", "cancelled", "closed",
]  # fmt: skip
Clock = Literal["acknowledge", "act", "resolve"]
ClosureCode = Literal[
    "false_positive", "resolved", "adoption_recovered", "renewal_risk_reduced",
    "expansion_progressed", "customer_churned", "no_response", "superseded",
]  # fmt: skip
StepKind = Literal["message", "in_app", "enablement", "meeting", "escalation", "task"]
Channel = Literal["email", "call", "note", "survey"]
StepCondition = Literal[
    "replied", "no_reply", "resolved", "unresolved", "recovered", "still_true", "meeting_held", "no_meeting",
]  # fmt: skip

OwnerReason = Literal[
    "account", "pool", "fallback", "escalation", "automation", "reassigned", "named", "continuity", "postponed", "overflow"
]


class Owner(Wire):
    """A named person and why it is that one."""

    id: str
    name: str
    role: str
    email: str | None = None
    reason: OwnerReason
    detail: str
    runners_up: tuple[str, ...] = Field(default=(), description="Who else was compared, the nearest first, each with what decided.")


class Clocks(Wire):
    """Absolute deadlines of the run; None where the rule sets none, or where the clock was stopped."""

    acknowledge_by: datetime | None = None
    act_by: datetime | None = None
    resolve_by: datetime | None = None


class Contact(Wire):
    """Whom at the customer to reach."""

    id: str
    name: str | None = None
    role: str | None = None


class Link(Wire):
    """A page where the customer can help themselves."""

    name: str
    title: str
    url: str


class WaitUntil(Wire):
    """The step begins when the condition holds, or when the limit has passed without it."""

    condition: StepCondition
    at_most: str
    otherwise: str = Field(description="`go_on`, `skip`, or the name of the step that begins instead.")


class Repeat(Wire):
    """The step is done again and again, at this interval, until the condition holds or the limit has passed."""

    every: str
    until: StepCondition
    at_most: str


class Step(Wire):
    """One step of the play as listed in the launch. Spans: `30m`, `2h`, `3d`, `4bh`, `5bd`."""

    name: str
    kind: StepKind
    owner_role: str
    instruction: str
    wait: str | None = Field(default=None, description="How long after the end of the steps it follows the step begins.")
    only_if: StepCondition | None = Field(default=None, description="The step is due only if this holds after the wait.")
    channel: Channel | None = Field(default=None, description="How a `message` goes out.")
    owner: str | None = Field(default=None, description="Id of the person who has the step, as things stand.")
    after: tuple[str, ...] | None = Field(
        default=None, description="The steps it follows; empty: begins with the run. Null: begins only instead of a step that names it."
    )
    until: WaitUntil | None = None
    repeat: Repeat | None = None
    due: str | None = Field(default=None, description="`sla` (the run's act clock), a span from its beginning, or a span `after trigger`.")
    due_by: datetime | None = Field(
        default=None, description="The moment, if all before it is done when due and every wait takes its limit."
    )
    links: tuple[Link, ...] = ()


class PlayMessage(Wire):
    """One message of a run. `sequence` counts from 1 per run without a gap, so order can be checked by anyone."""

    TOPIC: ClassVar[str] = "play-launches"
    CE_TYPE: ClassVar[str] = "playcall.run"

    message_id: str
    run_id: str
    sequence: int
    kind: Kind
    time: datetime
    account_id: str
    account_name: str | None = None
    concern: str
    subject: Subject
    priority: Priority
    play: str
    play_version: int
    owner: Owner
    clocks: Clocks
    triggers: tuple[str, ...] = Field(description="Ids of all triggers this run answers, the first one first.")
    rules: tuple[str, ...] = Field(description="Their rules, in the same order.")
    why: str
    who_to_reach: tuple[Contact, ...] = ()
    message: str | None = Field(
        default=None,
        description="The play's first message to the customer, then `---` and the owner's briefing; or the briefing alone.",
    )
    steps: tuple[Step, ...] = ()
    clock: Clock | None = Field(default=None, description="Which clock a warning, breach or escalation speaks of.")
    percent: int | None = Field(default=None, description="On a warning: how much of the time has passed.")
    unproven: bool = Field(default=False, description="A clock ran out while answers could not be read: one may be under way.")
    due: datetime | None = Field(default=None, description="When a warning, breach or step was due to the ms; `time` may be later.")
    late_s: int = Field(
        default=0, description="Whole seconds `time` is after the moment this was due: more than a few mean that nobody worked."
    )
    channels: tuple[str, ...] = Field(default=(), description="How whoever takes over is to be told: `email`, `chat`, `page`, `call`.")
    step: str | None = Field(default=None, description="The step the message is about; as the update names it where it tells of one.")
    holder: Owner | None = Field(default=None, description="Who has the step that is due: one named person, or automation.")
    time_of: int | None = Field(default=None, description="Of a step that is repeated: how often it was asked for, counting from 1.")
    actor: str | None = None
    code: ClosureCode | None = None
    note: str | None = None
    reason: str | None = Field(default=None, description="Why the run rests, as the update says: `waiting_on_customer`, say.")
    until: datetime | None = Field(default=None, description="When a snooze ends.")

    def _envelope(self) -> tuple[str, str, datetime]:
        return self.account_id, self.message_id, self.time

    def _ce_type(self) -> str:
        return f"{self.CE_TYPE}.{self.kind}"


def run_id(account_id: str, first_trigger_id: str) -> str:
    """Deterministic id (uuid5) of the run that a trigger starts: the same on every machine and every replay."""
    return str(uuid5(NAMESPACE, "\x1f".join(("run", account_id, first_trigger_id))))


def message_id(run: str, sequence: int) -> str:
    """Deterministic id (uuid5) of a run's message; `sequence` counts from 1."""
    return str(uuid5(NAMESPACE, f"message\x1f{run}\x1f{sequence}"))
