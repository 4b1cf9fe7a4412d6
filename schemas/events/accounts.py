"""Topic `accounts`: the account itself and its way through onboarding and plans. People are in `contacts`."""

from typing import Literal, Required

from schemas.events.base import Amount, Count, Currency, Day, Envelope, Grade, Name, Names, Number, Text, TouchModel, Word
from schemas.events.kind import EventKind, kinds


class _Profile(Envelope, total=False):
    name: Word
    industry: Word
    tier: Word
    plan_type: Word
    acv: Amount
    mrr: Amount
    currency: Currency
    seats: Count
    region: Word
    timezone: Name
    touch_model: TouchModel
    strategic: bool
    csm: Name
    account_executive: Name
    executive_sponsor: Name
    key_features: Names
    languages: Names


class AccountCreated(_Profile, total=False):
    """A new customer."""

    type: Required[Literal["account.created"]]


class AccountUpdated(_Profile, total=False):
    """What is known about the account changed; fields left out stay as they were. `languages`: what is spoken there (`de`, `en-GB`)."""

    type: Required[Literal["account.updated"]]


class AccountHandoff(Envelope, total=False):
    """Sales handed the account to customer success."""

    type: Required[Literal["account.handoff"]]
    csm: Name
    account_executive: Name


class AccountOrgChanged(Envelope, total=False):
    """Something changed in the customer's organisation: a merger, a reorganisation, a layoff."""

    type: Required[Literal["account.org_changed"]]
    kind: Word
    note: Text


class AccountChurned(Envelope, total=False):
    """The customer is gone."""

    type: Required[Literal["account.churned"]]
    reason: Text


class AccountReactivated(Envelope, total=False):
    """A lost customer is back."""

    type: Required[Literal["account.reactivated"]]


class OnboardingCompleted(Envelope, total=False):
    """Onboarding is done."""

    type: Required[Literal["onboarding.completed"]]


class _Milestone(Envelope, total=False):
    milestone_id: Required[Name]
    kind: Word
    due: Day


class MilestoneStarted(_Milestone, total=False):
    """Work on a milestone began."""

    type: Required[Literal["milestone.started"]]


class MilestoneCompleted(_Milestone, total=False):
    """A milestone was reached."""

    type: Required[Literal["milestone.completed"]]


class MilestoneMoved(_Milestone, total=False):
    """A milestone has a new due date."""

    type: Required[Literal["milestone.moved"]]
    due_before: Day


class IntegrationConnected(Envelope, total=False):
    """The customer connected another system."""

    type: Required[Literal["integration.connected"]]
    integration: Name


class PlanCreated(Envelope, total=False):
    """A success plan was agreed."""

    type: Required[Literal["plan.created"]]
    plan_id: Name


class PlanUpdated(Envelope, total=False):
    """A success plan was looked at and changed."""

    type: Required[Literal["plan.updated"]]
    plan_id: Name


class OutcomeTargeted(Envelope, total=False):
    """The customer wants a metric to go from `baseline` to `target` by `date`."""

    type: Required[Literal["outcome.targeted"]]
    metric: Required[Name]
    baseline: Number
    target: Number
    unit: Word
    date: Day


class OutcomeMeasured(Envelope, total=False):
    """Where a targeted metric stands."""

    type: Required[Literal["outcome.measured"]]
    metric: Required[Name]
    value: Required[Number]
    unit: Word


class RiskRegistered(Envelope, total=False):
    """A risk was written down in the plan."""

    type: Required[Literal["risk.registered"]]
    risk_id: Required[Name]
    kind: Word
    likelihood: Grade
    impact: Grade
    mitigation: Text
    owner: Name


class RiskClosed(Envelope, total=False):
    """A risk is no longer one."""

    type: Required[Literal["risk.closed"]]
    risk_id: Required[Name]


class ActionItemCreated(Envelope, total=False):
    """Somebody promised something by a date."""

    type: Required[Literal["action_item.created"]]
    item_id: Required[Name]
    run_id: Name
    item: Text
    owner: Name
    due: Day


class ActionItemCompleted(Envelope, total=False):
    """The promise was kept."""

    type: Required[Literal["action_item.completed"]]
    item_id: Required[Name]


class RequestUseCase(Envelope, total=False):
    """The customer asked for a further use of the product."""

    type: Required[Literal["request.use_case"]]
    use_case: Text
    contact_id: Name


_PROFILE = {
    "name": "Acme GmbH",
    "industry": "logistics",
    "tier": "enterprise",
    "plan_type": "annual",
    "acv": 85_000,
    "mrr": 7_083.33,
    "currency": "EUR",
    "seats": 120,
    "region": "emea",
    "timezone": "Europe/Berlin",
    "touch_model": "high",
    "strategic": True,
    "csm": "dana",
    "account_executive": "lee",
    "executive_sponsor": "c-1",
    "key_features": ["forecast", "export"],
    "languages": ["de", "en"],
}
_MILESTONE = {"milestone_id": "M-2", "kind": "admin_training", "due": "2026-03-20"}

KINDS: tuple[EventKind, ...] = kinds(
    "accounts",
    (AccountCreated, _PROFILE),
    (AccountUpdated, {"seats": 140, "csm": "kim"}),
    (AccountHandoff, {"csm": "dana", "account_executive": "lee"}),
    (AccountOrgChanged, {"kind": "merger", "note": "Bought by Umbra Ltd."}),
    (AccountChurned, {"reason": "went out of business"}),
    (AccountReactivated, {}),
    (OnboardingCompleted, {}),
    (MilestoneStarted, _MILESTONE),
    (MilestoneCompleted, {"milestone_id": "M-2", "kind": "admin_training"}),
    (MilestoneMoved, {**_MILESTONE, "due_before": "2026-03-10"}),
    (IntegrationConnected, {"integration": "salesforce"}),
    (PlanCreated, {"plan_id": "SP-1"}),
    (PlanUpdated, {"plan_id": "SP-1"}),
    (OutcomeTargeted, {"metric": "resolution_time", "baseline": 18, "target": 8, "unit": "h", "date": "2026-09-01"}),
    (OutcomeMeasured, {"metric": "resolution_time", "value": 11.5, "unit": "h"}),
    (
        RiskRegistered,
        {
            "risk_id": "R-4",
            "kind": "sponsor_departure",
            "likelihood": "medium",
            "impact": "high",
            "mitigation": "second sponsor",
            "owner": "dana",
        },
    ),
    (RiskClosed, {"risk_id": "R-4"}),
    (ActionItemCreated, {"item_id": "A-9", "item": "send the export guide", "owner": "dana", "due": "2026-03-12"}),
    (ActionItemCompleted, {"item_id": "A-9"}),
    (RequestUseCase, {"use_case": "forecasts for the second warehouse", "contact_id": "c-7"}),
)
