"""When a run must be looked at next: a function of where it stands."""

from collections.abc import Iterator
from typing import NamedTuple

from plays.playbooks.step import PlayStep
from plays.runs.course.facts import holds
from plays.runs.course.machine import CONDITION, LIMIT, Later, too_old_from
from plays.runs.course.plan import PROVEN, Plan, denial
from plays.runs.course.state import Course, Stage, StepState
from schemas.records.play_message import StepCondition


class Next(NamedTuple):
    """A moment, in ms, and what must be proven not to have come by then; None: the clock is enough."""

    at_ms: int
    proof: StepCondition | None
    place: int


def moments(course: Course, plan: Plan, later: Later, *, act_clock_runs: bool = False) -> Iterator[Next]:
    """All moments to come, in the order of the steps, for a run that does not rest and was `advance`d just now.

    One in the past waits for its proof.
    """
    for place, state in enumerate(course.steps):
        if state.stage is Stage.WAITING:
            yield from _waiting(place, state, course, plan, later)
        elif state.stage is Stage.BEGUN:
            yield from _begun(place, state, plan, later, act_clock_runs)


def _waiting(place: int, state: StepState, course: Course, plan: Plan, later: Later) -> Iterator[Next]:
    if state.at_ms is None:
        return
    moment = state.at_ms if state.came_ms is None else state.came_ms
    proof = _proof(plan.steps[place], state, course)
    if not state.held:
        yield Next(moment, proof, place)
        return
    yield Next(too_old_from(state, moment, plan.max_age[place], later), None, place)
    if state.retry_ms is not None:
        yield Next(state.retry_ms, proof, place)


def _proof(step: PlayStep, state: StepState, course: Course) -> StepCondition | None:
    """What the step would assert not to have come; what is known to have come needs no proof."""
    asserted = []
    if step.until is not None and state.came_ms is None and not state.proven & LIMIT:
        asserted.append(denial(step.until.condition))
    if step.only_if is not None and not state.proven & CONDITION:
        asserted.append(step.only_if)
    return next((one for one in asserted if one in PROVEN and holds(one, course.facts, course.opened_ms)), None)


def _begun(place: int, state: StepState, plan: Plan, later: Later, act_clock_runs: bool) -> Iterator[Next]:
    repeat = plan.steps[place].repeat
    if repeat is not None and repeat.at_most is not None and state.begun_ms is not None:
        yield Next(later(state.begun_ms, repeat.at_most), None, place)
        if state.next_ms is not None and not state.held:
            yield Next(state.next_ms, None, place)
        elif state.retry_ms is not None:
            yield Next(state.retry_ms, None, place)
    said = state.late_said or (plan.by_sla[place] and act_clock_runs)
    if state.due_ms is not None and not said and (repeat is None or state.reported < state.times):
        yield Next(state.due_ms, None, place)
