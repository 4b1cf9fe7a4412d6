"""A playbook: what to do about a trigger, who to reach, in whose words, and who is next when nobody does."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from plays.playbooks.templates import template_faults
from plays.problem import Problem
from plays.runs.roles import AUTOMATION, ROLES, RoleError, parse_role
from schemas.records.play_message import Step

TOP_ROLE = "cs_lead"

Reach = Literal["subject", "requester", "named", "champion", "decision_maker", "executive_sponsor", "team_lead", "technical_admin", "user"]


class PlayStep(BaseModel):
    """One step. `wait` counts from the end of the step before; `only_if` is checked when the wait is over."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=3, max_length=80)]
    kind: Literal["message", "in_app", "enablement", "meeting", "escalation", "task"]
    owner_role: str
    instruction: Annotated[str, Field(min_length=10, max_length=600)]
    wait: Annotated[str, Field(pattern=r"^\d{1,3}(m|h|d|bd)$")] | None = None
    only_if: Literal["no_reply", "resolved"] | None = None

    def as_listed(self) -> Step:
        """The step as a launch lists it."""
        return Step(
            name=self.name, kind=self.kind, owner_role=self.owner_role, instruction=self.instruction, wait=self.wait, only_if=self.only_if
        )


class Playbook(BaseModel):
    """One file of the playbook library. `version` is raised by whoever changes what people see."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{1,60}$")]
    version: Annotated[int, Field(ge=1)]
    title: Annotated[str, Field(min_length=3, max_length=120)]
    reach: Annotated[tuple[Reach, ...], Field(description="Whom to reach, most wanted first.")] = ()
    reach_at_most: Annotated[int, Field(ge=1, le=10)] = 3
    message: Annotated[str, Field(min_length=20, max_length=4000, description="Template of step one's message or briefing.")]
    steps: Annotated[tuple[PlayStep, ...], Field(min_length=1, max_length=12)]
    escalation: Annotated[tuple[str, ...], Field(min_length=1, max_length=5)] = (TOP_ROLE,)

    @property
    def content_hash(self) -> str:
        """SHA-256 (hex) of what the file states, in canonical JSON: equal for files that differ in layout only."""
        stated = self.model_dump(mode="json", exclude_unset=True)
        return hashlib.sha256(json.dumps(stated, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()

    def problems(self) -> Iterator[Problem]:
        """What is wrong although each field by itself is right."""
        for fault in template_faults(self.message):
            yield Problem(("message",), fault, "use only the fields and filters listed")
        names = Counter(step.name for step in self.steps)
        for index, step in enumerate(self.steps):
            if names[step.name] > 1:
                what = f"step {step.name!r} is there {names[step.name]} times"
                yield Problem(("steps", index, "name"), what, "give each step its own name")
            try:
                parse_role(step.owner_role)
            except RoleError as error:
                yield Problem(("steps", index, "owner_role"), str(error), "name a known role")
        if self.steps[0].wait is not None or self.steps[0].only_if is not None:
            yield Problem(("steps", 0), "step one waits", "step one is launched at once: remove `wait` and `only_if`")
        for index, role in enumerate(self.escalation):
            if role not in ROLES or role == AUTOMATION:
                names_text = ", ".join(sorted(ROLES - {AUTOMATION}))
                yield Problem(("escalation", index), f"unknown role {role!r}", f"use one of {names_text}")
        if self.escalation[-1] != TOP_ROLE:
            yield Problem(("escalation",), f"the escalation path ends at {self.escalation[-1]!r}", f"end it with {TOP_ROLE}")
