"""The runs of one account under random triggers, updates, passing time, outages and reloads."""

from collections import Counter
from datetime import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from schemas.records.play_message import Clocks, PlayMessage
from schemas.records.play_outcome import Breaches
from schemas.records.trigger import Trigger
from schemas.records.wire import epoch_ms, utc
from tests.desk import DAY, HOUR, MINUTE, PLAYBOOKS, Desk, trigger

CLOCKS = ("acknowledge", "act", "resolve")
CONCERNS = ("support", "adoption", "renewal")
PLAYS = tuple(PLAYBOOKS)
ROLES = ("csm", "csm_pool", "support_lead", "csm+account_executive", "automation", "csm (tech: csm_pool)")
FIRST_ACTIONS = ("30m", "2h", "24h", "5bd", "-", "until day 60")
UPDATES = ("acknowledged", "started", "step_completed", "step_skipped", "replied", "paused", "resumed", "snoozed", "reassigned")
STEPS = ("SWAT response", "usage review", "quick win", "no such step")
SPANS = st.sampled_from((1, MINUTE, 15 * MINUTE, 37 * MINUTE, HOUR, 6 * HOUR, DAY, 3 * DAY, 20 * DAY, 61 * DAY))


class Runs(RuleBasedStateMachine):
    """What is said is checked as a subscriber reads it; the machine keeps only what a subscriber could know."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(csm="aisha.rahman", acv=20_000.0)
        self.read = self.concluded = 0
        self.last: dict[str, PlayMessage] = {}
        self.closed: set[str] = set()
        self.answered: dict[str, str] = {}  # trigger id -> the run it is in
        self.fired: list[Trigger] = []
        self.raised = 0
        self.starts: dict[tuple[str, str], int] = {}  # (run, clock) -> how often it was started
        self.marks: dict[tuple[str, str, int], list[int | None]] = {}  # (run, clock, start) -> percents, None for the breach
        self.paused: set[str] = set()

    @rule(
        concern=st.sampled_from(CONCERNS), priority=st.sampled_from(("P1", "P2", "P3")), play=st.sampled_from(PLAYS),
        role=st.sampled_from(ROLES), first_action=st.sampled_from(FIRST_ACTIONS), subject=st.sampled_from(("s-1", "s-2")),
    )  # fmt: skip
    def raise_trigger(self, concern: str, priority: str, play: str, role: str, first_action: str, subject: str) -> None:
        self.raised += 1
        now = self.desk.now_ms
        fired = trigger(
            f"R{self.raised}", at_ms=now, priority=priority, play=play, role=role, first_action=first_action, concern=concern,
            subject=("ticket", subject), act_by_ms=now + 20 * DAY,
        )  # fmt: skip
        open_before = [m for m in self.last.values() if m.run_id not in self.closed and m.concern == concern]
        said = [m for m in self.desk.trigger(fired) if m.kind != "resumed"]
        assert len(said) == 1  # no trigger is lost, none is answered twice
        assert fired.trigger_id == said[0].triggers[-1]
        if not open_before:
            assert said[0].kind == "launched"
        if said[0].kind == "launched" and priority != "P1":
            assert not open_before  # one open run per concern
        if said[0].kind != "launched":
            assert said[0].run_id in {m.run_id for m in open_before}
        self.answered[fired.trigger_id] = said[0].run_id
        self.fired.append(fired)

    @precondition(lambda self: self.last)
    @rule(data=st.data(), kind=st.sampled_from(UPDATES), step=st.sampled_from(STEPS), ahead=SPANS)
    def report(self, data: st.DataObject, kind: str, step: str, ahead: int) -> None:
        run = data.draw(st.sampled_from(sorted(self.last)))
        extra: dict[str, object] = {}
        if kind.startswith("step"):
            extra = {"step": step}
        elif kind == "snoozed":
            extra = {"until": utc(self.desk.now_ms + ahead)}
        elif kind == "reassigned":
            extra = {"owner": "hana.sato"}
        refused = len(self.desk.rejects)
        said = self.desk.update(kind, run, **extra)
        if run in self.closed:
            assert (len(self.desk.rejects), said) == (refused + 1, [])
            assert self.desk.rejects[-1].reason in ("wrong_state", "unknown_run")
        of_the_play = ("step_", "steps_", "closed")  # an answer may end the play, and a report a step
        assert sum(not message.kind.startswith(of_the_play) for message in said) <= 1
        self.desk.advance(0)  # a step that is overdue once the clock that spoke for it has stopped is told at once

    @precondition(lambda self: self.last)
    @rule(data=st.data(), code=st.sampled_from(("resolved", "false_positive")))
    def close(self, data: st.DataObject, code: str) -> None:
        run = data.draw(st.sampled_from(sorted(self.last)))
        said = self.desk.update("closed", run, code=code)
        assert [m.kind for m in said] == ([] if run in self.closed else ["closed"])

    @precondition(lambda self: self.fired)
    @rule(data=st.data())
    def repeat_a_trigger(self, data: st.DataObject) -> None:
        fired = data.draw(st.sampled_from(self.fired))
        run = self.answered[fired.trigger_id]
        forgotten = run in self.closed and epoch_ms(self.last[run].time) + 30 * DAY <= self.desk.now_ms
        if not forgotten:
            assert self.desk.trigger(fired) == []

    @rule(by=SPANS)
    def wait(self, by: int) -> None:
        for message in self.desk.advance(by):
            if message.kind in ("sla_warning", "sla_breach"):
                assert message.time == message.due  # to the millisecond, while somebody is working

    @rule(of=SPANS)
    def nobody_works(self, of: int) -> None:
        for message in self.desk.outage(of):
            if message.kind in ("sla_warning", "sla_breach"):
                assert message.due is not None
                assert message.due <= message.time

    @rule()
    def churn(self) -> None:
        said = self.desk.event("account.churned")
        open_before = sorted(run for run in self.last if run not in self.closed)
        assert sorted(m.run_id for m in said) == open_before
        assert {m.code for m in said} <= {"customer_churned"}

    @invariant()
    def everything_said_is_in_order_and_nothing_due_is_unsaid(self) -> None:
        for message in self.desk.messages[self.read :]:
            self._read(message)
        self.read = len(self.desk.messages)
        open_runs = [message for run, message in sorted(self.last.items()) if run not in self.closed]
        assert not open_runs or self.desk.deadlines["runs"] > self.desk.now_ms
        for message in open_runs:
            for clock in CLOCKS:
                due = _due(message, clock)
                if due is not None and epoch_ms(due) <= self.desk.now_ms and message.run_id not in self.paused:
                    assert self.marks[message.run_id, clock, self.starts[message.run_id, clock]] == [50, 80, None]

    @invariant()
    def every_run_that_ended_has_one_outcome_and_it_tells_what_the_messages_told(self) -> None:
        for outcome in self.desk.outcomes[self.concluded :]:
            messages = [m for m in self.desk.messages if m.run_id == outcome.run_id]
            last, kinds = messages[-1], Counter(m.kind for m in messages)
            assert (last.kind, outcome.code, outcome.owner, outcome.priority) == ("closed", last.code, last.owner.id, last.priority)
            assert (outcome.opened, outcome.closed) == (messages[0].time, last.time)
            assert outcome.breaches == Breaches(
                **Counter(m.clock for m in messages if m.kind == "sla_breach" and m.clock is not None)  # type: ignore[arg-type]
            )
            steps = (outcome.steps.completed, outcome.steps.skipped, outcome.escalations)
            assert steps == (kinds["completed"], kinds["skipped"], kinds["escalated"])
            assert (outcome.acted is None) == (not kinds["started"] and not kinds["completed"])
        self.concluded = len(self.desk.outcomes)
        assert sorted(outcome.run_id for outcome in self.desk.outcomes) == sorted(
            message.run_id for message in self.desk.messages if message.kind == "closed"
        )

    def _read(self, message: PlayMessage) -> None:
        before = self.last.get(message.run_id)
        assert message.sequence == (1 if before is None else before.sequence + 1)
        assert (message.kind == "launched") == (before is None)
        assert message.run_id not in self.closed  # nothing after the end
        if before is not None:
            assert before.time <= message.time
            assert message.triggers[: len(before.triggers)] == before.triggers
            assert message.priority <= before.priority
            if message.kind == "upgraded":
                self._tightened(before, message)
        for clock in CLOCKS:
            was = None if before is None else _due(before, clock)
            if _due(message, clock) is not None and (was is None or (message.kind == "escalated" and clock == "acknowledge")):
                self.starts[message.run_id, clock] = self.starts.get((message.run_id, clock), 0) + 1
        if message.kind in ("sla_warning", "sla_breach"):
            self._speak(message)
        if message.kind == "paused":
            self.paused.add(message.run_id)
        elif message.kind in ("resumed", "snoozed"):
            self.paused.discard(message.run_id)
        self.last[message.run_id] = message
        if message.kind == "closed":
            assert (message.code is not None, message.clocks) == (True, Clocks())
            self.closed.add(message.run_id)

    def _tightened(self, before: PlayMessage, message: PlayMessage) -> None:
        """A clock never moves later; one that has run out may begin anew."""
        for clock in CLOCKS:
            was, now, start = _due(before, clock), _due(message, clock), self.starts.get((message.run_id, clock), 0)
            if was is not None and was != now and None in self.marks.get((message.run_id, clock, start), []):
                self.starts[message.run_id, clock] = start + 1
            else:
                assert was is None or (now is not None and now <= was)

    def _speak(self, message: PlayMessage) -> None:
        """At most once each, and in order, until the clock is started anew; never while the run is paused."""
        assert message.clock is not None
        assert message.run_id not in self.paused
        marks = self.marks.setdefault((message.run_id, message.clock, self.starts[message.run_id, message.clock]), [])
        marks.append(message.percent)
        assert marks == [50, 80, None][: len(marks)]
        due = _due(message, message.clock)
        assert due is not None
        if message.kind == "sla_breach":
            assert message.due == due
        else:
            assert message.due is not None
            assert message.due <= due


def _due(message: PlayMessage, clock: str) -> datetime | None:
    due: datetime | None = getattr(message.clocks, f"{clock}_by")
    return due


@settings(deadline=None)
@given(
    st.sampled_from(("1m", "2h", "24h", "5bd")),
    st.lists(st.integers(min_value=1, max_value=40 * DAY), min_size=1, max_size=8),
)
def test_however_time_is_cut_the_same_story_is_told(first_action: str, cuts: list[int]) -> None:
    whole, pieces = Desk(), Desk()
    whole.trigger(trigger(first_action=first_action))
    pieces.trigger(trigger(first_action=first_action))

    whole.advance(sum(cuts))
    for cut in cuts:
        pieces.advance(cut)

    assert pieces.messages == whole.messages
    assert pieces.raw == whole.raw


RunsMachine = Runs.TestCase
RunsMachine.settings = settings(max_examples=120, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))
