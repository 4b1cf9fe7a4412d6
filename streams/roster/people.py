"""The team as it stands: the owners file, and over it the last good record of each person."""

import msgspec

from plays.policy.owners import PEOPLE_AT_MOST, Team
from plays.roster.change import GONE, BadChangeError, Stated, check, with_changes
from plays.roster.rota import Hours, Rota
from schemas.events.event import Event
from streams.processing.cells import Cells
from streams.processing.effects import Reject
from streams.roster.cells import CHANGED, OF_PERSON, OfPerson, of_person, shared

REFUSED = "bad_person"


class People:
    """Compiles the team anew when a record has changed it, and only then."""

    def __init__(self, team: Team, hours: Hours) -> None:
        self._team = team
        self._hours = hours
        self._rota = Rota(team, hours)
        self._version = 0

    def rota(self, cells: Cells) -> Rota:
        """Everybody as of now."""
        changed = shared(cells)[CHANGED]
        if changed.version != self._version:
            stated = {person: of_person(cells, person)[OF_PERSON].stated for person in changed.people}
            self._rota = Rota(with_changes(self._team, stated, self._hours), self._hours)
            self._version = changed.version
        return self._rota

    def change(self, cells: Cells, event: Event) -> Reject | None:
        """Take a record in. One that cannot be is rejected, and the good one before it goes on."""
        person = event.account_id
        stated = GONE if event.type == "person.removed" else read(event)
        changed = shared(cells)[CHANGED]
        try:
            if event.type == "person.removed" and all(known.id != person for known in self._team.people):
                self._forget(cells, person)
                return None
            check(self._team, person, stated, self._hours)
            new = person not in changed.people and self._rota.person(person) is None
            if new and len(self.rota(cells).team.people) >= PEOPLE_AT_MOST:
                raise BadChangeError(f"the team has {PEOPLE_AT_MOST} people already: remove somebody first")
        except BadChangeError as error:
            return Reject(REFUSED, str(error))
        of_person(cells, person).put(OF_PERSON, OfPerson(stated))
        kept = shared(cells).edit(CHANGED)
        if person not in kept.people:
            kept.people.append(person)
        kept.version += 1
        return None

    def _forget(self, cells: Cells, person: str) -> None:
        """Whom only the topic knew, and who is gone."""
        if person in shared(cells)[CHANGED].people:
            of_person(cells, person).drop(OF_PERSON)
            kept = shared(cells).edit(CHANGED)
            kept.people.remove(person)
            kept.version += 1


def read(event: Event) -> Stated:
    """The record of a `person.changed`."""
    return msgspec.convert({name: event.data[name] for name in Stated.__struct_fields__ if name in event.data}, Stated)
