"""Takes tickets into what support has open, how much is asked of it, and how it sounds."""

from bisect import bisect_left, insort

import msgspec

from plays.rules.scales import scaled
from schemas.events.event import Event
from streams.processing.bounded import drop_first
from streams.processing.cell import Cell
from streams.processing.cells import Cells
from streams.signals.calendar import DAY_MS

MAX_TICKETS = 200
MAX_CREATED = 1_000
KEPT_DAYS = 37  # thirty days, and a week for the late and for closes that were held
_ENDED_KEPT_DAYS = 7  # a ticket that ended is remembered for what arrives late about it
_SCALE = "-1-1"
_WORDS = {"positive": 1.0, "neutral": 0.0, "negative": -1.0}


class Ticket(msgspec.Struct, array_like=True, gc=False):
    """What was said of a ticket, each by its latest event time in ms; -1 is never. Of one instant the more urgent priority stands,
    and an ending is after what it ends.
    """

    created_ms: int = -1
    priority: str | None = None  # as it was created
    category: str | None = None
    changed_ms: int = -1
    changed_to: str | None = None
    reopened_ms: int = -1
    escalated_ms: int = -1
    management_ms: int = -1  # escalated to management
    ended_ms: int = -1
    requester: str | None = None

    @property
    def open(self) -> bool:
        """Whether it never ended, or was created or reopened after that. Of a ticket from before our time no creation is known."""
        return self.ended_ms < 0 or max(self.created_ms, self.reopened_ms) > self.ended_ms

    @property
    def escalated(self) -> bool:
        """Whether it was escalated after it last ended; reopened later it is no longer."""
        return self.escalated_ms > self.ended_ms

    @property
    def over(self) -> bool:
        """Whether nobody waits for it any more."""
        return not self.open and not self.escalated

    @property
    def urgency(self) -> str | None:
        """The priority that stands."""
        return self.changed_to if self.changed_ms >= self.created_ms and self.changed_to is not None else self.priority


class Sentiment(msgspec.Struct, array_like=True, gc=False):
    """How a ticket last sounded, -1 to 1."""

    at_ms: int
    score: float


class Support(msgspec.Struct, array_like=True, gc=False):
    """Tickets that are open, or ended within a week; times of creation and sentiments of 37 days."""

    tickets: dict[str, Ticket] = {}
    created: list[int] = []
    sentiments: dict[str, Sentiment] = {}


def _trim(support: Support) -> int:
    return drop_first(support.tickets if len(support.tickets) >= len(support.sentiments) else support.sentiments) or drop_first(
        support.created
    )


SUPPORT: Cell[Support] = Cell("support", Support, version=1, trim=_trim)

TICKET_TYPES = (
    "ticket.created", "ticket.priority_changed", "ticket.escalated", "ticket.reopened", "ticket.resolved", "ticket.closed",
)  # fmt: skip


def fold_ticket(cells: Cells, event: Event) -> None:
    """ticket.created, priority_changed, escalated, reopened, resolved, closed."""
    support, data, at_ms = cells.edit(SUPPORT), event.data, event.time_ms
    ticket = support.tickets.get(data["ticket_id"])
    if ticket is None:
        _make_room(support, at_ms)
        ticket = support.tickets[data["ticket_id"]] = Ticket()
    match event.type:
        case "ticket.created":
            _created(support, ticket, event)
        case "ticket.priority_changed":
            if at_ms >= ticket.changed_ms:
                ticket.changed_ms, ticket.changed_to = at_ms, data["priority"]
        case "ticket.escalated":
            ticket.escalated_ms = max(ticket.escalated_ms, at_ms)
            if data.get("to_management"):
                ticket.management_ms = max(ticket.management_ms, at_ms)
        case "ticket.reopened":
            ticket.reopened_ms = max(ticket.reopened_ms, at_ms)
        case _:
            ticket.ended_ms = max(ticket.ended_ms, at_ms)


def fold_sentiment(cells: Cells, event: Event) -> None:
    """ticket.sentiment: by its score, else by its word; one that is neither, or beyond its scale, says nothing."""
    data, at_ms = event.data, event.time_ms
    score = data.get("score")
    found = _WORDS.get(data.get("sentiment", "")) if score is None else scaled(score, data.get("scale", _SCALE), _SCALE)
    if found is None:
        return
    known = cells[SUPPORT].sentiments.get(data["ticket_id"])
    if known is not None and (at_ms, -found) <= (known.at_ms, -known.score):
        return  # of one instant the worse stands
    sentiments = cells.edit(SUPPORT).sentiments
    sentiments.pop(data["ticket_id"], None)
    sentiments[data["ticket_id"]] = Sentiment(at_ms, found)
    for ticket_id in [name for name, one in sentiments.items() if one.at_ms < at_ms - KEPT_DAYS * DAY_MS]:
        del sentiments[ticket_id]
    if len(sentiments) > MAX_TICKETS:
        del sentiments[min(sentiments, key=lambda name: sentiments[name].at_ms)]


def _created(support: Support, ticket: Ticket, event: Event) -> None:
    at_ms, priority = event.time_ms, event.data.get("priority")
    if at_ms > ticket.created_ms or (at_ms == ticket.created_ms and (priority or "~") < (ticket.priority or "~")):
        ticket.priority = priority
    ticket.created_ms = max(ticket.created_ms, at_ms)
    ticket.category = event.data.get("category", ticket.category)
    ticket.requester = event.data.get("requester_id", ticket.requester)
    insort(support.created, at_ms)
    del support.created[: bisect_left(support.created, support.created[-1] - KEPT_DAYS * DAY_MS)]
    del support.created[:-MAX_CREATED]


def _make_room(support: Support, at_ms: int) -> None:
    """What ended more than a week ago goes; where all are open the one that came first does."""
    tickets = support.tickets
    for ticket_id in [name for name, one in tickets.items() if one.over and one.ended_ms < at_ms - _ENDED_KEPT_DAYS * DAY_MS]:
        del tickets[ticket_id]
    if len(tickets) >= MAX_TICKETS:
        del tickets[next((name for name, one in tickets.items() if one.over), next(iter(tickets)))]
