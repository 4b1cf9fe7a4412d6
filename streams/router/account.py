"""What the router reads of an account: its people on our side and on theirs."""

from plays.policy.touch import TouchBands
from plays.runs.owner import AccountPeople
from plays.runs.roles import NAMED_IN
from schemas.records.play_message import Contact
from schemas.records.trigger import Trigger
from streams.processing.account import CONTACTS, PROFILE
from streams.processing.account import Contact as Known
from streams.processing.cells import Cells

_INFLUENCE = {"high": 0, "medium": 1, "low": 2}


def people_of(cells: Cells, bands: TouchBands) -> AccountPeople:
    """Our people as the account's profile names them, and its touch model."""
    profile = cells[PROFILE]
    touch = bands.touch_model(profile.touch_model, profile.strategic, profile.acv, profile.contract_acv, profile.mrr)
    return AccountPeople(cells.account_id, profile.csm, profile.account_executive, touch)


def named_by(cells: Cells, trigger: Trigger) -> str | None:
    """Whom of our people the trigger's evidence names; None also where it names somebody at the customer, whom we cannot send."""
    named = trigger.evidence.facts.get(NAMED_IN)
    return named if isinstance(named, str) and named.strip() and named not in cells[CONTACTS].people else None


def who_to_reach(cells: Cells, trigger: Trigger, wanted: tuple[str, ...], at_most: int) -> tuple[Contact, ...]:
    """Contacts in the playbook's order of preference, within a role by influence and id. Nobody who has left.

    `subject` is the contact the trigger is about, `requester` the one its evidence names as `requester_id`, `named` as `owner`.
    """
    people = cells[CONTACTS].people
    found: dict[str, Contact] = {}
    for role in wanted:
        if role == "subject":
            ids = [trigger.subject.id] if trigger.subject.kind == "contact" else []
        elif role == "requester":
            requester = trigger.evidence.facts.get("requester_id")
            ids = [requester] if isinstance(requester, str) else []
        elif role == "named":
            ids = [name for name in (trigger.evidence.facts.get(NAMED_IN),) if isinstance(name, str) and name in people]
        else:
            ids = sorted((i for i, c in people.items() if c.role == role), key=lambda i: (_INFLUENCE.get(people[i].influence or "", 3), i))
        for contact_id in ids:
            known = people.get(contact_id, _UNKNOWN)
            if known.left_ms is None:
                found.setdefault(contact_id, Contact(id=contact_id, name=known.name, role=known.role))
    return tuple(found.values())[:at_most]


_UNKNOWN = Known()
