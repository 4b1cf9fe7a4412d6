"""A playbook: what to do about a trigger, who to reach, in whose words, and who is next when nobody does."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from plays.playbooks.conditions import Exit
from plays.playbooks.flow import flow_problems
from plays.playbooks.levels import TOP_ROLE, Level, level_problems
from plays.playbooks.schedule import due_problems
from plays.playbooks.skills import misplaced_skills
from plays.playbooks.spans import Span
from plays.playbooks.step import FACING, INTERNAL, MEETINGS, OWNER, PlayStep, ReachList, Skills, TemplateText
from plays.playbooks.templates import template_faults
from plays.policy.links import Links
from plays.problem import Problem
from plays.runs.roles import ROLES
from schemas.records.play_message import ClosureCode

_TEMPLATE_FIX = "use only the fields and filters listed"


class ExitRule(BaseModel):
    """What ends the play by itself: whatever is queued is cancelled, and the run is closed with the code."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    when: Exit
    code: ClosureCode


class Playbook(BaseModel):
    """One file of the playbook library. `version` is raised by whoever changes what people see. See `docs/playbooks.md`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{1,60}$")]
    version: Annotated[int, Field(ge=1)]
    title: Annotated[str, Field(min_length=3, max_length=120)]
    status: Literal["active", "paused", "retired"] = "active"
    goal: Annotated[str, Field(min_length=20, max_length=400, description="What is true when the play has worked.")]
    reach: Annotated[ReachList | None, Field()] = None
    reach_at_most: Annotated[int, Field(ge=1, le=10)] = 3
    briefing: Annotated[TemplateText, Field(description="For the owner: why now, what to look at first.")]
    max_age: Annotated[Span, Field(description="A step that could not begin for so long after its moment is not begun any more.")]
    exits: tuple[ExitRule, ...] = ()
    skills: Skills = ()
    steps: Annotated[tuple[PlayStep, ...], Field(min_length=1, max_length=12)]
    escalation: Annotated[tuple[str | Level, ...], Field(min_length=1, max_length=5)] = (TOP_ROLE,)

    @property
    def content_hash(self) -> str:
        """SHA-256 (hex) of what the file states, in canonical JSON: equal for files that differ in layout only."""
        stated = self.model_dump(mode="json", exclude_unset=True)
        return hashlib.sha256(json.dumps(stated, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()

    @property
    def opening(self) -> PlayStep | None:
        """The first step that writes to the customer, if one does."""
        return next((step for step in self.steps if step.writes), None)

    def reach_of(self, step: PlayStep | None) -> tuple[str, ...]:
        """Whom a step wants to reach, most wanted first."""
        return (step.reach if step is not None else None) or self.reach or ()

    def problems(self, links: Links) -> Iterator[Problem]:
        """What is wrong although each field by itself is right."""
        for fault in template_faults(self.briefing, links.links):
            yield Problem(("briefing",), fault, _TEMPLATE_FIX)
        names = Counter(step.name for step in self.steps)
        for index, step in enumerate(self.steps):
            if names[step.name] > 1:
                what = f"step {step.name!r} is there {names[step.name]} times"
                yield Problem(("steps", index, "name"), what, "give each step its own name")
            if step.owner_role not in (*ROLES, OWNER):
                what = f"unknown role {step.owner_role!r}"
                yield Problem(("steps", index, "owner_role"), what, f"use {OWNER} or one of {', '.join(sorted(ROLES))}")
            yield from _message_problems(index, step, self, links)
        yield from misplaced_skills(self.steps)
        yield from flow_problems(self.steps, [rule.when for rule in self.exits])
        yield from due_problems(self.steps)
        yield from self._exit_problems()
        yield from level_problems(self.escalation)

    def _exit_problems(self) -> Iterator[Problem]:
        seen: set[str] = set()
        for index, rule in enumerate(self.exits):
            loc = ("exits", index)
            if rule.when in seen:
                yield Problem(loc, f"exit {rule.when!r} is there twice", "keep one of the two")
            seen.add(rule.when)
            if rule.when in ("replied", "opted_out") and self.opening is None:
                yield Problem(loc, f"exit {rule.when!r} can never come: no step writes to anybody", "give a step a `message`, or remove it")
            if rule.when == "meeting_held" and not any(step.kind in MEETINGS for step in self.steps):
                what = "exit 'meeting_held' can never come: no step is a meeting"
                yield Problem(loc, what, "let a step be a meeting or an enablement session, or remove it")


def _message_problems(index: int, step: PlayStep, playbook: Playbook, links: Links) -> Iterator[Problem]:
    loc = ("steps", index)
    if step.kind in FACING and step.message is None:
        yield Problem(loc, f"step {step.name!r} ({step.kind}) has no words for the customer", "add `message`")
    if step.kind in INTERNAL and step.message is not None:
        yield Problem(
            (*loc, "message"), f"step {step.name!r} ({step.kind}) reaches nobody outside", "make it a `briefing`, or another kind"
        )
    if step.message is not None and not playbook.reach_of(step):
        yield Problem((*loc, "message"), f"step {step.name!r} writes to nobody", "add `reach` to the step or the playbook")
    if step.channel is not None and step.kind != "message":
        yield Problem((*loc, "channel"), f"step {step.name!r} ({step.kind}) has a channel", "only messages have one: remove it")
    by_mail = step.kind == "message" and step.channel in (None, "email", "survey")
    if by_mail and step.message is not None and not step.message.startswith("Subject: "):
        yield Problem((*loc, "message"), f"the mail of step {step.name!r} has no subject", "begin it with a line `Subject: ...`")
    for field, text in (("message", step.message), ("briefing", step.briefing)):
        for fault in () if text is None else template_faults(text, links.links):
            yield Problem((*loc, field), fault, _TEMPLATE_FIX)
    for place, name in enumerate(step.links):
        if name not in links.links:
            yield Problem((*loc, "links", place), f"unknown link {name!r}", f"use one of {', '.join(links.links)}, or add it to links.yaml")
