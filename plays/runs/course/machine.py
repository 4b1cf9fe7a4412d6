"""The step machine: from where a run stands, what is known, and the time, to what happens now. Pure; changes the course it is given.

A step waits until the steps it follows have ended, then until its wait has passed or what it waits for holds; then its condition
is looked at, its age, and whether it may begin. It does not age while it is held back until a moment that is known. Everything
that ends here ends at the task time of the call, so that the steps behind it count from when they could have been known. Called at
any moment, as often as one likes: it says only what is new.
"""

from collections.abc import Callable
from dataclasses import dataclass

from plays.playbooks.spans import parse_due
from plays.playbooks.step import GO_ON, SKIP
from plays.runs.course.facts import Facts
from plays.runs.course.gate import Drop, Gate, Hold
from plays.runs.course.happenings import (
    CadenceEnded,
    Finished,
    Happening,
    StepDue,
    StepLapsed,
    StepLeftOut,
    StepOverdue,
    Why,
)
from plays.runs.course.plan import PROVEN, Plan, denial
from plays.runs.course.state import Course, Stage, StepState
from schemas.records.play_message import StepCondition

LIMIT, CONDITION = 1, 2
"""Bits of `StepState.proven`."""

Later = Callable[[int, str], int]
"""A moment (ms, UTC) and a span after it, by the calendar that counts."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the machine asks of the world. `proven(condition, at_ms)`: nothing that would deny it came until then, for certain."""

    later: Later
    holds: Callable[[StepCondition], bool]
    proven: Callable[[StepCondition, int], bool]
    may_begin: Callable[[int], Gate]
    resting: bool = False
    """The run is paused or snoozed, or its play is paused: nothing begins, nothing is overdue."""
    act_clock_runs: bool = False
    """Steps due by the run's act clock are not said to be overdue: the clock says it."""


def start(play: str, left_out: tuple[int, ...], plan: Plan, opened_ms: int, trigger_ms: int, act_by_ms: int | None) -> Course:
    """A run sets out. Nothing has begun: `advance` it."""
    return Course(play, list(left_out), opened_ms, trigger_ms, act_by_ms, [StepState() for _ in plan.steps], Facts())


def advance(course: Course, plan: Plan, around: Surroundings, now_ms: int) -> list[Happening]:
    """Everything that happens at `now_ms` and did not before, in the order of the steps."""
    if around.resting:
        return []
    said: list[Happening] = []
    walk = _Walk(course, plan, around, now_ms, said)
    while walk.once():
        pass
    if course.finished_ms is None and course.ended:
        course.finished_ms = now_ms
        said.append(Finished())
    return said


