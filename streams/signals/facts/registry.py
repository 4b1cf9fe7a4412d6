"""Which events tell which facts: the one list of folds, and of the cells they keep."""

from collections.abc import Callable, Mapping
from typing import Any

from plays.rules.detectors.event import FIRST_OF
from schemas.events.event import Event
from streams.processing.cell import Cell
from streams.processing.cells import Cells
from streams.signals import usage
from streams.signals.facts.account import fold_account
from streams.signals.facts.contacts import fold_contact
from streams.signals.facts.contracts import fold_confidence, fold_contract
from streams.signals.facts.counters import COUNTERS, fold_counter
from streams.signals.facts.engagement import ENGAGEMENT, fold_attendance, fold_replied, fold_sent, fold_touch
from streams.signals.facts.feedback import FEEDBACK, fold_answer, fold_review
from streams.signals.facts.firsts import FIRSTS, fold_first
from streams.signals.facts.freshness import FRESHNESS, fold_refresh
from streams.signals.facts.logins import LOGIN_DAY, LOGINS, fold_login
from streams.signals.facts.meetings import MEETINGS, fold_meeting, fold_scheduled
from streams.signals.facts.milestones import PLANNED, fold_milestone
from streams.signals.facts.past import PAST
from streams.signals.facts.plan import PLAN, fold_done, fold_item, fold_outcome, fold_plan, fold_risk, fold_step
from streams.signals.facts.renewals import RENEWALS, fold_end, fold_stage
from streams.signals.facts.results import RESULTS, fold_result
from streams.signals.facts.subscriptions import SUBSCRIPTIONS, fold_subscription
from streams.signals.facts.support import SUPPORT, TICKET_TYPES, fold_sentiment, fold_ticket
from streams.signals.state import CONTRACTS

Fold = Callable[[Cells, Event], None]

PROFILE_TYPES = (
    "account.created", "account.updated", "account.handoff", "onboarding.completed", "plan.created", "plan.updated",
    "subscription.started", "subscription.changed",
)  # fmt: skip
CONTACT_TYPES = (
    "contact.added", "contact.updated", "contact.left", "contact.leave", "contact.role_changed", "contact.profile_changed",
)  # fmt: skip

_FOLDS: tuple[tuple[tuple[str, ...], Fold], ...] = (
    (PROFILE_TYPES, fold_account),
    (CONTACT_TYPES, fold_contact),
    (("contract.started", "contract.renewed", "contract.ended"), fold_contract),
    (("renewal.confidence",), fold_confidence),
    (("renewal.stage_changed",), fold_stage),
    (("contract.renewed", "contract.ended"), fold_end),
    (("subscription.started", "subscription.changed"), fold_subscription),
    (("meeting.held", "qbr.completed"), fold_meeting),
    (TICKET_TYPES, fold_ticket),
    (("ticket.sentiment",), fold_sentiment),
    (("survey.responded",), fold_answer),
    (("qbr.completed",), fold_review),
    (("data.refreshed",), fold_refresh),
    (("meeting.held", "qbr.completed"), fold_attendance),
    (("meeting.scheduled", "meeting.cancelled"), fold_scheduled),
    (("email.sent",), fold_sent),
    (("email.replied",), fold_replied),
    (("touch.logged",), fold_touch),
    (("milestone.started", "milestone.moved", "milestone.completed"), fold_milestone),
    (("usage.counter",), fold_counter),
    (("value.measured",), fold_result),
    (tuple(sorted(FIRST_OF)), fold_first),
    (("plan.created", "plan.updated"), fold_plan),
    (("milestone.completed",), fold_done),
    (("outcome.targeted", "outcome.measured"), fold_outcome),
    (("action_item.created", "action_item.completed"), fold_item),
    (("risk.registered", "risk.closed"), fold_risk),
    (("activation.step_completed",), fold_step),
    (("user.login",), usage.user_login),
    (("user.login",), fold_login),
    (("feature.activated",), usage.feature_activated),
)


def _by_type() -> dict[str, tuple[Fold, ...]]:
    names = dict.fromkeys(name for types, _ in _FOLDS for name in types)
    return {name: tuple(fold for types, fold in _FOLDS if name in types) for name in names}


FOLDS: Mapping[str, tuple[Fold, ...]] = _by_type()
"""Folds by event type, in the order in which they are applied. `feature.used`, which is most events, has a path of its own."""

CELLS: tuple[Cell[Any], ...] = (
    CONTRACTS,
    COUNTERS,
    ENGAGEMENT,
    FEEDBACK,
    FIRSTS,
    FRESHNESS,
    LOGINS,
    LOGIN_DAY,
    MEETINGS,
    PAST,
    PLANNED,
    PLAN,
    RENEWALS,
    RESULTS,
    SUBSCRIPTIONS,
    SUPPORT,
)
"""Cells of facts about the relation with the customer: they end when the account churns."""
