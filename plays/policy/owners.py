"""The people who own runs: who they are, which pools they are in, who takes what nobody else takes."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from plays.policy.feeds import milliseconds
from plays.problem import Problem
from plays.roster.person import Person, PersonId
from plays.roster.pool import Pool, Seat
from plays.runs.roles import AUTOMATION, ROLES

PEOPLE_AT_MOST = 2_000


def _span(text: str) -> str:
    milliseconds(text)
    return text


Span = Annotated[str, AfterValidator(_span)]


class Choosing(BaseModel):
    """The numbers by which people are chosen; spans as `30m`, `4h`, `3d`, of elapsed time.

    `wait_for_own`: so long a run whose clock counts working time waits for the shift of the person who knows the account.
    `same_shift`: whose shifts begin within so long of the earliest one compete for what has to wait for a shift.
    `knows_for`: so long somebody counts as knowing an account after they last got a run of it.
    `forget_after`: what nobody has confirmed for so long is taken to be over, and its capacity given back.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    wait_for_own: Span = "4d"
    same_shift: Span = "4h"
    knows_for: Span = "180d"
    forget_after: Span = "5d"

    @property
    def wait_for_own_ms(self) -> int:
        """In ms."""
        return milliseconds(self.wait_for_own)

    @property
    def same_shift_ms(self) -> int:
        """In ms."""
        return milliseconds(self.same_shift)

    @property
    def knows_for_ms(self) -> int:
        """In ms."""
        return milliseconds(self.knows_for)

    @property
    def forget_after_ms(self) -> int:
        """In ms."""
        return milliseconds(self.forget_after)


class Team(BaseModel):
    """The owners file. `fallback` takes a run when a role has nobody: it is mandatory, so every run has an owner."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    people: Annotated[tuple[Person, ...], Field(min_length=1, max_length=PEOPLE_AT_MOST)]
    pools: dict[str, Pool]
    fallback: PersonId
    choosing: Choosing = Choosing()

    def person(self, known_as: str) -> Person | None:
        """The person of this id, name or e-mail address, in whatever case a profile writes it."""
        wanted = known_as.strip().casefold()
        return next((person for person in self.people if wanted in _known_as(person)), None)

    def seats(self, pool: str) -> tuple[Seat, ...]:
        """Who is in a pool, as the file lists them; nobody where there is no such pool."""
        found = self.pools.get(pool)
        if found is None:
            return ()
        people = {person.id: person for person in self.people}
        return tuple(Seat(people[member.person], found.share(people[member.person], member.weight)) for member in found.members)

    def chain(self, pool: str) -> tuple[str, ...]:
        """The pool and those it overflows to, in order; none twice."""
        found: dict[str, None] = {}
        name: str | None = pool
        while name is not None and name not in found and name in self.pools:
            found[name] = None
            name = self.pools[name].overflow
        return tuple(found)

    def problems(self) -> Iterator[Problem]:
        """What is wrong although each field by itself is right."""
        ids = Counter(person.id for person in self.people)
        for index, person in enumerate(self.people):
            if ids[person.id] > 1:
                what = f"person {person.id!r} is listed {ids[person.id]} times"
                yield Problem(("people", index, "id"), what, "keep one entry per person")
            if person.id == self.fallback and not person.active:
                what = f"{person.id!r} takes what nobody else takes, and is not active"
                yield Problem(("people", index, "active"), what, "name somebody else as fallback first")
        yield from _look_alikes(self.people)
        for role, pool in self.pools.items():
            yield from _pool_problems(role, pool, ids)
            yield from self._overflow_problems(role, pool)
        if self.fallback not in ids:
            yield Problem(("fallback",), f"fallback {self.fallback!r} is not among the people", "name the id of a listed person")

    def _overflow_problems(self, role: str, pool: Pool) -> Iterator[Problem]:
        if pool.overflow is None:
            return
        at = ("pools", role, "overflow")
        if pool.overflow not in self.pools:
            yield Problem(at, f"there is no pool {pool.overflow!r}", f"name one of {', '.join(self.pools)}")
            return
        chain = self.chain(role)
        back_to = self.pools[chain[-1]].overflow
        if back_to == role:
            circle = " -> ".join((*chain, role))
            yield Problem(at, f"pools overflow in a circle: {circle}", "let the last one go without: the fallback comes after it")


def _known_as(person: Person) -> tuple[str, ...]:
    """How accounts may name somebody: id, name, e-mail address; whatever the case."""
    return tuple(text.casefold() for text in (person.id, person.name, person.email) if text)


def _look_alikes(people: Sequence[Person]) -> Iterator[Problem]:
    """Two people whom accounts could mean by the same words."""
    first: dict[str, Person] = {}
    for index, person in enumerate(people):
        for field, text in (("id", person.id), ("name", person.name), ("email", person.email)):
            other = first.setdefault(text.casefold(), person) if text else person
            if other.id != person.id:
                what = f"{text!r} is {other.id} as well as {person.id}"
                yield Problem(
                    ("people", index, field), what, "accounts name their people by id, name or e-mail address: make the two differ"
                )


def _pool_problems(role: str, pool: Pool, ids: Counter[str]) -> Iterator[Problem]:
    members = pool.members
    if role not in ROLES or role == AUTOMATION:
        names = ", ".join(sorted(ROLES - {AUTOMATION}))
        yield Problem(("pools", role), f"unknown role {role!r}", f"use one of {names}")
    if not members:
        yield Problem(("pools", role), f"pool {role!r} is empty", "add a member, or remove the pool: the fallback owner takes its runs")
    counts = Counter(member.person for member in members)
    for index, member in enumerate(members):
        if member.person not in ids:
            what = f"{member.person!r} is not among the people"
            yield Problem(("pools", role, "members", index, "person"), what, "add the person, or correct the id")
        if counts[member.person] > 1:
            fix = "list them once and raise the weight"
            what = f"{member.person!r} is in the pool {counts[member.person]} times"
            yield Problem(("pools", role, "members", index, "person"), what, fix)
