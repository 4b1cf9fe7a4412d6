"""A report as its file states it: what it shows, for whom, how often."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from plays.problem import Problem
from plays.runs.roles import AUTOMATION, ROLES

Column = Literal["fired", "steps", "closures", "measures", "retention"]


class ReportDefinition(BaseModel):
    """A report of the library. The fields a report does not have are stated as `-`, as the checklist does."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[A-Z]{1,3}[0-9]{1,3}$")]
    version: Annotated[int, Field(ge=1)]
    title: Annotated[str, Field(min_length=3, max_length=120)]
    concern: Literal["-"]
    subject: Literal["-"]
    applies_to: Literal["-"]
    timer: Literal["D"]
    priority: Literal["-"]
    owner: str
    sla: Literal["-"]
    outcome: Literal["-"]
    play: Literal["report"]
    every: Literal["quarter"]
    over: Literal["play-outcomes"]
    retained_days: Annotated[int, Field(ge=1, le=400, description="When an account that had a launch counts as kept.")]
    columns: Annotated[tuple[Column, ...], Field(min_length=1)]
    rationale: Annotated[str, Field(min_length=20, max_length=2000)]
    source: Annotated[str, Field(min_length=3, max_length=400)]

    def problems(self) -> Iterator[Problem]:
        """What is wrong although each field by itself is right."""
        if self.owner not in ROLES or self.owner == AUTOMATION:
            yield Problem(("owner",), f"unknown role {self.owner!r}", f"use one of {', '.join(sorted(ROLES - {AUTOMATION}))}")
