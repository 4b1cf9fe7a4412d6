"""Who is at work when: the people of a team with their working hours and absences."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from enum import Enum
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from plays.policy.owners import Team
from plays.roster.absence import Span
from plays.roster.person import Person, stranger
from plays.roster.pool import BY_TURNS


class Shifts(Protocol):
    """What is asked of working hours; a `plays.sla.calendar.WorkingCalendar` is one."""

    @property
    def zone(self) -> ZoneInfo:
        """In which they are stated, and days begin."""

    def is_open(self, at_ms: int) -> bool:
        """Whether the instant is working time."""

    def next_open(self, at_ms: int) -> int:
        """The instant itself where it is working time, else the next opening. Raises ArithmeticError where there is none."""


Hours = Callable[[Person], Shifts]
"""The working hours of a person, from the calendar that the owners file names."""


class AlwaysOpen:
    """Where no calendars are known, everybody is at work at any time."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone

    def is_open(self, at_ms: int) -> bool:  # noqa: ARG002 always is always
        """Yes."""
        return True

    def next_open(self, at_ms: int) -> int:
        """At once."""
        return at_ms


def always_open(person: Person) -> Shifts:
    """`Hours` of a team without calendars."""
    return AlwaysOpen(ZoneInfo(person.timezone or "UTC"))


class State(Enum):
    """How somebody stands at an instant."""

    ON_DUTY = "on duty"
    OFF_DUTY = "off duty"  # their next shift is one they will be at
    ABSENT = "absent"  # now, or when their next shift begins


class Presence(NamedTuple):
    """`from_ms`: the instant asked about where on duty, else the first one at which they are at work; None where no end is known."""

    state: State
    from_ms: int | None


class Rota:
    """The team with working hours. Everything here is a function of the two; nothing is read from a clock."""

    __slots__ = ("_by_name", "_hours", "_people", "_shifts", "_spans", "by_turns", "members", "seats", "team")

    def __init__(self, team: Team, hours: Hours = always_open) -> None:
        self.team = team
        self._hours = hours
        self._people = {person.id: person for person in team.people}
        self._by_name: dict[str, Person] = {}
        for person in team.people:
            for name in (person.id, person.name, person.email or ""):
                self._by_name.setdefault(name.casefold(), person)
        self._shifts: dict[str, Shifts] = {}
        self._spans: dict[str, tuple[Span, ...]] = {}
        self.seats = {name: team.seats(name) for name in team.pools}
        self.members = {name: frozenset(seat.person.id for seat in seats) for name, seats in self.seats.items()}
        self.by_turns = tuple(name for name, pool in team.pools.items() if pool.policy in BY_TURNS)

    def person(self, person_id: str) -> Person | None:
        """The person of this id."""
        return self._people.get(person_id)

    def find(self, known_as: str) -> Person:
        """The person of this id, name or e-mail address in whatever case a profile writes it; a stranger where there is none."""
        return self._by_name.get(known_as.strip().casefold()) or stranger(known_as)

    def working(self, person: Person) -> bool:
        """Whether they take runs at all. Who takes what nobody else takes always does: no run is without an owner."""
        return person.active or person.id == self.team.fallback

    def away(self, person: Person, at_ms: int) -> bool:
        """Whether they are absent, by the absences that are stated of them."""
        return bool(person.absences) and self.presence(person, at_ms).state is State.ABSENT

    def presence(self, person: Person, at_ms: int) -> Presence:
        """Whether they are at work at `at_ms`, and if not, when they will be."""
        shifts, spans = self._shifts_of(person), self._spans_of(person)
        try:
            away = _covering(spans, at_ms)
            if away is None:
                opens_ms = shifts.next_open(at_ms)
                if opens_ms == at_ms:
                    return Presence(State.ON_DUTY, at_ms)
                away = _covering(spans, opens_ms)
                if away is None:
                    return Presence(State.OFF_DUTY, opens_ms)
            while away is not None:
                opens_ms = shifts.next_open(away.end_ms)
                away = _covering(spans, opens_ms)
        except ArithmeticError:  # no working time ahead, as far as a calendar looks
            return Presence(State.ABSENT, None)
        return Presence(State.ABSENT, opens_ms)

    def _shifts_of(self, person: Person) -> Shifts:
        found = self._shifts.get(person.id)
        if found is None:
            found = self._hours(person)
            if person.id in self._people:  # strangers are without number
                self._shifts[person.id] = found
        return found

    def _spans_of(self, person: Person) -> tuple[Span, ...]:
        if not person.absences:
            return ()
        found = self._spans.get(person.id)
        if found is None:
            zone = self._shifts_of(person).zone  # their own, else that of their calendar
            found = self._spans[person.id] = _merged(absence.span(zone) for absence in person.absences)
        return found


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Disjoint and in order."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start_ms <= found[-1].end_ms:
            found[-1] = Span(found[-1].start_ms, max(found[-1].end_ms, span.end_ms))
        elif span.start_ms < span.end_ms:
            found.append(span)
    return tuple(found)


def _covering(spans: tuple[Span, ...], at_ms: int) -> Span | None:
    index = bisect_right(spans, at_ms, key=lambda span: span.start_ms) - 1
    return spans[index] if index >= 0 and at_ms < spans[index].end_ms else None
