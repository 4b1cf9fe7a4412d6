"""Walks one run through its play the way a router does: facts and reports in, time on, state through its bytes after every step."""

from collections.abc import Callable

import msgspec

from plays.playbooks import spans
from plays.playbooks.step import PlayStep
from plays.policy.calendars import plain_calendar
from plays.runs.course.facts import holds
from plays.runs.course.gate import Gate, Go
from plays.runs.course.happenings import Happening, StepDue
from plays.runs.course.machine import Surroundings, advance, start
from plays.runs.course.moments import moments
from plays.runs.course.plan import Plan, plan_of
from plays.runs.course.reports import Report, complete, give_time, skip
from plays.runs.course.state import Course, Stage
from schemas.records.play_message import StepCondition
from tests.desk import DAY, T0


def later(start_ms: int, span: str) -> int:
    """By a plain calendar: Monday to Friday, 09:00 to 17:00, UTC."""
    return spans.later(start_ms, span, plain_calendar())


def made_up(*steps: dict[str, object], max_age: str = "5d") -> Plan:
    """A plan of steps that state only what matters: tasks of the csm, due within a day."""
    base = {"kind": "task", "owner_role": "csm", "instruction": "Do what is to be done.", "due": "1d"}
    return plan_of([PlayStep.model_validate(base | step) for step in steps], max_age)


MAIL = {"kind": "message", "message": "Subject: A word\n\nHow are you getting on with it?"}
THICKET = made_up(
    {"name": "first", **MAIL},
    {"name": "beside", "after": "launch", "wait": "2h", "due": "3h after trigger"},
    {"name": "cadence", "after": "launch", "repeat": {"every": "7h", "until": "resolved", "at_most": "2d"}, "due": "2h", **MAIL},
    {"name": "both", "after": ("first", "beside"), "wait": "1d", "only_if": "no_reply", "due": "sla"},
    {"name": "wished", "after": ("both", "cadence"), "until": {"condition": "resolved", "at_most": "3d", "otherwise": "instead"},
     "only_if": "no_reply"},
    {"name": "met", "after": ("first",), "until": {"condition": "meeting_held", "at_most": "2d", "otherwise": "instead"}},
    {"name": "instead", "after": "fallback", "wait": "5h", "only_if": "unresolved"},
    {"name": "last", "after": ("wished", "met", "instead"), "max_age": "2h"},
)  # fmt: skip
"""Everything a play can do, in one."""

_WIRE = msgspec.msgpack.Decoder(Course)


class Walker:
    """`log` has every happening with its moment. `answers` stands in for the facts where given. `feeds_alive`: silence is believed."""

    def __init__(self, plan: Plan, answers: Callable[[StepCondition], bool] | None = None, act_by_ms: int | None = T0 + DAY) -> None:
        self.plan = plan
        self.answers = answers
        self.now_ms = T0
        self.course = start("0" * 16, (), plan, T0, T0, act_by_ms)
        self.feeds_alive = True
        self.paused = False
        self.rest_until_ms = T0
        self.gate: Callable[[int], Gate] = lambda _place: Go()
        self.log: list[tuple[int, Happening]] = []
        self.look()

    def look(self) -> list[Happening]:
        """Advance at the present moment; nothing more may be left to say then."""
        self.course = _WIRE.decode(msgspec.msgpack.encode(self.course))
        said = advance(self.course, self.plan, self._around(), self.now_ms)
        assert advance(self.course, self.plan, self._around(), self.now_ms) == []
        self.log += [(self.now_ms, one) for one in said]
        return said

    def next_ms(self) -> int | None:
        """The next moment at which anything can happen by itself."""
        if self.paused:
            return None
        if self.now_ms < self.rest_until_ms:
            return self.rest_until_ms
        found = [
            max(one.at_ms, self.now_ms + 1) if one.proof else one.at_ms
            for one in moments(self.course, self.plan, later)
            if one.proof is None or self.feeds_alive
        ]
        return min(found, default=None)

    def go(self, by_ms: int) -> None:
        """Let time pass; the machine is called at each of its moments."""
        until = self.now_ms + by_ms
        while (at_ms := self.next_ms()) is not None and at_ms <= until:
            assert at_ms > self.now_ms, "a moment that is past and waits for nothing"
            self.now_ms = at_ms
            self.look()
        self.now_ms = until

    def outage(self, of_ms: int) -> None:
        """Nobody looks for a while; then everything at once."""
        self.now_ms += of_ms
        self.look()

    def report(self, name: str, at_ms: int | None = None, *, skipped: bool = False) -> Report:
        """Somebody says that the step is done, or left out."""
        said = (skip if skipped else complete)(self.course, self.plan, name, self.now_ms if at_ms is None else at_ms, self.now_ms)
        self.look()
        return said

    def snooze(self, by_ms: int) -> None:
        """Nothing begins for a while; what has begun gets so much longer."""
        self.rest_until_ms = self.now_ms + by_ms
        give_time(self.course, by_ms)

    def due(self) -> list[tuple[str, int]]:
        """(step, moment) of everything that began or was asked for again."""
        return [(self.plan.steps[one.place].name, at_ms) for at_ms, one in self.log if isinstance(one, StepDue)]

    def stage(self, name: str) -> Stage:
        """How a step stands."""
        place = self.plan.place(name)
        assert place is not None
        return self.course.steps[place].stage

    def _around(self) -> Surroundings:
        def answer(condition: StepCondition) -> bool:
            return holds(condition, self.course.facts, self.course.opened_ms) if self.answers is None else self.answers(condition)

        def proven(_condition: StepCondition, at_ms: int) -> bool:
            return self.feeds_alive and at_ms <= self.now_ms

        return Surroundings(later, answer, proven, self.gate, resting=self.paused or self.now_ms < self.rest_until_ms)
