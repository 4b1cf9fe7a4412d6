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
        person, team = event.account_id, self.rota(cells).team
        known = person in shared(cells)[CHANGED].people
        listed = any(one.id == person for one in self._team.people)
        if event.type == "person.removed":
            if not known and not listed:
                return None
            # whom no file lists stays known as gone: profiles of accounts may go on naming them
            stated = GONE if listed else msgspec.structs.replace(of_person(cells, person)[OF_PERSON].stated, active=False)
        else:
            stated = read(event)
        try:
            check(self._team, person, stated, self._hours)
            if not known and not listed and len(team.people) >= PEOPLE_AT_MOST:
                self._make_room(cells)
        except BadChangeError as error:
            return Reject(REFUSED, str(error))
        of_person(cells, person).put(OF_PERSON, OfPerson(stated))
        kept = shared(cells).edit(CHANGED)
        if person not in kept.people:
            kept.people.append(person)
        kept.version += 1
        return None

    def _make_room(self, cells: Cells) -> None:
        """Forget whoever was removed first of those whom no file lists."""
        listed = {one.id for one in self._team.people}
        kept = shared(cells).edit(CHANGED)
        gone = next((one for one in kept.people if one not in listed and of_person(cells, one)[OF_PERSON].stated.active is False), None)
        if gone is None:
            raise BadChangeError(f"the team has {PEOPLE_AT_MOST} people already: remove somebody first")
        of_person(cells, gone).drop(OF_PERSON)
        kept.people.remove(gone)


def read(event: Event) -> Stated:
    """The record of a `person.changed`."""
    return msgspec.convert({name: event.data[name] for name in Stated.__struct_fields__ if name in event.data}, Stated)
