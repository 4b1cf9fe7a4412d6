"""What the router reads of an account: its people on our side and on theirs."""

from plays.policy.touch import TouchBands
from plays.runs.case import Case
from plays.runs.owner import AccountPeople
from schemas.records.play_message import Contact
from streams.processing.account import CONTACTS, PROFILE
from streams.processing.account import Contact as Known
from streams.processing.cells import Cells

_INFLUENCE = {"high": 0, "medium": 1, "low": 2}


def people_of(cells: Cells, bands: TouchBands) -> AccountPeople:
    """Our people as the account's profile names them, and its touch model."""
    profile = cells[PROFILE]
    touch = bands.touch_model(profile.touch_model, profile.strategic, profile.acv, profile.contract_acv, profile.mrr)
    return AccountPeople(cells.account_id, profile.csm, profile.account_executive, touch)


def named_by(cells: Cells, case: Case) -> str | None:
    """Whom of our people the trigger's evidence names; None also where it names somebody at the customer, whom we cannot send."""
    return case.named if case.named is not None and case.named not in cells[CONTACTS].people else None


def who_to_reach(cells: Cells, case: Case, wanted: tuple[str, ...], at_most: int, *, willing: bool = True) -> tuple[Contact, ...]:
    """Contacts in the playbook's order of preference, within a role by influence and id. Nobody who has left.

    With `willing` nobody either who does not want to be written to.

    `subject` is the contact the trigger is about, `requester` the one its evidence names as `requester_id`, `named` as `owner`.
    """
    people = cells[CONTACTS].people
    found: dict[str, Contact] = {}
    for role in wanted:
        if role == "subject":
            ids = [case.subject_id] if case.subject_kind == "contact" else []
        elif role == "requester":
            ids = [case.requester] if case.requester is not None else []
        elif role == "named":
            ids = [case.named] if case.named is not None and case.named in people else []
        else:
            ids = sorted((i for i, c in people.items() if c.role == role), key=lambda i: (_INFLUENCE.get(people[i].influence or "", 3), i))
        for contact_id in ids:
            known = people.get(contact_id, _UNKNOWN)
            if known.left_ms is None and not (willing and known.opted_out):
                found.setdefault(contact_id, Contact(id=contact_id, name=known.name, role=known.role))
    return tuple(found.values())[:at_most]


_UNKNOWN = Known()
