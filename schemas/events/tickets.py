"""Topic `tickets`: what customers ask support for."""

from typing import Literal, Required

from schemas.events.base import Count, Envelope, Name, Number, Priority, Scale, Sentiment, Text, Word
from schemas.events.kind import EventKind, kinds


class TicketCreated(Envelope, total=False):
    """A ticket was opened."""

    type: Required[Literal["ticket.created"]]
    ticket_id: Required[Name]
    run_id: Name
    priority: Priority
    category: Word
    subject_fingerprint: Word
    requester_id: Name
    channel: Word


class TicketPriorityChanged(Envelope, total=False):
    """A ticket's priority was raised or lowered."""

    type: Required[Literal["ticket.priority_changed"]]
    ticket_id: Required[Name]
    priority: Required[Priority]
    priority_before: Priority


class TicketEscalated(Envelope, total=False):
    """A ticket went to a higher level, or to management."""

    type: Required[Literal["ticket.escalated"]]
    ticket_id: Required[Name]
    level: Word | Count
    to_management: bool


class TicketReopened(Envelope, total=False):
    """A resolved or closed ticket is open again."""

    type: Required[Literal["ticket.reopened"]]
    ticket_id: Required[Name]


class TicketResolved(Envelope, total=False):
    """Support considers the ticket solved."""

    type: Required[Literal["ticket.resolved"]]
    ticket_id: Required[Name]


class TicketClosed(Envelope, total=False):
    """The ticket is done with."""

    type: Required[Literal["ticket.closed"]]
    ticket_id: Required[Name]


class TicketSentiment(Envelope, total=False):
    """How a ticket sounds: a score, a word, or both."""

    type: Required[Literal["ticket.sentiment"]]
    ticket_id: Required[Name]
    score: Number
    scale: Scale
    sentiment: Sentiment


class ChatEscalated(Envelope, total=False):
    """A chat was handed to a person."""

    type: Required[Literal["chat.escalated"]]
    chat_id: Required[Name]
    context_link: Text
    contact_id: Name
    user_id: Name
    ticket_id: Name


KINDS: tuple[EventKind, ...] = kinds(
    "tickets",
    (
        TicketCreated,
        {
            "ticket_id": "T-1042",
            "priority": "P1",
            "category": "login",
            "subject_fingerprint": "a81f",
            "requester_id": "c-7",
            "channel": "email",
        },
    ),
    (TicketPriorityChanged, {"ticket_id": "T-1042", "priority": "P1", "priority_before": "P3"}),
    (TicketEscalated, {"ticket_id": "T-1042", "level": "L3", "to_management": True}),
    (TicketReopened, {"ticket_id": "T-1042"}),
    (TicketResolved, {"ticket_id": "T-1042"}),
    (TicketClosed, {"ticket_id": "T-1042"}),
    (TicketSentiment, {"ticket_id": "T-1042", "score": -0.6, "scale": "-1-1", "sentiment": "negative"}),
    (ChatEscalated, {"chat_id": "ch-9", "context_link": "https://chat.example/ch-9", "contact_id": "c-7"}),
)
