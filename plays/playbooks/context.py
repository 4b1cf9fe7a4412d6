"""What the templates of a play may say of a launch: `templates.FIELDS`, each with a value."""

from datetime import datetime
from typing import NamedTuple

from plays.playbooks.templates import Context
from plays.runs.case import Case
from schemas.records.play_message import Contact, Owner

NO_DATE = "no fixed date"
NOT_KNOWN = "?"


class Account(NamedTuple):
    """The customer as messages name it."""

    id: str
    name: str | None = None
    industry: str | None = None


class DueStep(NamedTuple):
    """The step a text belongs to."""

    name: str
    due_by: datetime | None


def launch_context(case: Case, account: Account, owner: Owner, contact: Contact | None, act_by: datetime | None, step: DueStep) -> Context:
    """The values for one text of a run. Without a contact the text speaks to the customer's team."""
    reached = contact or Contact(id="-")
    return {
        "account": {"id": account.id, "name": account.name or account.id, "industry": account.industry or "unknown industry"},
        "owner": {
            "name": owner.name,
            "first_name": _first_word(owner.name, owner.name),
            "email": owner.email or "",
            "role": owner.role.replace("_", " "),
        },
        "contact": {
            "name": reached.name or "the customer's team",
            "first_name": _first_word(reached.name, "there"),
            "role": (reached.role or "contact").replace("_", " "),
        },
        "trigger": {
            "rule": case.rule,
            "priority": case.priority,
            "why": case.summary,
            "clears_when": case.clears_when,
        },
        "subject": {"kind": case.subject_kind, "id": case.subject_id},
        "clocks": {"act_by": _moment(act_by)},
        "evidence": {
            "observed": _figure(case.observed),
            "baseline": _figure(case.baseline),
            "threshold": _figure(case.threshold),
            "unit": (case.unit or "").replace("_", " "),
            "context_link": case.context_link or NOT_KNOWN,
        },
        "step": {"name": step.name, "due": _moment(step.due_by)},
    }


def _moment(moment: datetime | None) -> str:
    return NO_DATE if moment is None else moment.strftime("%Y-%m-%d %H:%M UTC")


def _figure(value: float | None) -> str:
    """As people write it: 10,000, 4.5, 0.62."""
    if value is None:
        return NOT_KNOWN
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}".rstrip("0").rstrip(".")


def _first_word(name: str | None, otherwise: str) -> str:
    """How to address somebody; a publisher may send a name of blanks."""
    words = (name or "").split()
    return words[0] if words else otherwise
