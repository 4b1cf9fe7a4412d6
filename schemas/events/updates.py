"""Topic `play-updates`: what CRM and email systems did with a run."""

from typing import Literal, Required

from schemas.events.base import Envelope, Name, Text, Timestamp, Word
from schemas.events.kind import EventKind, kinds
from schemas.records.play_message import ClosureCode


class _Update(Envelope, total=False):
    run_id: Required[Name]
    actor: Required[Name]


class RunAcknowledged(_Update, total=False):
    """The owner has seen the run: the acknowledge clock stops."""

    type: Required[Literal["run.acknowledged"]]


class RunStarted(_Update, total=False):
    """The owner acts: the first-action clock stops."""

    type: Required[Literal["run.started"]]


class RunStepCompleted(_Update, total=False):
    """A step of the play was done."""

    type: Required[Literal["run.step_completed"]]
    step: Name
    note: Text


class RunStepSkipped(_Update, total=False):
    """A step of the play was left out."""

    type: Required[Literal["run.step_skipped"]]
    step: Name
    note: Text


class RunReplied(_Update, total=False):
    """The customer answered."""

    type: Required[Literal["run.replied"]]
    contact_id: Name


class RunSnoozed(_Update, total=False):
    """The owner wants to be asked again later."""

    type: Required[Literal["run.snoozed"]]
    until: Timestamp
    reason: Word
    note: Text


class RunPaused(_Update, total=False):
    """The run rests until it is resumed."""

    type: Required[Literal["run.paused"]]
    reason: Word
    note: Text


class RunResumed(_Update, total=False):
    """The run goes on."""

    type: Required[Literal["run.resumed"]]


class RunReassigned(_Update, total=False):
    """Another person owns the run now."""

    type: Required[Literal["run.reassigned"]]
    owner: Required[Name]
    note: Text


class RunClosed(_Update, total=False):
    """The run ended. The code is mandatory and its set is closed: reports rest on it."""

    type: Required[Literal["run.closed"]]
    code: Required[ClosureCode]
    note: Text


_RUN = {"run_id": "run-12", "actor": "dana"}

KINDS: tuple[EventKind, ...] = kinds(
    "play-updates",
    (RunAcknowledged, _RUN),
    (RunStarted, _RUN),
    (RunStepCompleted, {**_RUN, "step": "call the champion"}),
    (RunStepSkipped, {**_RUN, "step": "send the guide", "note": "they have it"}),
    (RunReplied, {**_RUN, "contact_id": "c-7"}),
    (RunSnoozed, {**_RUN, "until": "2026-03-05T08:00:00Z", "reason": "champion_on_holiday"}),
    (RunPaused, {**_RUN, "reason": "waiting_on_customer", "note": "customer asked for a week"}),
    (RunResumed, _RUN),
    (RunReassigned, {**_RUN, "owner": "kim"}),
    (RunClosed, {**_RUN, "code": "resolved", "note": "Root cause fixed in 4.2."}),
)
