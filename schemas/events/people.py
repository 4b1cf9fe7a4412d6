"""Topic `roster`: the people who own runs, as a directory or an HR system knows them. Key: the person's id.

A record states the whole person. What it leaves out is as the owners file has it, or the default for who is not in the file:
so the last record of a person is enough, and the topic can be compacted.
"""

from typing import Literal, Required

from schemas.events.base import Count, Fact, Name, Names
from schemas.events.kind import EventKind, kinds


class _OfPerson(Fact, total=False):
    person_id: Required[Name]


class PersonChanged(_OfPerson, total=False):
    """A person as they are from now on. `pools`: `csm`, or with a weight `csm:0.5`. `absences`: `2026-08-03/2026-08-14`, both days
    included, or moments `2026-08-03T10:00:00Z/2026-08-03T15:00:00Z`.
    """

    type: Required[Literal["person.changed"]]
    name: Name
    email: Name
    pools: Names
    skills: Names
    languages: Names
    capacity_runs: Count
    capacity_minutes: Count
    calendar: Name
    timezone: Name
    absences: Names
    active: bool


class PersonRemoved(_OfPerson, total=False):
    """The person takes no run any more; what they have they keep until it is closed or given to somebody else."""

    type: Required[Literal["person.removed"]]


KINDS: tuple[EventKind, ...] = kinds(
    "roster",
    (
        PersonChanged,
        {
            "name": "Maya Lindqvist",
            "email": "maya.lindqvist@playcall.example",
            "pools": ["csm", "enablement:0.25"],
            "skills": ["integrations"],
            "languages": ["en", "sv"],
            "capacity_runs": 25,
            "capacity_minutes": 20_000,
            "calendar": "office",
            "timezone": "Europe/Stockholm",
            "absences": ["2026-08-03/2026-08-14"],
            "active": True,
        },
    ),
    (PersonRemoved, {}),
    who="person_id",
)
