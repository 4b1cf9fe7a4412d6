"""A pool: who can stand for a role, by which rule its runs are shared out, and who helps when nobody of it is at work."""

from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, model_validator

from plays.roster.person import Person, PersonId

Policy = Literal["least_open_minutes", "least_open_runs", "least_arr", "longest_since_last", "round_robin"]

BY_TURNS: tuple[Policy, ...] = ("longest_since_last", "round_robin")
"""Those that count turns instead of looking at what people hold."""


class Member(BaseModel):
    """A person's place in a pool. Their share of it is their capacity times the weight, relative to the others'."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    person: PersonId
    weight: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] = 1.0


class Pool(BaseModel):
    """`overflow` names the pool that takes runs whose clock does not wait while nobody of this one is at work and has room.

    A plain list stands for its members.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    members: tuple[Member, ...]
    policy: Policy = "least_open_minutes"
    overflow: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain_list(cls, data: object) -> object:
        return {"members": data} if isinstance(data, list | tuple) else data

    def share(self, person: Person, weight: float) -> float:
        """A member's share: in the unit that the policy counts."""
        capacity = person.capacity
        return weight * (capacity.share_minutes if self.policy == "least_open_minutes" else capacity.share_runs)


class Seat(NamedTuple):
    """A person's place in a pool, with their share of its runs relative to the others'."""

    person: Person
    share: float
