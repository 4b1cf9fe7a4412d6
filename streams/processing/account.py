"""What is known about the account itself: written by signals, read by both processors."""

import msgspec

from streams.processing.bounded import drop_first
from streams.processing.cell import Cell


class Profile(msgspec.Struct, omit_defaults=True):
    """The account as its own systems describe it. Days are account-local days since 1970-01-01; None is unknown."""

    name: str | None = None
    timezone: str | None = None
    industry: str | None = None
    region: str | None = None
    tier: str | None = None
    plan_type: str | None = None
    touch_model: str | None = None  # stated by the publisher; else derived from ACV
    strategic: bool = False
    acv: float | None = None
    mrr: float | None = None
    seats: int | None = None
    csm: str | None = None
    account_executive: str | None = None
    executive_sponsor: str | None = None
    key_features: list[str] = []
    created_ms: int | None = None
    handoff_ms: int | None = None
    first_contract_start_day: int | None = None
    onboarding_completed_ms: int | None = None
    churned_ms: int | None = None
    known_ms: int | None = None  # earliest event time outside product usage: since when we know of the account
    contract_acv: float | None = None  # as the latest contract states it, for accounts whose profile says no ACV
    contract_acv_ms: int | None = None
    plan_ms: int | None = None  # earliest event that speaks of a success plan
    first_contract_known_ms: int | None = None  # event time of what says when the first contract began
    languages: list[str] = []  # spoken there, by their ISO 639 codes


class Contact(msgspec.Struct, omit_defaults=True):
    """A person at the customer."""

    name: str | None = None
    role: str | None = None
    influence: str | None = None
    left_ms: int | None = None
    seniority: str | None = None
    title: str | None = None
    employer: str | None = None
    known_ms: int | None = None  # since when we know them; of who came back, since then
    role_ms: int | None = None  # since when they have the role
    role_before: str | None = None
    leave_from_day: int | None = None  # the leave last announced, both days included; no end is known where `until` is None
    leave_until_day: int | None = None
    leave_told_ms: int | None = None
    opted_out: bool = False  # they do not want to be written to by plays


class Contacts(msgspec.Struct, omit_defaults=True):
    """Known contacts by the publisher's contact id; at most 200, those who left are dropped first."""

    people: dict[str, Contact] = {}


def _trim_profile(profile: Profile) -> int:
    return drop_first(profile.key_features)


def _trim_contacts(contacts: Contacts) -> int:
    return drop_first(contacts.people)


PROFILE: Cell[Profile] = Cell("profile", Profile, version=1, trim=_trim_profile)
CONTACTS: Cell[Contacts] = Cell("contacts", Contacts, version=1, trim=_trim_contacts)
