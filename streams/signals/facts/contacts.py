"""Takes contact events into who the people of an account are."""

from schemas.events.event import Event
from streams.processing.account import CONTACTS, PROFILE, Contact, Contacts
from streams.processing.cells import Cells
from streams.signals.calendar import calendar_of, day_number

MAX_CONTACTS = 200

STAKEHOLDERS = ("champion", "decision_maker", "executive_sponsor", "team_lead", "technical_admin")
"""Roles of people the relation rests on: everybody but users. The first three are the key contacts."""

_ABOUT = ("name", "influence", "seniority", "title", "employer")


def fold_contact(cells: Cells, event: Event) -> None:
    """contact.*: who they are, since when, and whether they left or are away."""
    contacts, data = cells.edit(CONTACTS), event.data
    contact_id = data["contact_id"]
    contact = contacts.people.get(contact_id)
    if contact is None:
        _make_room(contacts)
        contact = contacts.people[contact_id] = Contact(known_ms=event.time_ms)
    if event.type == "contact.left":
        contact.left_ms = event.time_ms
        return
    if event.type == "contact.leave":
        _goes_on_leave(cells, contact, event)
        return
    if event.type == "contact.added" and contact.left_ms is not None:
        contact.left_ms, contact.known_ms, contact.role_ms, contact.role_before = None, event.time_ms, event.time_ms, None
    for name in _ABOUT:
        if name in data:
            setattr(contact, name, data[name])
    contact.opted_out = bool(data.get("opted_out", contact.opted_out))
    role = data.get("role", contact.role)
    if role != contact.role:
        contact.role_before = data.get("role_before", contact.role)
        contact.role, contact.role_ms = role, event.time_ms


def _goes_on_leave(cells: Cells, contact: Contact, event: Event) -> None:
    if contact.leave_told_ms is not None and event.time_ms < contact.leave_told_ms:
        return
    until = event.data.get("until")
    contact.leave_told_ms, contact.leave_from_day = event.time_ms, leave_begins(cells, event)
    contact.leave_until_day = None if until is None else day_number(until)


def leave_begins(cells: Cells, event: Event) -> int:
    """The first day of a leave: as stated, else the day it was told."""
    begins = event.data.get("from")
    return calendar_of(cells[PROFILE].timezone).day_of(event.time_ms) if begins is None else day_number(begins)


def _make_room(contacts: Contacts) -> None:
    people = contacts.people
    if len(people) >= MAX_CONTACTS:
        del people[next((name for name, person in people.items() if person.left_ms is not None), next(iter(people)))]
