"""Topic `accounts`: the people at the customer."""

from typing import Literal, Required

from typing_extensions import TypedDict

from schemas.events.base import ContactRole, Day, Envelope, Grade, Name, Timestamp, Word
from schemas.events.kind import EventKind, kinds


class _Person(Envelope, total=False):
    contact_id: Required[Name]
    name: Word
    role: ContactRole
    influence: Grade
    seniority: Word
    title: Word
    employer: Word


class ContactAdded(_Person, total=False):
    """A person at the customer became known."""

    type: Required[Literal["contact.added"]]


class ContactUpdated(_Person, total=False):
    """What is known about a person was corrected. `opted_out`: they do not want to be written to by plays."""

    type: Required[Literal["contact.updated"]]
    opted_out: bool


class ContactLeft(Envelope, total=False):
    """A person left the customer."""

    type: Required[Literal["contact.left"]]
    contact_id: Required[Name]


class ContactRoleChanged(Envelope, total=False):
    """A person has another role towards us."""

    type: Required[Literal["contact.role_changed"]]
    contact_id: Required[Name]
    role: Required[ContactRole]
    role_before: ContactRole


class ContactProfileChanged(_Person, total=False):
    """A person's public profile changed: another employer, another title."""

    type: Required[Literal["contact.profile_changed"]]


# `from` is a word of Python's own, so this one cannot be written as a class.
ContactLeave = TypedDict(
    "ContactLeave",
    {
        "event_id": Required[Name],
        "type": Required[Literal["contact.leave"]],
        "account_id": Required[Name],
        "occurred_at": Required[Timestamp],
        "source": Required[Name],
        "contact_id": Required[Name],
        "from": Day,
        "until": Day,
    },
    total=False,
)
ContactLeave.__doc__ = "A person is away from `from` until `until` (parental leave, sabbatical)."

_PERSON = {"contact_id": "c-7", "name": "Ada Berg", "role": "champion", "influence": "high", "seniority": "director"}

KINDS: tuple[EventKind, ...] = kinds(
    "accounts",
    (ContactAdded, _PERSON),
    (ContactUpdated, {"contact_id": "c-7", "influence": "medium"}),
    (ContactLeft, {"contact_id": "c-7"}),
    (ContactRoleChanged, {"contact_id": "c-7", "role": "user", "role_before": "champion"}),
    (ContactLeave, {"contact_id": "c-7", "from": "2026-04-01", "until": "2026-09-30"}),
    (ContactProfileChanged, {**_PERSON, "title": "VP Operations", "employer": "Umbra Ltd."}),
)
