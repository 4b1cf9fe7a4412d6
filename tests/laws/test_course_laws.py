"""Runs walked through any play of the library under random answers, reports, outages, pauses and refusals, against a naive recount."""

from itertools import accumulate

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from plays.policy.segments import Facts
from plays.runs.course.facts import open_item
from plays.runs.course.gate import Drop, Gate, Go, Hold
from plays.runs.course.happenings import CadenceEnded, StepCancelled, StepDue, StepLapsed, StepLeftOut, StepOverdue
from plays.runs.course.pin import plan_for
from plays.runs.course.reports import cancel
from plays.runs.course.state import Stage
from tests.desk import DAY, HOUR, MINUTE, PLAYBOOKS, T0
from tests.walker import MAIL, THICKET, Walker, later, made_up

TECH = Facts("tech", None, None, None, None, False, 1000.0, None, None)
LIBRARY = {f"{play}{out or ''}": plan_for(PLAYBOOKS[play], out) for play in PLAYBOOKS for out in ((), PLAYBOOKS[play].left_out(TECH))}
LIBRARY["thicket"] = THICKET
SPANS = st.sampled_from((1, 20 * MINUTE, 2 * HOUR, 7 * HOUR, DAY, 3 * DAY, 8 * DAY, 31 * DAY))
GATES: dict[str, Gate] = {"go": Go(), "ask again": Hold(), "drop": Drop("no room in the budget")}


class Courses(RuleBasedStateMachine):
    """What the machine said is kept as a reader would; `exact` while nobody held it back, so that moments can be recounted."""

    @initialize(play=st.one_of(st.just("thicket"), st.sampled_from(sorted(LIBRARY))), act=st.sampled_from((None, HOUR, DAY)))
    def launch(self, play: str, act: int | None) -> None:
        self.plan = LIBRARY[play]
        self.ends: dict[int, int] = {}  # place -> when it ended
        self.told: dict[int, int] = {}  # place -> when that was told
        self.times: dict[int, int] = {}
        self.overdue: set[tuple[int, int]] = set()
        self.exact = True
        self.read = 0
        self.run = Walker(self.plan, act_by_ms=None if act is None else T0 + act)

    @rule(by=SPANS)
    def wait(self, by: int) -> None:
        self.run.go(by)

    @rule(of=SPANS)
    def nobody_looks(self, of: int) -> None:
        self.exact = False
        self.run.outage(of)

    @rule(back=SPANS, data=st.data(), skipped=st.booleans())
    def report(self, back: int, data: st.DataObject, skipped: bool) -> None:
        place = data.draw(st.sampled_from(range(len(self.plan.steps))))
        state = self.run.course.steps[place]
        before, begun_ms, now_ms = state.stage, state.begun_ms, self.run.now_ms
        said = self.run.report(self.plan.steps[place].name, now_ms - back, skipped=skipped)
        if before >= Stage.DONE:
            assert said == "already"
        elif said == "ended":
            state = self.run.course.steps[place]
            assert state.ended_ms == min(now_ms, max(now_ms - back, T0 if begun_ms is None else begun_ms))
            self._end(place, state.ended_ms, now_ms)
        else:
            assert self.plan.steps[place].repeat is not None

    @rule(kind=st.sampled_from(("reply", "meeting", "end", "open again", "open an item", "recover", "told")))
    def hear(self, kind: str) -> None:
        facts, now = self.run.course.facts, self.run.now_ms
        match kind:
            case "reply":
                facts.replied_ms = now
            case "meeting":
                facts.met_ms = now
            case "end":
                facts.subject_ended_ms = now
            case "open again":
                facts.subject_opened_ms = now
            case "open an item":
                open_item(facts, "ticket", f"p-{now}", now)
            case "recover":
                facts.recovered_ms = now
            case "told":
                facts.answered = True
        self.run.look()

    @rule(alive=st.booleans())
    def feeds(self, alive: bool) -> None:
        self.exact &= alive
        self.run.feeds_alive = alive
        self.run.look()

    @rule(paused=st.booleans())
    def pause(self, paused: bool) -> None:
        self.exact = False
        self.run.paused = paused
        self.run.look()

    @rule(by=SPANS)
    def snooze(self, by: int) -> None:
        self.exact = False
        self.run.snooze(by)
        self.run.look()

    @rule(gate=st.sampled_from(sorted(GATES)), hold=SPANS)
    def gate(self, gate: str, hold: int) -> None:
        until = self.run.now_ms + hold
        self.exact &= gate == "go"
        self.run.gate = lambda _place: Hold(until) if gate == "ask again" and self.run.now_ms < until else GATES[gate]
        self.run.look()

    @rule()
    def leave(self) -> None:
        open_ = [place for place, state in enumerate(self.run.course.steps) if not state.ended]
        said = cancel(self.run.course, self.run.now_ms)
        assert said == [StepCancelled(place) for place in open_]
        for place in open_:
            self._end(place, self.run.now_ms, self.run.now_ms)
        self.run.look()
        assert self.run.course.ended

    @invariant()
    def everything_said_is_right(self) -> None:
        for at_ms, one in self.run.log[self.read :]:
            match one:
                case StepDue(place, time, _):
                    assert place not in self.ends
                    assert time == self.times.get(place, 0) + 1  # none twice, none left out
                    self.times[place] = time
                    if time == 1:
                        self._recount(place, at_ms)
                case StepLeftOut(place, why, _, _):
                    assert place not in self.times
                    if why == "in_vain" and self.exact:
                        assert at_ms == max(self._begins(place))
                    self._end(place, at_ms, at_ms)
                case StepLapsed(place, moment, ended):
                    assert later(moment, self.plan.max_age[place]) < at_ms
                    if ended:
                        self._end(place, at_ms, at_ms)
                case CadenceEnded(place, _):
                    self._end(place, at_ms, at_ms)
                case StepOverdue(place, due_ms):
                    assert due_ms <= at_ms
                    assert (place, self.times[place]) not in self.overdue
                    self.overdue.add((place, self.times[place]))
                    assert not self.exact or due_ms == at_ms
        self.read = len(self.run.log)
        for place, state in enumerate(self.run.course.steps):
            assert state.ended == (place in self.ends)
            assert (state.stage is Stage.BEGUN) == (place in self.times and not state.ended)
        assert (self.run.course.finished_ms is not None) <= self.run.course.ended

    @invariant()
    def a_run_with_open_steps_waits_for_somebody_or_something(self) -> None:
        steps = self.run.course.steps
        if self.run.paused or self.run.course.ended or self.run.next_ms() is not None:
            return
        asked = any(state.stage is Stage.BEGUN for state in steps)
        assert asked or not self.run.feeds_alive

    def _end(self, place: int, ended_ms: int, told_ms: int) -> None:
        assert place not in self.ends  # exactly once
        self.ends[place], self.told[place] = ended_ms, told_ms

    def _begins(self, place: int) -> tuple[int, int]:
        """(moment, told): when the step may begin, or its wait ends, and when that could be known; by what was said alone."""
        step, before = self.plan.steps[place], self.plan.before[place]
        followed = [one for one in self.plan.namers[place] if one in self.ends] if before is None else before
        assert all(one in self.ends for one in followed)
        base = max((self.ends[one] for one in followed), default=T0)
        span = step.wait if step.until is None else step.until.at_most
        return base if span is None else later(base, span), max((self.told[one] for one in followed), default=T0)

    def _recount(self, place: int, at_ms: int) -> None:
        moment, told = self._begins(place)
        if self.plan.steps[place].until is None:
            assert at_ms >= moment
            assert not self.exact or at_ms == max(moment, told)
        else:
            assert at_ms >= told
            assert not self.exact or at_ms <= max(moment, told)


