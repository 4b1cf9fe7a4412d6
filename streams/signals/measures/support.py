"""Measures of what is asked of support. Windows are complete local days and what is known of the day that runs."""

from bisect import bisect_left
from math import fsum

from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.facts.support import SUPPORT, TICKET_TYPES
from streams.signals.measures.measure import UNKNOWN, Measure, Reading

_DAYS = 30
_BAND = 1 / 3  # thirds of -1 to 1
_NAMED = 5
_TICKETS = frozenset(TICKET_TYPES)


def _open_escalations(context: Context, close: DayClose) -> Reading:  # noqa: ARG001 no matter of days
    escalated = {name: ticket for name, ticket in context.cells[SUPPORT].tickets.items() if ticket.escalated}
    value, facts = _named(list(escalated), "escalated_tickets")
    to_management = sum(ticket.management_ms > ticket.ended_ms for ticket in escalated.values())
    return Reading(value, {**facts, "to_management": to_management} if to_management else facts)


def _open_p1(context: Context, close: DayClose) -> Reading:  # noqa: ARG001 no matter of days
    tickets = context.cells[SUPPORT].tickets
    return _named([name for name, ticket in tickets.items() if ticket.open and ticket.urgency == "P1"], "p1_tickets")


def _tickets(context: Context, close: DayClose) -> Reading:
    created = context.cells[SUPPORT].created
    return Reading(len(created) - bisect_left(created, _since_ms(close)))


def _sentiment(context: Context, close: DayClose) -> Reading:
    """Mean of how each ticket last sounded; in facts the band: negative up to -1/3, positive from 1/3 on."""
    since_ms = _since_ms(close)
    scores = [one.score for one in context.cells[SUPPORT].sentiments.values() if one.at_ms >= since_ms]
    if not scores:
        return UNKNOWN
    mean = fsum(scores) / len(scores)
    return Reading(mean, {"sentiment": _band(mean), "sentiment_tickets": len(scores)})


def _since_ms(close: DayClose) -> int:
    return close.calendar.midnight(close.day - _DAYS + 1)


def _band(mean: float) -> str:
    if mean >= _BAND:
        return "positive"
    return "negative" if mean <= -_BAND else "neutral"


def _named(tickets: list[str], what: str) -> Reading:
    return Reading(len(tickets), {what: ", ".join(sorted(tickets)[:_NAMED])} if tickets else {})


MEASURES = (
    Measure("open_escalations", _open_escalations, _TICKETS),
    Measure("open_p1", _open_p1, _TICKETS),
    Measure("tickets_30d", _tickets, frozenset({"ticket.created"}), daily=True),
    Measure("ticket_sentiment_30d", _sentiment, frozenset({"ticket.sentiment"}), daily=True),
)
