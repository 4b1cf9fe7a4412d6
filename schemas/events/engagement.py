"""Topic `engagement`: meetings, mails and other touches."""

from typing import Literal, Required

from typing_extensions import TypedDict

from schemas.events.base import Envelope, Name, Names, Text, Timestamp, Word
from schemas.events.kind import EventKind, kinds


class _Meeting(Envelope, total=False):
    meeting_id: Name
    kind: Word
    invited: Names
    starts_at: Timestamp


class MeetingScheduled(_Meeting, total=False):
    """A meeting was put into the calendar; `kind` is kickoff, check_in, qbr, ..."""

    type: Required[Literal["meeting.scheduled"]]


class MeetingHeld(_Meeting, total=False):
    """A meeting took place."""

    type: Required[Literal["meeting.held"]]
    attended: Names


class MeetingCancelled(Envelope, total=False):
    """A meeting will not take place."""

    type: Required[Literal["meeting.cancelled"]]
    meeting_id: Required[Name]
    kind: Word


class EmailSent(Envelope, total=False):
    """We wrote to contacts of the account, `run_id` naming the run if one asked for it."""

    type: Required[Literal["email.sent"]]
    to: Name | Names
    run_id: Name


# `from` is a word of Python's own, so this one cannot be written as a class.
EmailReplied = TypedDict(
    "EmailReplied",
    {
        "event_id": Required[Name],
        "type": Required[Literal["email.replied"]],
        "account_id": Required[Name],
        "occurred_at": Required[Timestamp],
        "source": Required[Name],
        "from": Name,
        "auto_reply": bool,
        "run_id": Name,
    },
    total=False,
)
EmailReplied.__doc__ = "A contact wrote to us; an out-of-office answer has `auto_reply` true."


class TouchLogged(Envelope, total=False):
    """Somebody of ours was in touch with the account: a call, a visit, a note."""

    type: Required[Literal["touch.logged"]]
    kind: Word
    contact_id: Name
    user_id: Name
    note: Text


_MEETING = {
    "meeting_id": "mt-5",
    "kind": "kickoff",
    "invited": ["c-1", "c-7"],
    "starts_at": "2026-03-09T10:00:00+01:00",
}

KINDS: tuple[EventKind, ...] = kinds(
    "engagement",
    (MeetingScheduled, _MEETING),
    (MeetingHeld, {**_MEETING, "attended": ["c-7"]}),
    (MeetingCancelled, {"meeting_id": "mt-5", "kind": "kickoff"}),
    (EmailSent, {"to": ["c-7"], "run_id": "run-12"}),
    (EmailReplied, {"from": "c-7", "auto_reply": False, "run_id": "run-12"}),
    (TouchLogged, {"kind": "call", "contact_id": "c-7", "user_id": "dana"}),
)
