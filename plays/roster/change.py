"""What is said of people while workers run, over what the owners file says."""

from collections.abc import Mapping
from typing import Any

import msgspec
from pydantic import ValidationError

from plays.policy.owners import PEOPLE_AT_MOST, Team
from plays.roster.absence import Absence
from plays.roster.person import Person
from plays.roster.pool import Member
from plays.roster.rota import Hours


class BadChangeError(ValueError):
    """What is said of a person cannot be; the text says what and how to say it right."""


class Stated(msgspec.Struct, omit_defaults=True, frozen=True):
    """One record about a person; None is left out, and then as the owners file says. `pools`: names, or `name:weight`."""

    name: str | None = None
    email: str | None = None
    pools: tuple[str, ...] | None = None
    skills: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    capacity_runs: int | None = None
    capacity_minutes: int | None = None
    calendar: str | None = None
    timezone: str | None = None
    absences: tuple[str, ...] | None = None
    active: bool | None = None


GONE = Stated(active=False)
"""What a removal states."""

_AS_THEY_ARE = ("name", "email", "skills", "languages", "calendar", "timezone", "active")


def check(team: Team, person_id: str, stated: Stated, hours: Hours) -> None:
    """Raises `BadChangeError` for a change that must not replace what is known of the person."""
    if team.fallback == person_id and stated.active is False:
        raise BadChangeError(f"{person_id} takes what nobody else takes: name another fallback in the owners file first")
    person = changed(team, person_id, stated)
    memberships(team, person_id, stated)
    try:
        hours(person)
    except LookupError as error:
        raise BadChangeError(f"calendar: {error.args[0] if error.args else error}") from None


def with_changes(team: Team, changes: Mapping[str, Stated], hours: Hours) -> Team:
    """The team as it stands. A change that the present file no longer allows does not count: the file does. At most 2,000 people."""
    people = {person.id: person for person in team.people}
    members = {name: {member.person: member for member in pool.members} for name, pool in team.pools.items()}
    for person_id in sorted(changes):
        stated = changes[person_id]
        if person_id not in people and len(people) >= PEOPLE_AT_MOST:
            continue
        try:
            check(team, person_id, stated, hours)
        except BadChangeError:
            continue
        people[person_id] = changed(team, person_id, stated)
        places = memberships(team, person_id, stated)
        if places is not None:
            for name, pool in members.items():
                if name in places:
                    pool[person_id] = Member(person=person_id, weight=places[name])
                else:
                    pool.pop(person_id, None)
    pools = {name: pool.model_copy(update={"members": tuple(members[name].values())}) for name, pool in team.pools.items()}
    return team.model_copy(update={"people": tuple(people.values()), "pools": pools})


def changed(team: Team, person_id: str, stated: Stated) -> Person:
    """The person as the change says and, where it says nothing, the file. Raises `BadChangeError`."""
    known = next((person for person in team.people if person.id == person_id), None)
    fields: dict[str, Any] = {"id": person_id} if known is None else dict(known)
    fields |= {name: value for name in _AS_THEY_ARE if (value := getattr(stated, name)) is not None}
    capacity = {} if known is None else known.capacity.model_dump()
    if stated.capacity_runs is not None:
        capacity["runs"] = stated.capacity_runs
    if stated.capacity_minutes is not None:
        capacity["sla_minutes"] = stated.capacity_minutes
    fields["capacity"] = capacity
    try:
        if stated.absences is not None:
            fields["absences"] = tuple(Absence.parse(text) for text in stated.absences)
        return Person.model_validate(fields)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in fault["loc"]) or "absences"
        raise BadChangeError(f"{where}: {fault['msg']}") from None


def memberships(team: Team, person_id: str, stated: Stated) -> dict[str, float] | None:
    """Weights by pool; None where the file says. Raises `BadChangeError`."""
    if stated.pools is None:
        return None
    found: dict[str, float] = {}
    for text in stated.pools:
        name, colon, weight = text.partition(":")
        if name not in team.pools:
            raise BadChangeError(f"pools: there is no pool {name!r}: name one of {', '.join(team.pools)}")
        try:
            found[name] = Member.model_validate({"person": person_id, "weight": float(weight) if colon else 1.0}).weight
        except ValueError:  # pydantic's are some
            raise BadChangeError(f"pools: {text!r}: a weight is a number above 0, at most 1000, as in {name}:0.5") from None
    return found
