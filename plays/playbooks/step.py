"""One step of a playbook: who does what, when it begins, by when it is done, and in what words."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from plays.playbooks.conditions import Awaited
from plays.playbooks.spans import DueText, Span
from plays.policy.segments import Condition
from plays.roster.person import Skill
from schemas.records.play_message import Channel, StepCondition, StepKind

Reach = Literal["subject", "requester", "named", "champion", "decision_maker", "executive_sponsor", "team_lead", "technical_admin", "user"]
ReachList = Annotated[tuple[Reach, ...], Field(min_length=1, description="Whom to reach, most wanted first.")]
Skills = Annotated[tuple[Skill, ...], Field(max_length=10, description="What whoever takes it had best be able to do.")]
StepName = Annotated[str, Field(min_length=3, max_length=80)]
TemplateText = Annotated[str, Field(min_length=20, max_length=4000)]

LAUNCH = "launch"
FALLBACK = "fallback"
OWNER = "owner"
"""As a step's role: whoever owns the run."""

GO_ON = "go_on"
SKIP = "skip"

FACING = frozenset({"message", "in_app"})
"""Kinds that are nothing without words to the customer."""
INTERNAL = frozenset({"task", "escalation"})
"""Kinds that reach nobody outside."""
MEETINGS = frozenset({"meeting", "enablement"})


class Until(BaseModel):
    """The step begins when the condition holds. After `at_most` it goes on, is skipped, or another step begins instead."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    condition: Awaited
    at_most: Span | None = None
    otherwise: str | None = None


class Cadence(BaseModel):
    """The step is done again every so often, until the condition holds, and at most so long."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    every: Span
    until: Awaited
    at_most: Span | None = None


class PlayStep(BaseModel):
    """It begins when the steps it follows have ended and `wait` has passed or `until` holds; then `only_if` is looked at.

    A step whose `only_if` does not hold is skipped, and a skipped step has ended. Accounts that are not as `only_for` says have no
    such step.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: StepName
    kind: StepKind
    owner_role: str
    instruction: Annotated[str, Field(min_length=10, max_length=600)]
    due: DueText
    channel: Channel | None = None
    after: Annotated[tuple[str, ...] | Literal["launch", "fallback"] | None, Field(union_mode="left_to_right")] = None
    wait: Span | None = None
    until: Until | None = None
    only_if: StepCondition | None = None
    only_for: Condition | None = None
    repeat: Cadence | None = None
    max_age: Span | None = None
    reach: ReachList | None = None
    message: TemplateText | None = None
    briefing: TemplateText | None = None
    links: tuple[str, ...] = ()
    skills: Skills = ()

    @property
    def writes(self) -> bool:
        """Whether somebody at the customer reads something because of this step."""
        return self.message is not None
