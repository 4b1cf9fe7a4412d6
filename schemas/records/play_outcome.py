"""What became of one run: published once, when it is closed. Reports and models learn from it which rules and plays help."""

from datetime import datetime
from typing import ClassVar
from uuid import uuid5

from pydantic import Field

from schemas.records.play_message import ClosureCode
from schemas.records.trigger import NAMESPACE, Priority, Subject
from schemas.records.wire import Wire


class Took(Wire):
    """How long something took, in seconds from the opening of the run, to the millisecond."""

    seconds: float
    business_seconds: float | None = Field(
        default=None, description="Of these, those within the working hours in which the run's business spans are counted."
    )


class Breaches(Wire):
    """How often each clock ran out while nobody had answered it."""

    acknowledge: int = 0
    act: int = 0
    resolve: int = 0


class StepCounts(Wire):
    """Steps of the play by how they ended. A step nobody did or skipped by the end, and that was due or queued, was cancelled."""

    completed: int = 0
    skipped: int = 0
    cancelled: int = 0


class PlayOutcome(Wire):
    """A closed run. Times are event times as far as updates told them, else those at which Playcall acted."""

    TOPIC: ClassVar[str] = "play-outcomes"
    CE_TYPE: ClassVar[str] = "playcall.run.outcome"

    outcome_id: str
    run_id: str
    account_id: str
    concern: str
    subject: Subject
    priority: Priority = Field(description="As it was at the end: an upgrade raises it.")
    rule: str = Field(description="The rule that launched the run.")
    rules: tuple[str, ...] = Field(description="All rules it answered, each once, in the order they first came.")
    triggers: int = Field(description="How many triggers it answered: 1 and those that joined.")
    segment_path: tuple[str, ...] = Field(description="Segments of the account at the launch, from the widest to the most specific.")
    play: str
    play_version: int
    owner: str = Field(description="Id of the owner at the end.")
    owner_role: str
    code: ClosureCode
    closed_by: str | None = Field(description="Who closed it, as the update says; `playcall` when nobody else did.")
    opened: datetime
    acknowledged: datetime | None = Field(description="First acknowledgement, by whichever owner; null: never.")
    acted: datetime | None = Field(description="First action: the run was started, or a step completed; null: never.")
    closed: datetime
    to_acknowledge: Took | None
    to_act: Took | None
    to_resolve: Took
    breaches: Breaches
    escalations: int
    steps: StepCounts
    replied: bool = Field(description="The customer answered while the run was open, as an update or a mail event says.")
    condition_cleared: bool | None = Field(default=None, description="Whether what the rule saw had ended by then; null: not known.")

    def _envelope(self) -> tuple[str, str, datetime]:
        return self.account_id, self.outcome_id, self.closed


def outcome_id(run: str) -> str:
    """Deterministic id (uuid5): a run has one outcome."""
    return str(uuid5(NAMESPACE, f"outcome\x1f{run}"))
