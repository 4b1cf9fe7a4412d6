"""The numbers of the SLA clocks that rules do not state."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from plays.sla.calendars import Whose
from plays.sla.first_action import check_first_action
from schemas.records.play_message import Clock
from schemas.records.trigger import Priority

Percent = Annotated[int, Field(ge=1, le=99)]
Warnings = Annotated[tuple[Percent, ...], Field(min_length=1, max_length=4)]
PauseReason = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]


class SlaPolicy(BaseModel):
    """How the clocks of a run follow from the first-action SLA, and what happens when nobody answers.

    Shares are of the first-action time. Days are elapsed days.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    acknowledge_percent: Annotated[int, Field(ge=1, le=100)] = 25
    resolve_percent: Annotated[int, Field(ge=100, le=10_000)] = 400
    warnings_percent: Warnings = (50, 80)
    warnings_percent_of_priority: Mapping[Priority, Warnings] = Field(default_factory=dict)
    stopped_by: Mapping[PauseReason, tuple[Clock, ...]] = Field(default_factory=lambda: {"waiting_on_us": ()})
    restart_acknowledge: bool = True
    working_hours_of: Whose = "company"
    working_hours_of_priority: Mapping[Priority, Whose] = Field(default_factory=dict)
    undated_first_action: str = "72h"
    longest_snooze_days: Annotated[int, Field(ge=1, le=90)] = 14
    idle_close_days: Annotated[int, Field(ge=1, le=400)] = 90
    idle_close_automation_days: Annotated[int, Field(ge=1, le=400)] = 14
    forget_closed_days: Annotated[int, Field(ge=1, le=400)] = 30
    open_runs_at_most: Annotated[int, Field(ge=5, le=200)] = 40
    answer_within_s: Annotated[int, Field(ge=1, le=300)] = 10
    confirm_every_hours: Annotated[int, Field(ge=1, le=168)] = 24

    def whose(self, priority: Priority) -> Whose:
        """Whose working hours the business spans of a run of this priority are counted in."""
        return self.working_hours_of_priority.get(priority, self.working_hours_of)

    def warnings(self, priority: Priority) -> tuple[int, ...]:
        """At which percents of their time the clocks of a run of this priority warn, rising."""
        return self.warnings_percent_of_priority.get(priority, self.warnings_percent)

    def stops(self, reason: str | None, clock: Clock) -> bool:
        """Whether a clock stands still while a run rests for this reason. Reasons that the policy does not name stop all three."""
        named = None if reason is None else self.stopped_by.get(reason)
        return named is None or clock in named

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for stated in (self.warnings_percent, *self.warnings_percent_of_priority.values()):
            if any(one >= other for one, other in pairwise(stated)):
                raise ValueError("warnings_percent must rise: the first warning comes before the second")
        check_first_action(self.undated_first_action)
        if not self.undated_first_action[0].isdigit():
            raise ValueError("undated_first_action must be a duration such as 72h or 3bd")
        return self
