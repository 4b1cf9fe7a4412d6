"""Takes what a success plan says into what was promised: reviews, outcomes, risks, action items, activation steps."""

import msgspec

from schemas.events.event import Event
from streams.processing.bounded import drop_first
from streams.processing.cell import Cell
from streams.processing.cells import Cells
from streams.signals.calendar import day_number

MAX_PROMISES = 100
"""Of each kind; those that were kept go first, then the oldest."""

OPEN = -1


class Promise(msgspec.Struct, array_like=True, gc=False):
    """Something that is to be there by a day (local day number; None: none is named)."""

    day: int | None = None
    known_ms: int = OPEN  # event time of what named the day
    kept_ms: int = OPEN  # event time of what kept it
    facts: dict[str, str | float] = {}
    measured_ms: int = OPEN  # event time of the value among the facts


class Risk(msgspec.Struct, array_like=True, gc=False):
    """A risk as it was registered, and when it was closed."""

    known_ms: int = OPEN
    closed_ms: int = OPEN
    facts: dict[str, str] = {}


class Plan(msgspec.Struct, array_like=True, gc=False):
    """The success plan, but for its milestones. Items and risks by their ids, outcomes by metric, steps by name."""

    plan_id: str | None = None
    updated_ms: int = OPEN
    milestone_done_ms: int = OPEN  # the first completed after the plan was last looked at
    outcomes: dict[str, Promise] = {}
    items: dict[str, Promise] = {}
    risks: dict[str, Risk] = {}
    steps: dict[str, int] = {}


def _trim(plan: Plan) -> int:
    return drop_first(max(plan.outcomes, plan.items, plan.risks, plan.steps, key=len))  # type: ignore[arg-type]


PLAN: Cell[Plan] = Cell("plan", Plan, version=1, trim=_trim)


def fold_plan(cells: Cells, event: Event) -> None:
    """plan.created, plan.updated."""
    plan = cells.edit(PLAN)
    if event.time_ms >= plan.updated_ms:
        plan.updated_ms = event.time_ms
        plan.plan_id = event.data.get("plan_id", plan.plan_id)
        if plan.milestone_done_ms <= event.time_ms:
            plan.milestone_done_ms = OPEN


def fold_done(cells: Cells, event: Event) -> None:
    """milestone.completed: the first after the plan was last looked at is remembered."""
    plan = cells[PLAN]
    if event.time_ms > plan.updated_ms and (plan.milestone_done_ms == OPEN or event.time_ms < plan.milestone_done_ms):
        cells.edit(PLAN).milestone_done_ms = event.time_ms


def fold_outcome(cells: Cells, event: Event) -> None:
    """outcome.targeted; outcome.measured keeps it where the value has reached the target, whichever side the baseline is on."""
    one, data = _promise(cells.edit(PLAN).outcomes, event.data["metric"]), event.data
    if event.type == "outcome.targeted":
        if event.time_ms >= one.known_ms:
            one.facts |= {name: data[name] for name in ("baseline", "target", "unit") if name in data}
            _dated(one, event, "date")
            value = one.facts.get("value")  # said in the same instant, or later and read before
            reached = one.measured_ms >= event.time_ms and isinstance(value, int | float) and _reached(one, value)
            one.kept_ms = one.measured_ms if reached else OPEN
        return
    if event.time_ms >= one.measured_ms:
        one.measured_ms, one.facts["value"] = event.time_ms, data["value"]
    if event.time_ms >= one.known_ms and _reached(one, data["value"]):
        one.kept_ms = event.time_ms if one.kept_ms == OPEN else min(one.kept_ms, event.time_ms)


def fold_item(cells: Cells, event: Event) -> None:
    """action_item.created, action_item.completed."""
    one = _promise(cells.edit(PLAN).items, event.data["item_id"])
    if event.type == "action_item.completed":
        one.kept_ms = max(one.kept_ms, event.time_ms)
        return
    one.facts |= {name: event.data[name] for name in ("owner", "item") if name in event.data}
    if "due" in event.data:
        _dated(one, event, "due")


def fold_risk(cells: Cells, event: Event) -> None:
    """risk.registered, risk.closed."""
    risks, name = cells.edit(PLAN).risks, event.data["risk_id"]
    risk = risks.get(name)
    if risk is None:
        if len(risks) >= MAX_PROMISES:
            del risks[next((one for one, old in risks.items() if old.closed_ms >= old.known_ms), next(iter(risks)))]
        risk = risks[name] = Risk()
    if event.type == "risk.closed":
        risk.closed_ms = max(risk.closed_ms, event.time_ms)
        return
    risk.known_ms = max(risk.known_ms, event.time_ms)
    risk.facts |= {name: event.data[name] for name in ("kind", "likelihood", "impact", "owner") if name in event.data}


def fold_step(cells: Cells, event: Event) -> None:
    """activation.step_completed: the first time counts."""
    step = event.data["step"]
    steps = cells[PLAN].steps
    if (step not in steps and len(steps) < MAX_PROMISES) or event.time_ms < steps.get(step, OPEN):
        cells.edit(PLAN).steps[step] = event.time_ms


def open_risks(cells: Cells, at_ms: int) -> list[str]:
    """Ids of risks registered before `at_ms` and not closed before it, sorted: events of one instant may come in any order."""
    risks = cells[PLAN].risks
    return sorted(name for name, risk in risks.items() if risk.known_ms < at_ms and not risk.known_ms <= risk.closed_ms < at_ms)


def _promise(known: dict[str, Promise], name: str) -> Promise:
    found = known.get(name)
    if found is None:
        if len(known) >= MAX_PROMISES:
            del known[next((one for one, old in known.items() if old.kept_ms >= old.known_ms), next(iter(known)))]
        found = known[name] = Promise()
    return found


def _dated(one: Promise, event: Event, field: str) -> None:
    if event.time_ms >= one.known_ms:
        day = day_number(event.data[field]) if field in event.data else None
        if event.time_ms == one.known_ms and one.day is not None and (day is None or day > one.day):
            day = one.day  # of two days named in the same instant the earlier stands
        if day != one.day and event.time_ms > one.kept_ms:
            one.kept_ms = OPEN  # given another day after it was kept: it is to be kept again
        one.known_ms, one.day = event.time_ms, day


def _reached(one: Promise, value: float) -> bool:
    target, baseline = one.facts.get("target"), one.facts.get("baseline")
    if not isinstance(target, int | float):
        return False
    falling = isinstance(baseline, int | float) and target < baseline
    return value <= target if falling else value >= target
