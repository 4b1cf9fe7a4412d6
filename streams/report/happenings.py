"""Which events are drawn on a timeline, in which lane, how marked, and in what words. Everything else is only counted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from streams.report.words import figure, spaced

Lane = Literal["tickets", "billing", "people"]
Shape = Literal["p1", "p2", "p3", "p4", "up", "again", "done", "good", "bad", "plain", "met"]


@dataclass(frozen=True, slots=True)
class Mark:
    """One event on a lane. `label` is empty where the mark alone is enough; `title` says it in full, `weight` ranks labels."""

    at_ms: int
    lane: Lane
    shape: Shape
    title: str
    label: str = ""
    weight: int = 0


Telling = tuple[Lane, Shape, str, str, int]
_Teller = Callable[[Mapping[str, Any]], Telling | None]


def _text(data: Mapping[str, Any], *names: str) -> str:
    for name in names:
        value = data.get(name)
        if value is not None and value != "":
            return figure(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
    return ""


def _join(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _ticket(data: Mapping[str, Any]) -> Telling:
    priority = _text(data, "priority").upper() or "P3"
    shape: Shape = {"P1": "p1", "P2": "p2", "P3": "p3"}.get(priority, "p4")  # type: ignore[assignment]
    category = _text(data, "category")
    what = f"{priority} ticket" if priority in ("P1", "P2", "P3", "P4") else "Ticket"
    return "tickets", shape, _join(what, _text(data, "ticket_id"), f"opened: {category}" if category else "opened"), "", 0


def _ticket_raised(data: Mapping[str, Any]) -> Telling:
    text = _join("Ticket", _text(data, "ticket_id"), "from", _text(data, "priority_before") or "?", "to", _text(data, "priority") or "?")
    return "tickets", ("p1" if _text(data, "priority").upper() == "P1" else "again"), text, "", 0


def _simple(lane: Lane, shape: Shape, words: str, *names: str, label: str = "", weight: int = 0) -> _Teller:
    """A mark titled `words` and the first of the named fields that is there."""

    def tell(data: Mapping[str, Any]) -> Telling:
        return lane, shape, _join(words, spaced(_text(data, *names)) if names else ""), label, weight

    return tell


def _contact(shape: Shape, verb: str, weight: int) -> _Teller:
    def tell(data: Mapping[str, Any]) -> Telling:
        who = _text(data, "name", "contact_id") or "A contact"
        role = spaced(_text(data, "role_before", "role"))
        key = role in ("champion", "executive sponsor", "decision maker")
        title = _join(who, f"({role})" if role else "", verb)
        return "people", shape, title, f"{role.capitalize()} {verb}" if key else "", weight if key else 0

    return tell


def _contact_added(data: Mapping[str, Any]) -> Telling | None:
    # Every user of a large account is a contact; only the people a play could turn to are drawn.
    if _text(data, "role") not in ("champion", "executive_sponsor", "decision_maker"):
        return None
    return "people", "plain", f"{_text(data, 'name', 'contact_id')} added as {spaced(_text(data, 'role'))}", "", 0


def _subscription(data: Mapping[str, Any]) -> Telling:
    before, after = data.get("mrr_before", data.get("seats_before")), data.get("mrr", data.get("seats"))
    down = isinstance(before, int | float) and isinstance(after, int | float) and after < before
    change = f"from {_text(data, 'mrr_before', 'seats_before')} to {_text(data, 'mrr', 'seats')}" if before is not None else ""
    word = "Downgrade" if down else "Plan changed"
    return "billing", "bad" if down else "plain", _join("Subscription changed", change), word, 5 if down else 1


def _confidence(data: Mapping[str, Any]) -> Telling:
    level = _text(data, "confidence", "level", "value") or "?"
    shape: Shape = "bad" if level == "low" else "good" if level == "high" else "plain"
    return "billing", shape, f"Renewal confidence stated: {level}", "Confidence low" if level == "low" else "", 6


def _survey(data: Mapping[str, Any]) -> Telling:
    kind = _text(data, "kind").upper() or "Survey"
    score = data.get("score")
    value = float(score) if isinstance(score, int | float) else None
    bad = value is not None and ((kind == "NPS" and value <= 6) or (kind == "CSAT" and value <= 2))
    title = _join(f"{kind} {_text(data, 'score')}", f"of scale {_text(data, 'scale')}" if data.get("scale") else "")
    return "people", "bad" if bad else "good", title, f"{kind} {_text(data, 'score')}" if bad else "", 3


def _qbr(data: Mapping[str, Any]) -> Telling:
    mood = _text(data, "sentiment")
    return "people", "bad" if mood == "negative" else "met", _join("Business review held", f"({mood})" if mood else ""), "QBR", 2


TELLERS: Mapping[str, _Teller] = {
    "ticket.created": _ticket,
    "ticket.priority_changed": _ticket_raised,
    "ticket.escalated": _simple("tickets", "up", "Ticket escalated:", "ticket_id"),
    "ticket.reopened": _simple("tickets", "again", "Ticket reopened:", "ticket_id"),
    "chat.escalated": _simple("tickets", "up", "Chat escalated:", "chat_id"),
    "subscription.started": _simple("billing", "good", "Subscription started", label="Subscribed", weight=2),
    "subscription.changed": _subscription,
    "subscription.cancelled": _simple("billing", "bad", "Subscription cancelled:", "reason", label="Cancelled", weight=9),
    "contract.started": _simple("billing", "good", "Contract started", "contract_id", label="Contract starts", weight=4),
    "contract.renewed": _simple("billing", "good", "Contract renewed", "contract_id", label="Renewed", weight=6),
    "contract.ended": _simple("billing", "bad", "Contract ended", "contract_id", label="Contract ends", weight=8),
    "invoice.payment_failed": _simple("billing", "bad", "Payment failed for invoice", "invoice_id", label="Payment failed", weight=7),
    "invoice.paid": _simple("billing", "done", "Invoice paid:", "invoice_id"),
    "invoice.voided": _simple("billing", "done", "Invoice voided:", "invoice_id"),
    "renewal.confidence": _confidence,
    "renewal.stage_changed": _simple("billing", "plain", "Renewal stage:", "stage"),
    "contraction.signal": _simple("billing", "bad", "Contraction signal:", "kind", label="Contraction signal", weight=5),
    "expansion.signal": _simple("billing", "good", "Expansion signal:", "kind", label="Expansion signal", weight=3),
    "account.handoff": _simple("people", "plain", "Handed over from sales", label="Handover", weight=6),
    "account.org_changed": _simple("people", "plain", "Organisation changed", label="Reorganised", weight=4),
    "account.churned": _simple("people", "bad", "Account churned", label="Churned", weight=10),
    "account.reactivated": _simple("people", "good", "Account came back", label="Reactivated", weight=9),
    "contact.added": _contact_added,
    "contact.left": _contact("bad", "left", 8),
    "contact.role_changed": _contact("plain", "changed role", 7),
    "onboarding.completed": _simple("people", "good", "Onboarding completed", label="Onboarded", weight=5),
    "milestone.completed": _simple("people", "good", "Milestone completed:", "kind", "milestone_id"),
    "milestone.moved": _simple("people", "plain", "Milestone moved:", "kind", "milestone_id"),
    "meeting.held": _simple("people", "met", "Meeting held:", "kind"),
    "meeting.cancelled": _simple("people", "plain", "Meeting cancelled:", "kind"),
    "survey.responded": _survey,
    "qbr.completed": _qbr,
}


def mark_of(kind: str, data: Mapping[str, Any], at_ms: int) -> Mark | None:
    """The mark of an event, or None where the event is not drawn."""
    teller = TELLERS.get(kind)
    told = teller(data) if teller else None
    if told is None:
        return None
    lane, shape, title, label, weight = told
    return Mark(at_ms, lane, shape, title.rstrip(": "), label, weight)
