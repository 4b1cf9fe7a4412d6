"""Which feed would have reported what a step takes to be absent."""

from collections.abc import Mapping

from plays.runs.run import Run
from schemas.catalogue import UPDATES
from schemas.records.play_message import StepCondition
from streams.processing.proof import Topics

ENGAGEMENT, TICKETS, ACCOUNTS, BILLING = "engagement", "tickets", "accounts", "billing"
_SUBJECTS: Mapping[str, str] = {
    "action_item": ACCOUNTS,
    "milestone": ACCOUNTS,
    "risk": ACCOUNTS,
    "invoice": BILLING,
    "contract": BILLING,
}
"""Topic by kind of subject; all others end with a ticket."""

_PREFIX = "quiet-"


def topic_of(run: Run, condition: StepCondition) -> str:
    """The topic on which the opposite of the condition would have come."""
    return _SUBJECTS.get(run.subject_kind, TICKETS) if condition == "unresolved" else ENGAGEMENT


def deadline_of(topic: str) -> str:
    """The name of the silence deadline."""
    return f"{_PREFIX}{topic}"


def topic_named(deadline: str) -> str | None:
    """The topic of a silence deadline; None of any other."""
    return deadline.removeprefix(_PREFIX) if deadline.startswith(_PREFIX) else None


def silent_topics(topic: str) -> Topics:
    """What must be read past the moment: the topic, and what CRM and mail systems report."""
    return tuple(sorted((topic, UPDATES)))