holds = st.lists(st.tuples(st.booleans(), st.integers(min_value=1, max_value=3 * DAY)), max_size=6)


@given(holds, st.sampled_from(("3h", "1d", "2d")))
@settings(max_examples=500)
def test_a_step_does_not_age_while_it_is_held_back_until_a_known_moment(spells: list[tuple[bool, int]], max_age: str) -> None:
    """Held for one spell after the other, some with an end that is known: only the rest is its age."""
    run = Walker(made_up({"name": "first"}, {"name": "mail", "after": ("first",), **MAIL}, max_age=max_age))
    ends = list(accumulate((length for _, length in spells), initial=T0))

    def gate(_place: int) -> Gate:
        at = next((place for place, end_ms in enumerate(ends[1:]) if run.now_ms < end_ms), None)
        return Go() if at is None else Hold(ends[at + 1] if spells[at][0] else None)

    run.gate = gate
    run.report("first")
    for end_ms in ends[1:]:
        run.go(end_ms - run.now_ms)
        run.look()
    age = later(T0, max_age) - T0
    waited, left_ms = 0, None
    for (known, length), start_ms in zip(spells, ends, strict=False):
        if not known and left_ms is None and waited + length > age:
            left_ms = start_ms + age - waited + 1
        waited += 0 if known else length
    if left_ms is None:
        assert run.due()[-1] == ("mail", ends[-1])
    else:
        assert run.log[-2] == (left_ms, StepLapsed(1, T0, ended=True))


CourseMachine = Courses.TestCase
CourseMachine.settings = settings(max_examples=500, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))


@given(st.sampled_from(sorted(LIBRARY)), st.lists(st.integers(min_value=1, max_value=9 * DAY), min_size=1, max_size=8))
@settings(max_examples=500)
def test_however_time_is_cut_the_same_way_is_gone(play: str, cuts: list[int]) -> None:
    whole, pieces = Walker(LIBRARY[play]), Walker(LIBRARY[play])
    for run in (whole, pieces):
        run.report(run.plan.steps[0].name)
    whole.go(sum(cuts))
    for cut in cuts:
        pieces.go(cut)
        pieces.look()
    assert (pieces.log, pieces.course) == (whole.log, whole.course)
