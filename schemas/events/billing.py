"""Topic `billing`: subscriptions, contracts, invoices, renewals."""

from typing import Literal, Required

from schemas.events.base import Amount, Count, Currency, Day, Envelope, Grade, Name, Term, Text, Word
from schemas.events.kind import EventKind, kinds


class _Subscription(Envelope, total=False):
    contract_id: Name
    plan: Word
    seats: Count
    mrr: Amount
    currency: Currency


class SubscriptionStarted(_Subscription, total=False):
    """The customer began to pay."""

    type: Required[Literal["subscription.started"]]


class SubscriptionChanged(_Subscription, total=False):
    """Plan, seats or monthly revenue changed; both sides are given."""

    type: Required[Literal["subscription.changed"]]
    plan_before: Word
    seats_before: Count
    mrr_before: Amount


class SubscriptionCancelled(_Subscription, total=False):
    """The customer gave notice; `effective` is the last day."""

    type: Required[Literal["subscription.cancelled"]]
    reason: Text
    effective: Day


class _Contract(Envelope, total=False):
    contract_id: Required[Name]
    start: Day
    renewal_date: Day
    term_months: Term
    acv: Amount
    currency: Currency


class ContractStarted(_Contract, total=False):
    """A contract began, or was loaded."""

    type: Required[Literal["contract.started"]]


class ContractRenewed(_Contract, total=False):
    """A contract was renewed: `start` and `renewal_date` are those of the new term."""

    type: Required[Literal["contract.renewed"]]


class ContractEnded(_Contract, total=False):
    """A contract ended without renewal."""

    type: Required[Literal["contract.ended"]]


class _Invoice(Envelope, total=False):
    invoice_id: Required[Name]
    contract_id: Name
    amount: Amount
    currency: Currency


class InvoiceIssued(_Invoice, total=False):
    """An invoice went out; `due` is the last day to pay."""

    type: Required[Literal["invoice.issued"]]
    due: Day


class InvoicePaid(_Invoice, total=False):
    """An invoice was paid in full."""

    type: Required[Literal["invoice.paid"]]


class InvoicePaymentFailed(_Invoice, total=False):
    """A payment was refused."""

    type: Required[Literal["invoice.payment_failed"]]
    reason: Text


class InvoiceVoided(_Invoice, total=False):
    """An invoice was cancelled and need not be paid."""

    type: Required[Literal["invoice.voided"]]


class RenewalStageChanged(Envelope, total=False):
    """The renewal moved in the sales pipeline."""

    type: Required[Literal["renewal.stage_changed"]]
    stage: Required[Name]
    stage_before: Word
    contract_id: Name


class RenewalConfidence(Envelope, total=False):
    """How sure a person is of the renewal."""

    type: Required[Literal["renewal.confidence"]]
    confidence: Required[Grade]
    contract_id: Name


class ExpansionSignal(Envelope, total=False):
    """A sign that the customer may buy more."""

    type: Required[Literal["expansion.signal"]]
    kind: Word
    strength: Grade


class ContractionSignal(Envelope, total=False):
    """A sign that the customer may buy less."""

    type: Required[Literal["contraction.signal"]]
    kind: Word
    strength: Grade


_PLAN = {"contract_id": "K-3", "plan": "pro", "seats": 40, "mrr": 2_400, "currency": "USD"}
_TERM = {
    "contract_id": "K-3",
    "start": "2026-03-01",
    "renewal_date": "2027-03-01",
    "term_months": 12,
    "acv": 28_800,
    "currency": "USD",
}

KINDS: tuple[EventKind, ...] = kinds(
    "billing",
    (SubscriptionStarted, _PLAN),
    (SubscriptionChanged, {**_PLAN, "plan_before": "team", "seats_before": 25, "mrr_before": 1_250.5}),
    (SubscriptionCancelled, {"contract_id": "K-3", "reason": "budget", "effective": "2026-05-31"}),
    (ContractStarted, _TERM),
    (ContractRenewed, _TERM),
    (ContractEnded, {"contract_id": "K-3"}),
    (InvoiceIssued, {"invoice_id": "I-77", "amount": 7_200, "currency": "EUR", "due": "2026-04-01"}),
    (InvoicePaid, {"invoice_id": "I-77", "amount": 7_200, "currency": "EUR"}),
    (InvoicePaymentFailed, {"invoice_id": "I-77", "amount": 7_200, "currency": "EUR", "reason": "card expired"}),
    (InvoiceVoided, {"invoice_id": "I-77"}),
    (RenewalStageChanged, {"contract_id": "K-3", "stage": "negotiation", "stage_before": "proposal"}),
    (RenewalConfidence, {"contract_id": "K-3", "confidence": "low"}),
    (ExpansionSignal, {"kind": "seat_limit", "strength": "high"}),
    (ContractionSignal, {"kind": "downgrade_question", "strength": "medium"}),
)
