"""Silences of the success plan."""

from collections.abc import Iterable

from plays.rules.detectors.silence import SilenceParameters
from schemas.records.trigger import Scalar
from streams.signals.context import Context
from streams.signals.detector import topics_of
from streams.signals.facts.plan import OPEN, PLAN
from streams.signals.silences.last import Last, Silence

_TYPES = ("plan.created", "plan.updated", "milestone.completed")


def _plan_update(context: Context, parameters: SilenceParameters) -> Iterable[Last]:  # noqa: ARG001 one subject, the account
    plan = context.cells[PLAN]
    if plan.updated_ms != OPEN:
        done_ms = None if plan.milestone_done_ms == OPEN else plan.milestone_done_ms
        facts: dict[str, Scalar] = {} if plan.plan_id is None else {"plan_id": plan.plan_id}
        facts |= {} if done_ms is None else {"milestone_done_since": True}
        yield Last(context.cells.account_id, plan.updated_ms, by_ms=done_ms, facts=facts)


SILENCES = (Silence("plan_update", "no review of the plan", _plan_update, frozenset(_TYPES), topics_of(_TYPES)),)
