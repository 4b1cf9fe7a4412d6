"""Topics `assignment-requests` and `assignments`: the router asks who takes a run or a step of it, the roster answers.

Both are Playcall's own. `ask_id` is the run's id and the step (`owner`, `level-1`, or the name of a step of the play). The router's word
on who holds what is the last one: it confirms and releases pairs of question and person.
"""

from typing import Literal, Required

from schemas.events.base import Amount, Envelope, Name, Names, Text, Timestamp, Word
from schemas.events.kind import EventKind, kinds
from schemas.records.trigger import Priority

REQUESTS = "assignment-requests"
ASSIGNMENTS = "assignments"


class _Ask(Envelope, total=False):
    ask_id: Required[Name]
    run_id: Required[Name]
    step: Required[Name]


class AssignmentRequested(_Ask, total=False):
    """Who takes this? `occurred_at` is the time of the question, and what it is judged by.

    `pool` is where to look, `own` the account's own person for the role, `exclude` who must not be chosen. `sla_minutes` is the time to
    the first action, which counts as load; `business` says that it is counted in working time, so that it may wait for a shift.
    `named` is whom a level of a ladder names: nobody else is sent unless they are absent. `skills` (of the play, or the step) and
    `languages` (of the account, for whoever speaks with the customer) are wishes.
    """

    type: Required[Literal["assignment.requested"]]
    role: Required[Name]
    pool: Required[Name]
    own: Name
    concern: Required[Name]
    priority: Required[Priority]
    play: Required[Name]
    sla_minutes: Required[Amount]
    business: Required[bool]
    arr: Amount
    skills: Names
    languages: Names
    exclude: Names
    named: Name


class AssignmentConfirmed(_Ask, total=False):
    """This person holds it, whatever was known: said once a day of whatever is open, and when people were chosen without the roster."""

    type: Required[Literal["assignment.confirmed"]]
    person: Required[Name]
    sla_minutes: Required[Amount]
    arr: Amount


class AssignmentReleased(_Ask, total=False):
    """This person does not hold it (any more, or as answered too late)."""

    type: Required[Literal["assignment.released"]]
    person: Required[Name]


class AssignmentMade(_Ask, total=False):
    """The answer. `reason` is one of the reasons of an owner in `play-launches`; `detail` and `runners_up` are for people.

    `on_duty_from` says when the person's shift begins, where it has not begun; `calendar` and `timezone` are theirs, where they have some.
    """

    type: Required[Literal["assignment.made"]]
    person: Required[Name]
    name: Required[Name]
    email: Name
    role: Required[Name]
    reason: Required[Word]
    detail: Required[Text]
    runners_up: Names
    on_duty_from: Timestamp
    calendar: Name
    timezone: Name


_ASK = {"ask_id": "run-12/owner", "run_id": "run-12", "step": "owner"}

KINDS: tuple[EventKind, ...] = (
    *kinds(
        REQUESTS,
        (
            AssignmentRequested,
            {
                **_ASK, "role": "csm", "pool": "csm_pool", "own": "maya.lindqvist", "concern": "adoption", "priority": "P2",
                "play": "PB1", "sla_minutes": 1440.0, "business": False, "arr": 48000.0, "skills": ["training"],
                "languages": ["de", "en"],
            },
        ),
        (AssignmentConfirmed, {**_ASK, "person": "maya.lindqvist", "sla_minutes": 1440.0, "arr": 48000.0}),
        (AssignmentReleased, {**_ASK, "person": "maya.lindqvist"}),
    ),
    *kinds(
        ASSIGNMENTS,
        (
            AssignmentMade,
            {
                **_ASK, "person": "maya.lindqvist", "name": "Maya Lindqvist", "email": "maya.lindqvist@playcall.example", "role": "csm",
                "reason": "account", "detail": "the account's csm", "runners_up": ["tomas.herrera: 120 open SLA minutes"],
            },
        ),
    ),
)  # fmt: skip
