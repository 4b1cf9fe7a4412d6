"""The numbers of the SLA clocks that rules do not state."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from plays.sla.calendars import Whose
from plays.sla.first_action import check_first_action
from schemas.records.trigger import Priority

Percent = Annotated[int, Field(ge=1, le=99)]


class SlaPolicy(BaseModel):
    """How the clocks of a run follow from the first-action SLA, and what happens when nobody answers.

    Shares are of the first-action time. Days are elapsed days.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    acknowledge_percent: Annotated[int, Field(ge=1, le=100)] = 25
    resolve_percent: Annotated[int, Field(ge=100, le=10_000)] = 400
    warnings_percent: tuple[Percent, Percent] = (50, 80)
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

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.warnings_percent[0] >= self.warnings_percent[1]:
            raise ValueError("warnings_percent must rise: the first warning comes before the second")
        check_first_action(self.undated_first_action)
        if not self.undated_first_action[0].isdigit():
            raise ValueError("undated_first_action must be a duration such as 72h or 3bd")
        return self
