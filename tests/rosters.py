"""Teams with working hours, for tests of the roster. Real calendars: Monday to Friday, nine to five, in the person's own timezone."""

from functools import cache
from zoneinfo import ZoneInfo

from plays.policy.owners import Choosing, Team
from plays.roster.absence import Absence
from plays.roster.person import Capacity, Person
from plays.roster.pool import Member, Policy, Pool
from plays.roster.rota import Shifts
from plays.sla.calendar import WorkingCalendar
from plays.sla.day_plan import WeekPlan
from plays.sla.hours import parse_week

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MONDAY = 1_772_409_600_000
"""2026-03-02T00:00:00Z."""


@cache
def _calendar(name: str, zone: str) -> WorkingCalendar:
    hours = {"night": {"daily": ("22:00-06:00",)}, "always": {"daily": ("00:00-24:00",)}}.get(name, {"mon-fri": ("09:00-17:00",)})
    return WorkingCalendar(name, ZoneInfo(zone), WeekPlan(parse_week(hours)))


def hours(person: Person) -> Shifts:
    """The calendars `office` (the default), `night` and `always`, in the person's timezone."""
    name = person.calendar or "office"
    if name not in ("office", "night", "always"):
        raise LookupError(f"there is no calendar {name!r}")
    return _calendar(name, person.timezone or "UTC")


def someone(
    name: str, *, runs: int | None = None, minutes: int | None = None, zone: str = "UTC", calendar: str = "office",
    absent: str | None = None, skills: tuple[str, ...] = (), languages: tuple[str, ...] = (), active: bool = True,
) -> Person:  # fmt: skip
    """A person whose id is their name in small letters."""
    absences = () if absent is None else (Absence.parse(absent),)
    return Person(
        id=name.lower(), name=name, email=f"{name.lower()}@example.com", capacity=Capacity(runs=runs, sla_minutes=minutes), timezone=zone,
        calendar=calendar, absences=absences, skills=skills, languages=languages, active=active,
    )  # fmt: skip


def pool(*names: str, policy: Policy = "least_open_minutes", overflow: str | None = None) -> Pool:
    """A pool of members of equal weight."""
    return Pool(members=tuple(Member(person=name) for name in names), policy=policy, overflow=overflow)


def team(*people: Person, fallback: str, pools: dict[str, Pool], choosing: Choosing | None = None) -> Team:
    """A team that lint would take."""
    found = Team(people=people, pools=pools, fallback=fallback, choosing=choosing or Choosing())
    assert list(found.problems()) == []
    return found
