"""The levels of a playbook's escalation: roles or people, when they take over, and how they are told."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from plays.playbooks.spans import Span, usual_ms
from plays.policy.owners import Team
from plays.problem import Problem
from plays.runs.roles import AUTOMATION, ROLES

TOP_ROLE = "cs_lead"
_OF_ACCOUNTS = frozenset({"csm", "account_executive"})  # accounts may name their own


class Level(BaseModel):
    """Takes over `after` the breach (at once where it says nothing), unless somebody acknowledged. `channels`: for who delivers it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: str
    person: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    after: Span | None = None
    channels: Annotated[tuple[Literal["email", "chat", "page", "call"], ...], Field(max_length=4)] = ()


Stated = str | Level


def level_of(stated: Stated) -> Level:
    """A bare role is a level that takes over at once."""
    return Level(role=stated) if isinstance(stated, str) else stated


def level_problems(escalation: Sequence[Stated]) -> Iterator[Problem]:
    """Unknown roles, a path that does not end at the top, and waits that do not rise: a level that could never be the one."""
    waited = False
    last_ms = 0
    for index, stated in enumerate(escalation):
        level, loc = level_of(stated), ("escalation", index)
        if level.role not in ROLES or level.role == AUTOMATION:
            yield Problem(loc, f"unknown role {level.role!r}", f"use one of {', '.join(sorted(ROLES - {AUTOMATION}))}")
        if level.after is None:
            if waited:
                what = f"the ladder has a hole: level {index + 1} ({level.role}) says no wait, and the one before it waits"
                yield Problem(loc, what, "give it an `after`, longer than that of the level before")
            continue
        at_ms = usual_ms(level.after)
        if waited and at_ms <= last_ms:
            what = f"level {index + 1} ({level.role}) would take over {level.after} after the breach, not later than the level before"
            yield Problem((*loc, "after"), what, "waits are counted from the breach: let them rise from level to level")
        waited, last_ms = True, at_ms
    top = level_of(escalation[-1]).role
    if top != TOP_ROLE:
        yield Problem(("escalation",), f"the escalation path ends at {top!r}", f"end it with {TOP_ROLE}")


def unknown_people(escalation: Sequence[Stated], team: Team) -> Iterator[Problem]:
    """Levels that name somebody the owners file does not list: nobody could be told."""
    for index, stated in enumerate(escalation):
        level = level_of(stated)
        if level.person is not None and team.person(level.person) is None:
            what = f"the ladder has a hole: level {index + 1} names {level.person!r}, who is not in the owners file"
            yield Problem(("escalation", index, "person"), what, "name the id of a listed person, or add them there")


def empty_levels(escalation: Sequence[Stated], team: Team) -> Iterator[Problem]:
    """Levels whose pool has nobody in the owners file: the ladder passes them over."""
    for index, stated in enumerate(escalation):
        level = level_of(stated)
        if level.person is None and level.role not in _OF_ACCOUNTS and not any(s.person.active for s in team.seats(level.role)):
            what = f"the ladder has a hole: nobody of the owners file is in the pool of level {index + 1} ({level.role})"
            yield Problem(("escalation", index), what, f"put somebody into the pool {level.role!r}, or take the level out")
