"""Topic `product-usage`: what people and machines do in the product."""

from typing import Literal, Required

from schemas.events.base import Actor, Amount, ContactRole, Envelope, Name, Number, Word
from schemas.events.kind import EventKind, kinds


class UserLogin(Envelope, total=False):
    """A person signed in."""

    type: Required[Literal["user.login"]]
    user_id: Required[Name]
    role: ContactRole


class FeatureUsed(Envelope, total=False):
    """A feature was used, by a person (the default), an API client or the vendor's own staff."""

    type: Required[Literal["feature.used"]]
    feature: Required[Name]
    user_id: Name
    quantity: Amount
    actor: Actor


class FeatureActivated(Envelope, total=False):
    """A feature was used in earnest for the first time."""

    type: Required[Literal["feature.activated"]]
    feature: Required[Name]
    user_id: Name


class ActivationStepCompleted(Envelope, total=False):
    """A step of the product's own activation path was done."""

    type: Required[Literal["activation.step_completed"]]
    step: Required[Name]
    user_id: Name


class UsageCounter(Envelope, total=False):
    """A lifetime counter of the account: `value` is cumulative and includes the opening balance."""

    type: Required[Literal["usage.counter"]]
    counter: Required[Name]
    value: Required[Amount]
    opening_balance: Amount


class ValueMeasured(Envelope, total=False):
    """A measured result for the customer, such as hours saved in a month."""

    type: Required[Literal["value.measured"]]
    metric: Required[Name]
    value: Required[Number]
    unit: Word
    period: Word


class DataRefreshed(Envelope, total=False):
    """A data set of the customer was brought up to date."""

    type: Required[Literal["data.refreshed"]]
    dataset: Required[Name]


KINDS: tuple[EventKind, ...] = kinds(
    "product-usage",
    (UserLogin, {"user_id": "u-81", "role": "team_lead"}),
    (FeatureUsed, {"user_id": "u-81", "feature": "forecast", "quantity": 3, "actor": "human"}),
    (FeatureActivated, {"feature": "forecast", "user_id": "u-81"}),
    (ActivationStepCompleted, {"step": "first_import", "user_id": "u-81"}),
    (UsageCounter, {"counter": "transactions", "value": 10_240, "opening_balance": 1_200}),
    (ValueMeasured, {"metric": "hours_saved", "value": 41.5, "unit": "h", "period": "2026-02"}),
    (DataRefreshed, {"dataset": "crm_contacts"}),
)
