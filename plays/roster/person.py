"""Someone who can own a run: what they can do, how much they can take, when they are at work."""

from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from plays.roster.absence import Absence

PersonId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._@+-]*$", max_length=100)]
Skill = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._+-]*$", max_length=60)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Runs = Annotated[int, Field(ge=1, le=10_000)]
Minutes = Annotated[int, Field(ge=1, le=100_000_000)]

USUAL_RUNS = 30
MINUTES_PER_RUN = 1440
"""What stands for a capacity that is stated in the other unit only: one day a run."""


@cache
def _zones() -> frozenset[str]:
    """Without the machine's own, which is another one elsewhere. Looks at some hundred files."""
    return frozenset(available_timezones() - {"localtime"})


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError(f"{name!r} is no timezone: write an IANA name such as Europe/Berlin")
    return name


Timezone = Annotated[str, AfterValidator(_known_zone)]


class Capacity(BaseModel):
    """How much somebody takes at most: open runs, open SLA minutes, or both. What is not stated does not fill up."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    runs: Runs | None = None
    sla_minutes: Minutes | None = None

    @property
    def share_runs(self) -> float:
        """The person's share where runs are counted: half the capacity is half the share."""
        if self.runs is not None:
            return float(self.runs)
        return USUAL_RUNS if self.sla_minutes is None else self.sla_minutes / MINUTES_PER_RUN

    @property
    def share_minutes(self) -> float:
        """The same where SLA minutes are counted."""
        return self.share_runs * MINUTES_PER_RUN if self.sla_minutes is None else float(self.sla_minutes)

    def full(self, runs: int, minutes: int) -> bool:
        """Whether somebody who holds so much takes nothing more."""
        return (self.runs is not None and runs >= self.runs) or (self.sla_minutes is not None and minutes >= self.sla_minutes)


class Person(BaseModel):
    """`id` is how the CRM knows them. `calendar` names working hours of the calendars file, in `timezone`; None: as the file says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: PersonId
    name: Annotated[str, Field(min_length=1, max_length=100)]
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=256)] | None = None
    skills: Annotated[tuple[Skill, ...], Field(max_length=40)] = ()
    languages: Annotated[tuple[Language, ...], Field(max_length=20)] = ()
    capacity: Capacity = Capacity()
    calendar: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    timezone: Timezone | None = None
    absences: Annotated[tuple[Absence, ...], Field(max_length=60)] = ()
    active: bool = True

    @model_validator(mode="before")
    @classmethod
    def _capacity_in_runs(cls, data: object) -> object:
        """`capacity: 15` is short for so many runs."""
        if isinstance(data, dict) and type(data.get("capacity")) is int:  # not `true`, which Python takes for one
            return {**data, "capacity": {"runs": data["capacity"]}}
        return data


def stranger(known_as: str) -> Person:
    """Someone whom a profile names and no file lists: nothing is known of them, so they are taken to be at work in usual hours."""
    return Person.model_construct(id=known_as, name=known_as)
