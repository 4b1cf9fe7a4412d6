"""What people report of steps, and what ends all of them. Idempotent: a step that has ended stays as it ended."""

from typing import Literal

from plays.runs.course.facts import write
from plays.runs.course.happenings import StepCancelled
from plays.runs.course.plan import Plan
from plays.runs.course.state import Course, Stage

Report = Literal["ended", "noted", "already", "unknown"]
"""`noted`: one time of a cadence, which goes on. `unknown`: the play has no such step."""


def complete(course: Course, plan: Plan, step: str, at_ms: int, now_ms: int) -> Report:
    """A step was done at `at_ms` (event time), also before its moment. What it writes counts as written then."""
    place = plan.place(step)
    if place is None:
        return "unknown"
    state = course.steps[place]
    if state.ended:
        return "already"
    done_ms = _within(course, state.begun_ms, at_ms, now_ms)
    if plan.steps[place].writes:
        write(course.facts, done_ms)
    if plan.steps[place].repeat is not None and state.stage is Stage.BEGUN:
        if state.reported >= state.times:
            return "already"
        state.reported = state.times
        return "noted"
    state.stage, state.ended_ms = Stage.DONE, done_ms
    return "ended"


def skip(course: Course, plan: Plan, step: str, at_ms: int, now_ms: int) -> Report:
    """A step is left out by a person. Of a cadence: all further times."""
    place = plan.place(step)
    if place is None:
        return "unknown"
    state = course.steps[place]
    if state.ended:
        return "already"
    state.stage, state.ended_ms = Stage.SKIPPED, _within(course, state.begun_ms, at_ms, now_ms)
    return "ended"


def give_time(course: Course, by_ms: int) -> None:
    """What has begun, and was not called overdue, is due so much later: its clock stood still. Less than 0: it did not, after all."""
    for state in course.steps:
        if state.stage is Stage.BEGUN and state.due_ms is not None and not state.late_said:
            state.due_ms += by_ms


def follow_act(course: Course, plan: Plan, act_by_ms: int) -> None:
    """The steps that are due by the run's act clock move with it: earlier for haste, later for a pause."""
    course.act_by_ms = act_by_ms
    for place, state in enumerate(course.steps):
        if plan.by_sla[place] and state.stage is Stage.BEGUN and state.begun_ms is not None:
            state.due_ms = max(course.act_by_ms, state.begun_ms)


def cancel(course: Course, now_ms: int) -> list[StepCancelled]:
    """End every step that has not, in their order."""
    cancelled = []
    for place, state in enumerate(course.steps):
        if not state.ended:
            state.stage, state.ended_ms = Stage.CANCELLED, now_ms
            cancelled.append(StepCancelled(place))
    if course.finished_ms is None:
        course.finished_ms = now_ms
    return cancelled


def _within(course: Course, begun_ms: int | None, at_ms: int, now_ms: int) -> int:
    """A report may be late, or its clock wrong: not before the step began, not after now."""
    return min(now_ms, max(at_ms, course.opened_ms if begun_ms is None else begun_ms))
