"""The working hours of people, from the calendars of the policy."""

from plays.roster.person import Person
from plays.roster.rota import Hours, Shifts
from plays.sla.calendars import Calendars


def hours_of(calendars: Calendars) -> Hours:
    """Of a person: the calendar they name, else the company's, in their timezone. Raises LookupError for a name nobody has."""

    def found(person: Person) -> Shifts:
        if person.calendar is not None and person.calendar not in calendars:
            raise LookupError(f"there is no calendar {person.calendar!r}: name one of {', '.join(calendars.names)}")
        return calendars.person(person.calendar, person.timezone)

    return found
