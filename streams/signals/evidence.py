"""Small makers of evidence parts."""

from schemas.events.event import Event
from schemas.records.trigger import Evidence, Scalar, SourceRef, Window
from schemas.records.wire import utc
from streams.signals.context import Context
from streams.signals.facts.support import SUPPORT


def window(start_ms: int, end_ms: int) -> Window:
    """Half-open window of two instants."""
    return Window(start=utc(start_ms), end=utc(end_ms))


def source(event: Event) -> tuple[SourceRef, ...]:
    """The record an event came in."""
    return (SourceRef(topic=event.topic, partition=event.partition, offset=event.offset),)


def requester(event: Event) -> dict[str, Scalar]:
    """Who wrote the ticket, as a fact where the event says it: the play wants to reach that person first."""
    return {"requester_id": event.data["requester_id"]} if "requester_id" in event.data else {}


def asked_by(context: Context, event: Event) -> dict[str, Scalar]:
    """The same where only the ticket's creation said it, or where a chat names its contact."""
    data = event.data
    ticket = context.cells[SUPPORT].tickets.get(data.get("ticket_id", ""))
    asked = data.get("requester_id") or (data.get("contact_id") if event.type == "chat.escalated" else None)
    asked = asked or (None if ticket is None else ticket.requester)
    return {} if asked is None else {"requester_id": asked}


def of_event(summary: str, event: Event, **facts: Scalar) -> Evidence:
    """Evidence of a rule that fires on an event itself. What clears it, and the segments, are filled in when it fires."""
    return Evidence(summary=summary, facts={"event_type": event.type, **requester(event), **facts}, sources=source(event), clears_when="")


def event_in_words(event: Event) -> str:
    """What an event says, for people: its type, with what it is about."""
    return event.type.replace(".", " ").replace("_", " ")
