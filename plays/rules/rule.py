"""A rule as its file states it."""

import hashlib
import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from plays.problem import Problem
from plays.rules.amounts import Days
from plays.rules.answer import PlayId, Sla
from plays.rules.cleared_by import ClearedBy
from plays.rules.detectors.any_kind import AnyParameters
from plays.rules.matcher import fields_of
from plays.rules.subjects import field_of
from schemas.records.trigger import Priority

Text = Annotated[str, Field(min_length=1, max_length=2000)]
Concern = Literal[
    "onboarding", "adoption", "support", "experience", "commercial", "stakeholder", "renewal", "expansion", "lifecycle", "plan", "cadence"
]
UNTIL_CLEARED: Literal["until cleared"] = "until cleared"
Outcome = Literal["time_to_value", "renewal_confidence", "expansion_readiness", "support_friction"]
Situation = Literal["plan", "onboarding", "onboarded"]
"""What an account must have besides its segment when the rule would fire: a success plan; an onboarding that is not completed, or
that is behind it."""


class Rule(BaseModel):
    """When a trigger fires and what it says. `docs/rules.md` explains every field to authors."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[A-Z]{1,3}[0-9]{1,3}$")]
    version: Annotated[int, Field(ge=1)]
    title: Annotated[str, Field(min_length=1, max_length=120)]
    status: Literal["experimental", "test", "stable", "retired"]
    concern: Concern
    subject: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    applies_to: Annotated[tuple[str, ...], Field(min_length=1)]
    requires: Situation | None = None
    timer: Literal["N", "Y", "D"]
    priority: Priority
    owner: Text
    sla: Sla
    outcome: Outcome
    play: PlayId
    detector: AnyParameters
    overrides: dict[str, dict[str, Any]] = {}
    cooldown: Days | None = None
    rearm: Text
    clears_when: Text
    cleared_by: ClearedBy | None = None
    max_hold: Days | Literal["until cleared"]
    on_activate: Literal["silent", "paced"]
    rationale: Text
    false_positives: Annotated[tuple[Text, ...], Field(min_length=1)]
    source: Text

    def problems(self) -> Iterator[Problem]:
        """What is wrong although each field by itself is right."""
        for problem in self.detector.problems():
            yield Problem(("detector", *problem.loc), problem.what, problem.fix)
        for match in self.detector.matchers():
            for problem in match.problems():
                yield Problem(("detector", match.type), problem.what, problem.fix)
        yield from self.hold_problems(self.detector)
        if self.cleared_by is not None:
            for problem in self.cleared_by.problems():
                yield Problem(("cleared_by", *problem.loc), problem.what, problem.fix)
            for index, match in enumerate(self.cleared_by.events):
                known = fields_of(match.type)
                if known and self.subject != "account" and field_of(self.subject) not in known:
                    what = f"{match.type} names no {self.subject}"
                    yield Problem(("cleared_by", "events", index), what, "use an event about the subject of the rule")

    def hold_problems(self, detector: AnyParameters) -> Iterator[Problem]:
        """A `max_hold` under which the end of an episode comes too late to be seen. `detector`: the figures that count."""
        least = detector.least_hold()
        if least is not None and isinstance(self.max_hold, int) and self.max_hold < least[0]:
            what = f"its episodes expire after {self.max_hold} days, before they can be over: {least[1]}"
            yield Problem(("max_hold",), what, f"make it {least[0]}d or more, or `{UNTIL_CLEARED}`")

    def overridden(self, values: dict[str, Any]) -> AnyParameters:
        """The detector's parameters with some replaced. Raises pydantic's `ValidationError`."""
        return type(self.detector).model_validate({**self.detector.model_dump(exclude_unset=True), **values})

    @property
    def content_hash(self) -> str:
        """SHA-256 (hex) of what the file states, in canonical JSON: equal for files that differ in layout only."""
        stated = self.model_dump(mode="json", exclude_unset=True)
        return hashlib.sha256(json.dumps(stated, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()
