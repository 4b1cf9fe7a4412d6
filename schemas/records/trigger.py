"""A rule fired: the fact, with the evidence that lets anyone recompute it."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID, uuid5

from pydantic import Field

from schemas.records.wire import Wire

NAMESPACE = UUID("7d1f7c5e-7f0b-5d1c-9a57-2f6a1c7e1f00")

Priority = Literal["P1", "P2", "P3", "P4"]
Scalar = str | int | float | bool | None


class Subject(Wire):
    """What exactly the trigger is about: the account itself (id = account id), a ticket, contact, invoice, ..."""

    kind: str
    id: str


class SourceRef(Wire):
    """One input record that the evidence rests on."""

    topic: str
    partition: int
    offset: int


class Window(Wire):
    """Half-open interval [start, end)."""

    start: datetime
    end: datetime


class Silence(Wire):
    """What was known of the feeds when the absence of events was taken for a fact."""

    unproven: bool = Field(description="True: a feed was still missing when the rule could wait no longer; look before you act.")
    held_since: datetime | None = Field(default=None, description="Since when the rule had waited for a feed to return.")
    heard: dict[str, datetime] = Field(description="Last sign of life of each feed that would have spoken (`topic/source`), event time.")


class Evidence(Wire):
    """Why the rule fired, in numbers and in words."""

    summary: str = Field(description="One sentence a person would say, with the figures in it.")
    observed: float | None = None
    baseline: float | None = None
    threshold: float | None = None
    unit: str | None = None
    window: Window | None = None
    baseline_window: Window | None = None
    facts: dict[str, Scalar] = Field(default_factory=dict)
    segment_path: tuple[str, ...] = Field(default=(), description="Segments of the account, from the widest to the most specific.")
    set_by: dict[str, str] = Field(
        default_factory=dict,
        description="Figures, play, owner, SLA or priority that are not the rule's own: which segment set them, and where.",
    )
    sources: tuple[SourceRef, ...] = Field(
        default=(),
        description="Input records it rests on, newest first, at most 100: where events were counted, each of them. The fact "
        "`sources_left_out` says how many more there were.",
    )
    silence: Silence | None = Field(default=None, description="Where the rule rests on something not having happened.")
    clears_when: str


class Trigger(Wire):
    """One episode of one rule for one subject of one account: published on `triggers`, handed to the router."""

    TOPIC: ClassVar[str] = "triggers"
    CE_TYPE: ClassVar[str] = "playcall.trigger.fired"

    trigger_id: str
    rule: str
    rule_version: int
    rule_hash: str
    account_id: str
    concern: str
    subject: Subject
    episode: str = Field(description="When the condition began, event time, RFC 3339; never when it was noticed.")
    time: datetime = Field(description="Task time at which the rule fired; SLA clocks start here.")
    priority: Priority
    outcome: str
    owner_role: str = Field(description="Role as the rule asks it, e.g. `csm`, `csm+account_executive`, `automation`.")
    play: str
    first_action: str = Field(description="First-action SLA as the rule states it: `24h`, `4bh`, `5bd`, `until day 90`, `-`.")
    act_by: datetime | None = Field(description="Deadline of the first action where the rule itself fixes a date.", default=None)
    historical: bool = False
    evidence: Evidence

    def _envelope(self) -> tuple[str, str, datetime]:
        return self.account_id, self.trigger_id, self.time


def trigger_id(rule: str, account_id: str, subject: Subject, episode: str) -> str:
    """Deterministic id (uuid5) of an episode: the same facts give the same id on every machine and every replay."""
    return str(uuid5(NAMESPACE, "\x1f".join((rule, account_id, subject.kind, subject.id, episode))))
