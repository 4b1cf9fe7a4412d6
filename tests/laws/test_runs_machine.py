"""The runs of one account under random triggers, updates, recoveries, passing time, outages, answers of the roster that come late, never
or twice, new versions of plays, and what is muted: no run is lost, none is launched twice, clocks are right.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from plays.loading.run_policy import DEFAULT_POLICY
from plays.loading.suppression import load_suppression
from plays.playbooks.book import Playbooks
from plays.roster.hours import hours_of
from plays.runs.asking import name_in_play, owns
from plays.suppression.policy import Maintenance, Silence, SuppressionPolicy
from plays.suppression.suppression import Suppression
from schemas.records.decision import Reason
from schemas.records.play_message import PlayMessage
from schemas.records.play_outcome import Breaches
from schemas.records.trigger import Trigger
from schemas.records.wire import epoch_ms, utc
from streams.processing.cells import Cells
from streams.processing.effects import Cleared
from streams.processing.judging import EpisodeRef
from streams.processing.library import Change
from streams.processing.moment import Moment
from streams.router.cells import RUNS
from streams.router.holding import HELD
from streams.router.processor import RouterProcessor
from tests.desk import DAY, HOUR, MINUTE, OF_STEPS, PLAYBOOKS, POLICY, Desk, trigger
from tests.laws.run_clocks import Recount, Wanted
from tests.laws.test_course_router_laws import EDITIONS, ENDS
from tests.roster_desk import RosterDesk

pytestmark = pytest.mark.timeout(300)  # on a busy machine

CONCERNS = ("support", "adoption", "renewal")
PLAYS = ("swat", "usage-review", "PB1", "PB3", "feature-enablement", "commercial-plan")
ROLES = ("csm", "csm_pool", "support_lead", "csm+account_executive", "automation", "csm (tech: csm_pool)")
FIRST_ACTIONS: dict[str, int | None] = {"30m": 30 * MINUTE, "2h": 2 * HOUR, "24h": DAY, "-": None, "until day 60": 20 * DAY}
UPDATES = ("acknowledged", "started", "step_completed", "step_skipped", "replied", "paused", "resumed", "snoozed", "reassigned")
STEPS = ("SWAT response", "usage review", "quick win", "no such step")
REASONS = (None, "waiting_on_customer", "waiting_on_us")
SPANS = st.sampled_from((1, 5_000, MINUTE, 15 * MINUTE, 37 * MINUTE, HOUR, 6 * HOUR, DAY, 3 * DAY, 20 * DAY, 61 * DAY))
OVER = (Reason.CLEARED, Reason.EXPIRED, Reason.CHURNED, Reason.PLAY_PAUSED)
SHIPPED = load_suppression(DEFAULT_POLICY, (), (), ())


class Truth:
    """Which episodes are over, whoever has heard of it."""

    def __init__(self) -> None:
        self.over: set[EpisodeRef] = set()

    def holds(self, _cells: Cells, episode: EpisodeRef, _moment: Moment) -> bool:
        return episode not in self.over


class Runs(RuleBasedStateMachine):
    """What is said is checked as a subscriber reads it; the machine keeps only what a subscriber could know, and where triggers wait."""

    def __init__(self) -> None:
        super().__init__()
        self.truth = Truth()
        self.roster = RosterDesk(POLICY.team, hours_of(POLICY.calendars))
        self.read = self.concluded = self.decided = self.delivered = 0
        self.answers: list[Mapping[str, Any]] = []  # of the roster, on their way
        self.recounts: dict[str, Recount] = {}
        self.last: dict[str, PlayMessage] = {}
        self.closed: set[str] = set()
        self.wanted: dict[str, Wanted] = {}
        self.fired: dict[str, Trigger] = {}
        self.told: dict[str, str] = {}  # trigger -> the run it is in
        self.over: dict[str, Reason] = {}  # trigger -> why it is in none, and never will be
        self.muted = 0
        self.handed: Counter[str] = Counter()  # by run: how often it may still be handed over by others than people
        self.repeated: dict[tuple[str, str], bool] = {}
        self.ended: set[tuple[str, str]] = set()  # steps of runs

    @initialize(roster=st.booleans())
    def begin(self, roster: bool) -> None:
        self.with_roster = roster
        self.desk = Desk(roster=roster, judge=self.truth, hush=Suppression(), csm="aisha.rahman", acv=20_000.0)
        self.desk.meet("c-1", name="Ana Costa", role="champion")

    @rule(
        concern=st.sampled_from(CONCERNS), priority=st.sampled_from(("P1", "P2", "P3")), play=st.sampled_from(PLAYS),
        role=st.sampled_from(ROLES), first_action=st.sampled_from(sorted(FIRST_ACTIONS)), subject=st.sampled_from(("s-1", "s-2")),
    )  # fmt: skip
    def raise_trigger(self, concern: str, priority: str, play: str, role: str, first_action: str, subject: str) -> None:
        now = self.desk.now_ms
        fired = trigger(
            f"R{len(self.fired)}", at_ms=now, priority=priority, play=play, role=role, first_action=first_action, concern=concern,
            subject=("ticket", subject), act_by_ms=now + 20 * DAY,
        )  # fmt: skip
        self.fired[fired.trigger_id] = fired
        self.wanted[fired.trigger_id] = Wanted(
            priority, FIRST_ACTIONS[first_action], now, first_action.startswith("until"), role == "automation"
        )
        open_before = {run for run, message in self.last.items() if run not in self.closed and message.concern == concern}
        nothing_else = not self.muted and not self.desk.cells[HELD].held and not self.with_roster
        told = [message for message in self.desk.trigger(fired) if message.kind in ("launched", "joined", "upgraded")]
        said = [message for message in told if message.triggers[-1] == fired.trigger_id]  # others that waited may join an upgrade
        assert len(said) <= 1
        if said:
            assert said[0].kind != "launched" or said[0].run_id not in self.last
            if said[0].kind != "launched":
                assert said[0].run_id in open_before
            elif priority != "P1":
                assert not open_before  # one open run per concern
        if nothing_else and self.desk.router.playbooks is PLAYBOOKS:
            assert len(said) == 1  # at once

    @precondition(lambda self: self.last.keys() - self.closed)
    @rule(
        data=st.data(), priority=st.sampled_from(("P1", "P2")), play=st.sampled_from(PLAYS), role=st.sampled_from(ROLES),
        first_action=st.sampled_from(sorted(FIRST_ACTIONS)), begun=st.booleans(),
    )  # fmt: skip
    def worsen(self, data: st.DataObject, priority: str, play: str, role: str, first_action: str, *, begun: bool) -> None:
        """Something more urgent about what a run is about already, perhaps while somebody is at it."""
        run = self.last[data.draw(st.sampled_from(sorted(self.last.keys() - self.closed)))]
        if begun:
            self.desk.update("started", run.run_id)
            self.desk.advance(0)
        self.raise_trigger(run.concern, priority, play, role, first_action, run.subject.id)

    @precondition(lambda self: self.last or self.desk.asked)
    @rule(data=st.data(), kind=st.sampled_from(UPDATES), step=st.sampled_from(STEPS), ahead=SPANS, reason=st.sampled_from(REASONS))
    def report(self, data: st.DataObject, kind: str, step: str, ahead: int, reason: str | None) -> None:
        run = data.draw(st.sampled_from(sorted({*self.last, *(word["run_id"] for word in self.desk.asked)})))
        extra: dict[str, object] = {}
        if kind.startswith("step"):
            extra = {"step": step}
        elif kind == "snoozed":
            extra = {"until": utc(self.desk.now_ms + ahead), "reason": reason}
        elif kind == "paused":
            extra = {"reason": reason}
        elif kind == "reassigned":
            extra = {"owner": "hana.sato"}
        refused = len(self.desk.rejects)
        said = [message for message in self.desk.update(kind, run, **extra) if message.run_id == run]
        if run in self.closed or run not in self.last:
            assert (len(self.desk.rejects), said) == (refused + 1, [])
            assert self.desk.rejects[-1].reason in ("wrong_state", "unknown_run")
        of_the_play = ("step_", "steps_", "closed")  # an answer may end the play, and a report a step
        assert sum(not message.kind.startswith(of_the_play) for message in said) <= 1
        self.desk.advance(0)  # a step that is overdue once the clock that spoke for it has stopped is told at once

    @precondition(lambda self: self.last)
    @rule(data=st.data(), code=st.sampled_from(("resolved", "false_positive")))
    def close(self, data: st.DataObject, code: str) -> None:
        run = data.draw(st.sampled_from(sorted(self.last)))
        said = [message for message in self.desk.update("closed", run, code=code) if message.run_id == run]
        assert [m.kind for m in said if m.kind not in OF_STEPS] == ([] if run in self.closed else ["closed"])

    @precondition(lambda self: self.fired)
    @rule(data=st.data())
    def repeat_a_trigger(self, data: st.DataObject) -> None:
        fired = self.fired[data.draw(st.sampled_from(sorted(self.fired)))]
        run = self.told.get(fired.trigger_id)
        forgotten = run in self.closed and epoch_ms(self.last[run].time) + 30 * DAY <= self.desk.now_ms if run is not None else False
        known = len(self.desk.messages), len(self.desk.asked)
        if not forgotten and fired.trigger_id not in self.over:
            self.desk.trigger(fired)
            assert known == (len(self.desk.messages), len(self.desk.asked))

    @precondition(lambda self: self.fired)
    @rule(data=st.data(), expired=st.sampled_from((False, False, True)))
    def recover(self, data: st.DataObject, expired: bool) -> None:
        """What a trigger is about is over. Of a run that rests on nothing else the play ends, if it ends with that."""
        one = self.fired[data.draw(st.sampled_from(sorted(self.fired)))]
        if EpisodeRef.of(one) in self.truth.over:
            return  # an episode ends once
        self.truth.over.add(EpisodeRef.of(one))
        now = self.desk.now_ms
        self.desk.clear(Cleared(one.rule, one.subject, one.episode, one.trigger_id, now, now, "it is well again", expired))
        for run in self.desk.cells[RUNS].open if not expired else ():
            if one.trigger_id in run.triggers and all(EpisodeRef.of(self.fired[each]) in self.truth.over for each in run.triggers):
                assert run.launched
                assert run.course is None or all(stated.when != "recovered" for stated in PLAYBOOKS[run.play].playbook.exits)

    @rule(by=SPANS)
    def wait(self, by: int) -> None:
        known = dict(self.last)
        for message in self.desk.advance(min(by, DAY) if self.desk.catching_up else by):
            assert not self.desk.catching_up or "did not answer" not in message.owner.detail or message.run_id in known
            if message.kind in ("sla_warning", "sla_breach") and message.run_id in known:
                assert message.time == message.due  # to the millisecond, while somebody is working

    @rule(of=SPANS)
    def nobody_works(self, of: int) -> None:
        self.desk.outage(min(of, DAY) if self.desk.catching_up else of)

    @rule(catching_up=st.booleans())
    def read_what_was_missed(self, catching_up: bool) -> None:
        """While that lasts, nobody could have answered."""
        self.desk.catching_up = catching_up

    @precondition(lambda self: self.with_roster)
    @rule()
    def roster_works(self) -> None:
        """It has answered everything; the answers are on their way."""
        for word in self.desk.asked[self.delivered :]:
            self.roster.send(word["type"], word["ask_id"], epoch_ms(word["occurred_at"]), "acme", word)
        self.delivered = len(self.desk.asked)
        self.answers += self.roster.answers
        self.roster.answers.clear()

    @precondition(lambda self: self.answers)
    @rule(data=st.data(), times=st.sampled_from((1, 1, 2)), lost=st.sampled_from((False, False, False, True)))
    def answer(self, data: st.DataObject, times: int, lost: bool) -> None:
        """In any order, late, twice, or not for now."""
        place = data.draw(st.integers(0, len(self.answers) - 1))
        answer = self.answers[place] if lost else self.answers.pop(place)
        for _ in range(0 if lost else times):
            self.desk.event("assignment.made", **answer)
        self.desk.advance(0)  # of who was named late a mark may be due already

    @rule(edition=st.sampled_from(sorted(EDITIONS, key=str)))
    def publish(self, edition: tuple[str, str | None]) -> None:
        """Another worker takes over with another library."""
        said = self._take_over(EDITIONS[edition], Change(frozenset(), frozenset(), frozenset(), frozenset(), plays=True))
        assert all(message.kind not in ("closed", "upgraded", "reassigned") for message in said)  # runs go on as they were

    @rule(what=st.sampled_from(("nothing", "shipped", "silence", "maintenance")), hours=st.sampled_from((1, 20, 200)))
    def mute(self, what: str, hours: int) -> None:
        """Another worker takes over with other words on what waits."""
        starts, ends = utc(self.desk.now_ms), utc(self.desk.now_ms + hours * HOUR)
        self.muted += 1
        policy = {
            "nothing": SuppressionPolicy(),
            "shipped": SHIPPED,
            "silence": SuppressionPolicy(
                silences=(
                    Silence(name=f"mute {self.muted}", author="maya", reason="because", starts=starts, expires=ends, accounts=("acme",)),
                )
            ),
            "maintenance": SuppressionPolicy(
                maintenance=(Maintenance(name=f"move {self.muted}", reason="because", starts=starts, ends=ends),)
            ),
        }[what]
        self.desk.router.policy = replace(self.desk.router.policy, suppression=Suppression(policy))
        self._take_over(self.desk.router.playbooks, Change(frozenset(), frozenset(), frozenset(), frozenset(), suppression=True))

    @rule()
    def churn(self) -> None:
        said = self.desk.event("account.churned")
        open_before = sorted(run for run in self.last if run not in self.closed)
        assert sorted(m.run_id for m in said) == open_before
        assert {m.code for m in said} <= {"customer_churned"}

    @invariant()
    def every_trigger_is_in_one_place(self) -> None:
        """In one run that was told of, in one whose owner is asked for, among those that wait, or over and said to be."""
        for decision in self.desk.decisions[self.decided :]:
            identity = decision.trigger_id
            if decision.run_id is None and identity is not None:
                if decision.reason in OVER:
                    assert identity not in self.over
                    self.over[identity] = decision.reason
                elif decision.reason is Reason.RELEASED:  # clocks count from here
                    self.wanted[identity] = self.wanted[identity].let_go(epoch_ms(decision.time))
        self.decided = len(self.desk.decisions)
        for message in self.desk.messages[self.read :]:
            self._read(message)
        self.read = len(self.desk.messages)
        asked = [each for run in self.desk.cells[RUNS].open if not run.launched for each in run.triggers]
        waiting = [one.trigger_id for one in self.desk.cells[HELD].held]
        assert sorted((*self.told, *self.over, *asked, *waiting)) == sorted(self.fired)

    @invariant()
    def nothing_due_is_unsaid(self) -> None:
        open_runs = [run for run in self.desk.cells[RUNS].open if run.launched]
        assert {run.id for run in open_runs} == self.last.keys() - self.closed
        assert not self.desk.cells[RUNS].open or self.desk.deadlines["runs"] > self.desk.now_ms
        for run in open_runs:
            assert self.recounts[run.id].unsaid(self.desk.now_ms) == []

    @invariant()
    def who_has_something_holds_it(self) -> None:
        """As the router told the roster: one person the run, unless automation has it; of its steps nobody those that have ended."""
        for run in self.desk.cells[RUNS].open:
            owners = [one.person for one in run.holders if owns(one.step)]
            if run.launched:
                assert owners == ([] if run.owner.reason == "automation" else [run.owner.id])
            for one in run.holders:
                assert owns(one.step) or (run.id, name_in_play(one.step)) not in self.ended

    @invariant()
    def every_run_that_ended_has_one_outcome_and_it_tells_what_the_messages_told(self) -> None:
        for outcome in self.desk.outcomes[self.concluded :]:
            messages = [m for m in self.desk.messages if m.run_id == outcome.run_id]
            last, kinds = messages[-1], Counter(m.kind for m in messages)
            assert (last.kind, outcome.code, outcome.owner, outcome.priority) == ("closed", last.code, last.owner.id, last.priority)
            assert outcome.opened <= messages[0].time
            assert self.with_roster or outcome.opened == messages[0].time
            assert outcome.closed == last.time
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

    def teardown(self) -> None:
        """All that is on its way arrives, and everything is closed: nobody holds anything any more."""
        if hasattr(self, "desk"):
            self._exchange()
            held = {f"{run.id}/{one.step}": one.person for run in self.desk.cells[RUNS].open for one in run.holders}
            if self.with_roster:
                assert {one.ask_id: one.holder for one in self.roster.questions() if one.holder is not None} == held
            while open_runs := self.desk.cells[RUNS].open:
                self.desk.update("closed", open_runs[0].id, code="resolved")
                self._exchange()
            assert self.roster.loads() == {}
            self.every_trigger_is_in_one_place()

    def _exchange(self) -> None:
        while self.with_roster and (self.delivered < len(self.desk.asked) or self.answers):
            self.roster_works()
            while self.answers:
                self.desk.event("assignment.made", **self.answers.pop(0))

    def _take_over(self, playbooks: Playbooks, change: Change) -> list[PlayMessage]:
        self.desk.router = RouterProcessor(playbooks, self.desk.router.policy, self.truth)
        return self.desk.replan(change)

    def _read(self, message: PlayMessage) -> None:
        before = self.last.get(message.run_id)
        assert message.sequence == (1 if before is None else before.sequence + 1)
        assert (message.kind == "launched") == (before is None)
        assert message.run_id not in self.closed  # nothing after the end
        for each in message.triggers:
            assert each not in self.over
            assert self.told.setdefault(each, message.run_id) == message.run_id  # no double launch
        if before is not None:
            assert before.time <= message.time
            assert message.triggers[: len(before.triggers)] == before.triggers
            assert message.priority <= before.priority
            handed = message.kind == "reassigned" and message.owner.reason != "reassigned"
            self.handed[message.run_id] += (message.kind == "upgraded") - handed
            assert self.handed[message.run_id] >= 0  # to one person each time something more urgent came
        else:
            self.handed[message.run_id] = len(message.triggers) - 1  # more urgent ones may have come before
        if message.kind in ("launched", "upgraded"):
            self.repeated.update({(message.run_id, one.name): one.repeat is not None for one in message.steps})
            if before is None or before.play != message.play:
                self.ended = {one for one in self.ended if one[0] != message.run_id}
        over = message.kind in ENDS or (message.kind == "completed" and not self.repeated.get((message.run_id, message.step or "")))
        if over and message.step is not None:
            self.ended.add((message.run_id, message.step))
        self.recounts.setdefault(message.run_id, Recount(self.wanted)).hear(message)
        self.last[message.run_id] = message
        if message.kind == "closed":
            assert message.code is not None
            self.closed.add(message.run_id)


@settings(deadline=None, max_examples=500)
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
RunsMachine.settings = settings(max_examples=500, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
