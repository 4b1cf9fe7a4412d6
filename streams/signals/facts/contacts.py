"""Takes contact events into who the people of an account are."""

from schemas.events.event import Event
from streams.processing.account import CONTACTS, Contact, Contacts
from streams.processing.cells import Cells

MAX_CONTACTS = 200


def fold_contact(cells: Cells, event: Event) -> None:
    """contact.*: who they are, and whether they left."""
    contacts, data = cells.edit(CONTACTS), event.data
    contact_id = data["contact_id"]
    contact = contacts.people.get(contact_id)
    if contact is None:
        _make_room(contacts)
        contact = contacts.people[contact_id] = Contact()
    if event.type == "contact.left":
        contact.left_ms = event.time_ms
        return
    if event.type == "contact.added":
        contact.left_ms = None
    for name in ("name", "role", "influence"):
        if name in data:
            setattr(contact, name, data[name])


def _make_room(contacts: Contacts) -> None:
    people = contacts.people
    if len(people) >= MAX_CONTACTS:
        del people[next((name for name, person in people.items() if person.left_ms is not None), next(iter(people)))]