@dataclass(frozen=True, slots=True)
class _Walk:
    course: Course
    plan: Plan
    around: Surroundings
    now_ms: int
    said: list[Happening]

    def once(self) -> bool:
        """Look at every step; True where something changed that others may wait for."""
        changed = False
        for place in range(len(self.plan.steps)):
            changed |= self._look(place)
        return changed

    def _look(self, place: int) -> bool:
        state = self.course.steps[place]
        if state.stage is Stage.WAITING:
            return self._waiting(place, state)
        if state.stage is Stage.BEGUN:
            return self._begun(place, state)
        return False

    def _waiting(self, place: int, state: StepState) -> bool:
        if state.at_ms is None and not self._reached(place, state):
            return state.ended
        moment = self._moment(place, state)
        if moment is None:
            return state.ended
        if state.held:
            if self._too_old(place, state, moment):
                return self._lapse(place, state, moment)
            if state.retry_ms is not None and state.retry_ms > self.now_ms:
                return False
        only_if = self.plan.steps[place].only_if
        if only_if is not None:
            if not self.around.holds(only_if):
                return self._leave_out(place, state, "condition", only_if)
            if only_if in PROVEN and not self._sure(state, CONDITION, only_if, moment):
                return False
        if self._too_old(place, state, moment):
            return self._lapse(place, state, moment)
        return self._ask(place, state)

    def _ask(self, place: int, state: StepState) -> bool:
        gate = self.around.may_begin(place)
        if isinstance(gate, Hold):
            _hold_back(state, gate, self.now_ms)
            return False
        if isinstance(gate, Drop):
            return self._leave_out(place, state, "dropped", detail=gate.detail)
        state.held, state.retry_ms, state.excused_ms = False, None, 0
        state.stage, state.begun_ms = Stage.BEGUN, self.now_ms
        repeat = self.plan.steps[place].repeat
        if repeat is not None:
            state.next_ms = self.around.later(self.now_ms, repeat.every)
        self._due(place, state)
        self.said.append(StepDue(place, state.times, gate.owner))
        state.owner = gate.owner.id if gate.owner is not None else ""
        return True

    def _reached(self, place: int, state: StepState) -> bool:
        """Whether what it follows has ended; then its moment is set. A fallback of waits that were not in vain is left out."""
        steps, before = self.course.steps, self.plan.before[place]
        if before is None:
            named = [steps[one] for one in self.plan.namers[place]]
            ends = [_ended(one) for one in named if one.vain]
            if not ends:
                if all(one.ended for one in named):
                    self._leave_out(place, state, "not_needed")
                return False
        else:
            if not all(steps[one].ended for one in before):
                return False
            ends = [_ended(steps[one]) for one in before]
        step, base = self.plan.steps[place], max(ends, default=self.course.opened_ms)
        until = step.until.at_most if step.until is not None else None
        span = step.wait or until
        state.at_ms = base if span is None else self.around.later(base, span)
        return True

    def _moment(self, place: int, state: StepState) -> int | None:
        """When it may begin, if that is not to come; None while it waits, or when its wait was in vain."""
        assert state.at_ms is not None
        until = self.plan.steps[place].until
        if until is not None:
            if self.around.holds(until.condition):
                if state.came_ms is None:
                    state.came_ms = self.now_ms
                return state.came_ms
            state.came_ms = None
        if state.at_ms > self.now_ms:
            return None
        if until is not None:
            denied = denial(until.condition)
            if denied in PROVEN and not self._sure(state, LIMIT, denied, state.at_ms):
                return None
            if until.otherwise != GO_ON:
                state.vain = until.otherwise != SKIP
                self._leave_out(place, state, "in_vain", until.condition)
                return None
        return state.at_ms

    def _sure(self, state: StepState, bit: int, condition: StepCondition, moment: int) -> bool:
        """That nothing came until then. Once it is known it stays so, until the step is held back to another moment."""
        if not state.proven & bit and self.around.proven(condition, max(moment, state.retry_ms or moment)):
            state.proven |= bit
        return bool(state.proven & bit)

    def _begun(self, place: int, state: StepState) -> bool:
        repeat = self.plan.steps[place].repeat
        if repeat is not None and self._cadence(place, state, repeat.until, repeat.every, repeat.at_most):
            return True
        open_ = repeat is None or state.reported < state.times
        if state.due_ms is not None and state.due_ms <= self.now_ms and open_ and not state.late_said:
            if self.plan.by_sla[place] and self.around.act_clock_runs:
                return False
            state.late_said = True
            self.said.append(StepOverdue(place, state.due_ms))
        return False

    def _cadence(self, place: int, state: StepState, until: StepCondition, every: str, at_most: str | None) -> bool:
        """True where the cadence is over. Times that were missed are not made up for: the next one is the first to come."""
        assert state.begun_ms is not None
        assert state.next_ms is not None
        over = at_most is not None and self.around.later(state.begun_ms, at_most) <= self.now_ms
        if over or self.around.holds(until):
            self.said.append(CadenceEnded(place, None if over else until))
            return self._end(state, Stage.DONE)
        if state.next_ms > self.now_ms or (state.retry_ms is not None and state.retry_ms > self.now_ms):
            return False
        latest = state.next_ms
        while (following := self.around.later(latest, every)) <= self.now_ms:
            latest = following
        if self._too_old(place, state, latest):
            self.said.append(StepLapsed(place, latest, ended=False))
        else:
            gate = self.around.may_begin(place)
            if isinstance(gate, Hold):
                _hold_back(state, gate, self.now_ms)
                return False
            if not isinstance(gate, Drop):
                self._due(place, state)
                state.owner = gate.owner.id if gate.owner is not None else ""
                self.said.append(StepDue(place, state.times, gate.owner))
        state.next_ms, state.held, state.retry_ms, state.excused_ms = following, False, None, 0
        return False

    def _due(self, place: int, state: StepState) -> None:
        due = parse_due(self.plan.steps[place].due)
        if due.span is None:
            state.due_ms = None if self.course.act_by_ms is None else max(self.course.act_by_ms, self.now_ms)
        elif due.from_trigger:
            state.due_ms = max(self.now_ms, self.around.later(self.course.trigger_ms, due.span))
        else:
            state.due_ms = self.around.later(self.now_ms, due.span)
        # who asks late does not remind at once; who was reminded of one time and said nothing is not of every further one
        again = state.late_said and state.reported < state.times
        state.times += 1
        state.late_said = again or (state.due_ms is not None and state.due_ms <= self.now_ms)

    def _too_old(self, place: int, state: StepState, moment: int) -> bool:
        return too_old_from(state, moment, self.plan.max_age[place], self.around.later) <= self.now_ms

    def _lapse(self, place: int, state: StepState, moment: int) -> bool:
        self.said.append(StepLapsed(place, moment, ended=True))
        return self._end(state, Stage.LAPSED)

    def _leave_out(self, place: int, state: StepState, why: Why, condition: StepCondition | None = None, detail: str = "") -> bool:
        self.said.append(StepLeftOut(place, why, condition, detail))
        return self._end(state, Stage.SKIPPED)

    def _end(self, state: StepState, stage: Stage) -> bool:
        state.stage, state.ended_ms = stage, self.now_ms
        return True


def too_old_from(state: StepState, moment: int, max_age: str, later: Later) -> int:
    """From when on a step, or a time of a cadence, that should have begun at `moment` is not begun any more.

    What was left of its age when it was held back is left when the hold ends: who waits for the morning because we said so is
    not late for that. A hold without a known end excuses nothing.
    """
    excused_ms = state.excused_ms if state.retry_ms is None else min(state.excused_ms, max(0, state.retry_ms - moment))
    return later(moment, max_age) + excused_ms + 1


def ask_anew(state: StepState, now_ms: int) -> None:
    """What held the step back may not any more: look now. Its age counts on from here."""
    if state.retry_ms is not None:
        state.excused_ms -= max(0, state.retry_ms - now_ms)
    state.retry_ms = None


def _hold_back(state: StepState, gate: Hold, now_ms: int) -> None:
    if gate.until_ms is not None and gate.until_ms != state.retry_ms:
        state.proven = 0
    state.held, state.retry_ms = True, gate.until_ms
    if gate.until_ms is not None:
        state.excused_ms += max(0, gate.until_ms - now_ms)


def _ended(state: StepState) -> int:
    assert state.ended_ms is not None
    return state.ended_ms
