"""The people who own runs: who they are, which pools they are in, who takes what nobody else takes."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from plays.problem import Problem
from plays.runs.roles import AUTOMATION, ROLES

PersonId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._@+-]*$", max_length=100)]


class Person(BaseModel):
    """Someone who can own a run. `id` is how the CRM knows them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: PersonId
    name: Annotated[str, Field(min_length=1, max_length=100)]
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] | None = None


class Member(BaseModel):
    """A person's place in a pool; the weight is their share of its accounts relative to the others'."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    person: PersonId
    weight: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] = 1.0


class Team(BaseModel):
    """The owners file. `fallback` takes a run when a role has nobody: it is mandatory, so every run has an owner."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    people: Annotated[tuple[Person, ...], Field(min_length=1)]
    pools: dict[str, tuple[Member, ...]]
    fallback: PersonId

    def person(self, known_as: str) -> Person | None:
        """The person of this id, name or e-mail address, in whatever case a profile writes it."""
        wanted = known_as.strip().casefold()
        return next(
            (p for p in self.people if wanted in (p.id.casefold(), p.name.casefold(), (p.email or "").casefold())),
            None,
        )

    def problems(self) -> Iterator[Problem]:
        """What is wrong although each field by itself is right."""
        ids = Counter(person.id for person in self.people)
        for index, person in enumerate(self.people):
            if ids[person.id] > 1:
                what = f"person {person.id!r} is listed {ids[person.id]} times"
                yield Problem(("people", index, "id"), what, "keep one entry per person")
        for role, members in self.pools.items():
            yield from _pool_problems(role, members, ids)
        if self.fallback not in ids:
            yield Problem(("fallback",), f"fallback {self.fallback!r} is not among the people", "name the id of a listed person")


def _pool_problems(role: str, members: tuple[Member, ...], ids: Counter[str]) -> Iterator[Problem]:
    if role not in ROLES or role == AUTOMATION:
        names = ", ".join(sorted(ROLES - {AUTOMATION}))
        yield Problem(("pools", role), f"unknown role {role!r}", f"use one of {names}")
    if not members:
        yield Problem(("pools", role), f"pool {role!r} is empty", "add a member, or remove the pool: the fallback owner takes its runs")
    counts = Counter(member.person for member in members)
    for index, member in enumerate(members):
        if member.person not in ids:
            what = f"{member.person!r} is not among the people"
            yield Problem(("pools", role, index, "person"), what, "add the person, or correct the id")
        if counts[member.person] > 1:
            fix = "list them once and raise the weight"
            yield Problem(("pools", role, index, "person"), f"{member.person!r} is in the pool {counts[member.person]} times", fix)
