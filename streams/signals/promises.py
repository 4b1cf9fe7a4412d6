"""What was promised for a day: by whom it is kept, and whether it was."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from plays.rules.detectors.overdue import OverdueParameters
from schemas.records.trigger import Scalar
from streams.signals.context import Context
from streams.signals.facts.milestones import PLANNED
from streams.signals.facts.plan import OPEN, PLAN, Promise


class Owed(NamedTuple):
    """One promise: the local day it is for (None: none was named), since when that is known, when it was kept (event time, ms)."""

    subject: str
    day: int | None
    known_ms: int
    kept_ms: int | None
    facts: Mapping[str, Scalar]


class Promises(NamedTuple):
    """A kind of promise: how to find them, the events that may change them, what they are called."""

    find: Callable[[Context, OverdueParameters], Iterable[Owed]]
    types: frozenset[str]
    what: str


def _of(promises: Mapping[str, Promise]) -> Iterable[Owed]:
    for subject, one in promises.items():
        yield Owed(subject, one.day, one.known_ms, None if one.kept_ms == OPEN else one.kept_ms, one.facts)


def _items(context: Context, parameters: OverdueParameters) -> Iterable[Owed]:  # noqa: ARG001 all of them
    return _of(context.cells[PLAN].items)


def _outcomes(context: Context, parameters: OverdueParameters) -> Iterable[Owed]:  # noqa: ARG001
    return _of(context.cells[PLAN].outcomes)


def _milestones(context: Context, parameters: OverdueParameters) -> Iterable[Owed]:  # noqa: ARG001
    """Those of the onboarding: named before it was completed."""
    profile = context.profile
    if profile.created_ms is None and profile.handoff_ms is None:
        return
    completed = profile.onboarding_completed_ms
    for name, one in context.cells[PLANNED].by_id.items():
        if completed is None or one.dated_ms <= completed:
            # Given a day after it was reached, it is to be reached again.
            kept = one.completed_ms >= max(one.dated_ms, 0) and (completed is None or one.completed_ms <= completed)
            facts: dict[str, Scalar] = {} if one.kind is None else {"kind": one.kind}
            yield Owed(name, one.due_day, one.dated_ms, one.completed_ms if kept else None, facts)


def _steps(context: Context, parameters: OverdueParameters) -> Iterable[Owed]:
    created_ms = context.profile.created_ms
    if created_ms is None:
        return
    first, done = context.calendar.day_of(created_ms), context.cells[PLAN].steps
    for step, days in parameters.steps.items():
        yield Owed(step, first + days, created_ms, done.get(step), {"day": days})


PROMISES: Mapping[str, Promises] = {
    "action_item": Promises(_items, frozenset({"action_item.created", "action_item.completed"}), "action item"),
    "outcome": Promises(_outcomes, frozenset({"outcome.targeted", "outcome.measured"}), "outcome"),
    "onboarding_milestone": Promises(
        _milestones,
        frozenset({"milestone.started", "milestone.moved", "milestone.completed", "account.created", "account.handoff"}),
        "milestone",
    ),
    "activation_step": Promises(_steps, frozenset({"account.created", "activation.step_completed"}), "activation step"),
}
