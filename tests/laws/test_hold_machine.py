"""Launches that wait, under random triggers, closings, recoveries, policies and passing time: nothing is lost, nothing is sent twice."""

from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from plays.suppression.policy import Inhibition, Kinds, Maintenance, Silence, SuppressionPolicy
from plays.suppression.suppression import Suppression
from schemas.records.decision import Decision, Reason
from schemas.records.play_message import PlayMessage
from schemas.records.trigger import Trigger
from schemas.records.wire import epoch_ms, utc
from streams.processing.cells import Cells
from streams.processing.effects import Cleared
from streams.processing.judging import EpisodeRef
from streams.processing.moment import Moment
from streams.router.holding import HELD
from tests.desk import DAY, HOUR, T0, Desk, trigger

CONCERNS = ("support", "adoption", "expansion", "lifecycle")
MAX_HOLD = {"R1": 1, "R2": 6, "R3": None}  # days; R4 is a rule of others
OTHERS_DAYS = 3
RULES = (*MAX_HOLD, "R4")
HOLDING = {Reason.INHIBITED, Reason.SILENCED, Reason.MAINTENANCE}
OVER = {Reason.CLEARED, Reason.EXPIRED, Reason.CHURNED}
SPANS = st.sampled_from((HOUR, 5 * HOUR, 20 * HOUR, 2 * DAY, 5 * DAY))
STARTS = st.sampled_from((0, 0, -5, 3))  # hours from now: most matter at once

INHIBITION = Inhibition(
    name="trouble first",
    reason="a P1 is open",
    while_open=Kinds(concerns=("support",), priorities=("P1",)),
    mute=(Kinds(concerns=("expansion", "lifecycle")), Kinds(priorities=("P3", "P4"))),
)


@dataclass
class Truth:
    """What really is so of each episode, whoever has heard of it."""

    over: set[EpisodeRef]
    unknown: set[EpisodeRef]

    def holds(self, _cells: Cells, episode: EpisodeRef, _moment: Moment) -> bool | None:
        return None if episode in self.unknown else episode not in self.over


class Holding(RuleBasedStateMachine):
    """Keeps what a subscriber of `play-launches` and `decisions` could know, and the policy."""

    def __init__(self) -> None:
        super().__init__()
        self.truth = Truth(set(), set())
        self.policy = SuppressionPolicy(inhibitions=(INHIBITION,), requests_max_hold=OTHERS_DAYS)
        self.desk = Desk(judge=self.truth, hush=self._suppression(), csm="aisha.rahman", acv=20_000.0)
        self.heard, self.decided = 0, 0
        self.fired: dict[str, Trigger] = {}
        self.held_since: dict[str, int] = {}
        self.waiting: dict[str, Decision] = {}
        self.launched: set[str] = set()
        self.ended: dict[str, Reason] = {}
        self.open: dict[str, PlayMessage] = {}
        self.churned = False
        self.silenced = 0
        self.acted_ms = T0
        self.raise_trigger("R3", "support", "P1", "s-1", unknown=False)

    def _suppression(self) -> Suppression:
        return Suppression(self.policy, MAX_HOLD)

    @precondition(lambda self: not self.churned)
    @rule(
        name=st.sampled_from(RULES), concern=st.sampled_from(CONCERNS), priority=st.sampled_from(("P1", "P2", "P3", "P4")),
        subject=st.sampled_from(("s-1", "s-2")), unknown=st.booleans(),
    )  # fmt: skip
    def raise_trigger(self, name: str, concern: str, priority: str, subject: str, unknown: bool) -> None:
        fired = trigger(
            name, at_ms=self.desk.now_ms, priority=priority, concern=concern, subject=("ticket", subject), episode=f"e-{len(self.fired)}"
        )
        joins = any(run.concern == concern and (priority != "P1" or run.subject.id == subject) for run in self.open.values())
        self.fired[fired.trigger_id] = fired
        if unknown:
            self.truth.unknown.add(EpisodeRef.of(fired))
        stands = self._stands(fired, self.desk.now_ms)
        self._read(self.desk.trigger(fired))
        dropped = any(one.drop for one in self.policy.silences if one.name in stands)
        where = (fired.trigger_id in self.launched, fired.trigger_id in self.waiting, fired.trigger_id in self.ended)
        if joins or not stands:
            assert where == (True, False, False)
        elif dropped:
            assert where == (False, False, True)
        else:
            assert where == (False, True, False)

    @precondition(lambda self: self.fired)
    @rule(data=st.data())
    def repeat_a_trigger(self, data: st.DataObject) -> None:
        again = self.fired[data.draw(st.sampled_from(sorted(self.fired)))]
        if not self.churned and (again.trigger_id not in self.launched or self.desk.now_ms - self.acted_ms < 30 * DAY):
            decided = len(self.desk.decisions)
            if self._remembered(again.trigger_id):
                assert self.desk.trigger(again) == []
                assert len(self.desk.decisions) == decided

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        self._read(self.desk.update("closed", data.draw(st.sampled_from(sorted(self.open))), code="resolved"))

    @precondition(lambda self: self.fired)
    @rule(data=st.data(), told=st.booleans(), expired=st.booleans())
    def recover(self, data: st.DataObject, told: bool, expired: bool) -> None:
        one = self.fired[data.draw(st.sampled_from(sorted(self.waiting or self.fired)))]
        waited = one.trigger_id in self.waiting
        self.truth.over.add(EpisodeRef.of(one))
        if told:
            now = self.desk.now_ms
            said = Cleared(one.rule, one.subject, one.episode, one.trigger_id, now, now, "it is well again", expired)
            self._read(self.desk.clear(said))
            if waited:
                assert self.ended[one.trigger_id] is (Reason.EXPIRED if expired else Reason.CLEARED)

    @rule(start=STARTS, length=st.integers(1, 200), drop=st.booleans(), rules=st.sampled_from(((), (), ("R1",), ("R2", "R4"))))
    def silence(self, start: int, length: int, drop: bool, rules: tuple[str, ...]) -> None:
        begin = self._hour() + start * HOUR
        self.silenced += 1
        one = Silence(
            name=f"silence {self.silenced}", author="maya", reason="because", starts=utc(begin),
            expires=utc(begin + length * HOUR), accounts=("acme",), rules=rules, drop=drop and bool(rules),
        )  # fmt: skip
        self._decree(silences=(*self.policy.silences[-2:], one))

    @rule(start=STARTS, length=st.integers(1, 60))
    def maintain(self, start: int, length: int) -> None:
        begin = self._hour() + start * HOUR
        window = Maintenance(name=f"window {begin}", reason="because", starts=utc(begin), ends=utc(begin + length * HOUR))
        self._decree(maintenance=(window,))

    @rule()
    def lift_everything(self) -> None:
        self._decree(silences=(), maintenance=(), inhibitions=())
        assert self.waiting == {}

    @rule()
    def inhibit(self) -> None:
        self._decree(inhibitions=(INHIBITION,))

    @rule(by=SPANS)
    def wait(self, by: int) -> None:
        self._read(self.desk.advance(by), passing=True)

    @rule(of=SPANS)
    def nobody_works(self, of: int) -> None:
        self._read(self.desk.outage(of))

    @rule(back=st.sampled_from((True, True, True, False)))
    def churn(self, back: bool) -> None:
        waited = set(self.waiting)
        self.desk.describe(churned_ms=self.desk.now_ms)
        self._read(self.desk.event("account.churned"))
        assert self.waiting == {}
        assert all(self.ended[one] is Reason.CHURNED for one in waited)
        self.churned = not back
        if back:
            self.desk.describe(churned_ms=None)

    @invariant()
    def every_trigger_is_where_it_was_said_to_be(self) -> None:
        held = [one.trigger_id for one in self.desk.cells[HELD].held]
        assert sorted(held) == sorted(self.waiting)
        assert len(self.launched) + len(self.ended) + len(self.waiting) == len(self.fired)

    @invariant()
    def what_waits_has_a_reason_to(self) -> None:
        for identity in self.waiting:
            one = self.fired[identity]
            assert self._stands(one, self.desk.now_ms)
            assert not any(run.concern == one.concern for run in self.open.values() if one.priority != "P1")
            days = MAX_HOLD.get(one.rule, OTHERS_DAYS)
            assert days is None or self.desk.now_ms < self.held_since[identity] + days * DAY

    def _decree(self, **changes: object) -> None:
        self.policy = self.policy.model_copy(update=changes)
        self._read(self.desk.pass_over(self._suppression()))

    def _hour(self) -> int:
        return self.desk.now_ms // HOUR * HOUR

    def _remembered(self, identity: str) -> bool:
        return identity in self.waiting or identity in self.ended or any(identity in run.triggers for run in self.open.values())

    def _stands(self, one: Trigger, at_ms: int, open_runs: dict[str, PlayMessage] | None = None) -> list[str]:
        """What stands against a launch, by the words of the page."""
        found = [window.name for window in self.policy.maintenance if window.starts <= utc(at_ms) < window.ends]
        for silence in self.policy.silences:
            starts = silence.starts
            assert starts is not None
            if starts <= utc(at_ms) < silence.expires and (not silence.rules or one.rule in silence.rules):
                found.append(silence.name)
        runs = self.open if open_runs is None else open_runs
        trouble = any(run.concern == "support" and run.priority == "P1" for run in runs.values())
        if self.policy.inhibitions and trouble and one.priority != "P1":
            found += ["trouble first"] * (one.concern in ("expansion", "lifecycle") or one.priority in ("P3", "P4"))
        return found

    def _read(self, messages: list[PlayMessage], *, passing: bool = False) -> None:
        """Everything said, in order: decisions and messages stand in the same transaction, so each may be read first."""
        before = dict(self.open)
        of_launches = [decision for decision in self.desk.decisions[self.decided :] if decision.run_id is None]
        self.decided = len(self.desk.decisions)
        changed_ms = {epoch_ms(message.time) for message in messages if message.kind in ("launched", "closed", "upgraded")}
        launched: list[str] = []
        for message in messages:
            if message.kind == "closed":
                del self.open[message.run_id]
                continue
            self.open[message.run_id] = message
            if message.kind in ("launched", "joined", "upgraded"):
                launched.append(message.triggers[-1])
        released = []
        for decision in of_launches:
            identity = decision.trigger_id
            assert identity is not None
            at_ms = epoch_ms(decision.time)
            if decision.facts.get("dropped"):
                self.waiting.pop(identity, None)
                self._end(identity, decision.reason)
            elif decision.reason in HOLDING:
                assert identity not in self.ended
                assert identity not in self.launched
                self.held_since.setdefault(identity, at_ms)
                self.waiting[identity] = decision
            else:
                assert self.waiting.pop(identity).facts["by"] == decision.facts["by"]  # the last that was said to hold it
                if decision.reason is Reason.RELEASED:
                    released.append(identity)
                    assert EpisodeRef.of(self.fired[identity]) not in self.truth.over - self.truth.unknown
                    if passing and at_ms not in changed_ms:  # time alone let it go: not a moment too late
                        assert self._stands(self.fired[identity], at_ms - 1, before)
                else:
                    assert decision.reason in OVER
                    self._end(identity, decision.reason)
        assert len(set(launched)) == len(launched)
        assert set(released) <= set(launched)
        for identity in launched:
            assert identity not in self.launched  # nothing is sent twice
            assert identity not in self.ended
            self.launched.add(identity)
        self.acted_ms = self.desk.now_ms

    def _end(self, identity: str, reason: Reason) -> None:
        assert identity not in self.ended
        assert identity not in self.launched
        self.ended[identity] = reason


HoldMachine = Holding.TestCase
HoldMachine.settings = settings(max_examples=500, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))


hours = st.integers(0, 100)


@settings(max_examples=500, deadline=None)
@given(
    windows=st.lists(st.tuples(hours, st.integers(1, 40), st.booleans()), max_size=5), start=st.integers(0, 60),
    recovers=st.none() | hours, cuts=st.lists(st.integers(1, 60), min_size=1, max_size=5), name=st.sampled_from(RULES),
)  # fmt: skip
def test_time_alone_lets_a_launch_go_at_the_first_moment_it_may(
    windows: list[tuple[int, int, bool]], start: int, recovers: int | None, cuts: list[int], name: str
) -> None:
    """Against a look at every hour: all that matters happens on the hour here."""
    begin = (T0 // HOUR + 1) * HOUR
    policy = SuppressionPolicy(
        silences=tuple(
            Silence(name=f"s-{n}", author="maya", reason="because", starts=utc(begin + a * HOUR), expires=utc(begin + (a + h) * HOUR),
                    accounts=("acme",))
            for n, (a, h, silence) in enumerate(windows) if silence
        ),
        maintenance=tuple(
            Maintenance(name=f"m-{n}", reason="because", starts=utc(begin + a * HOUR), ends=utc(begin + (a + h) * HOUR))
            for n, (a, h, silence) in enumerate(windows) if not silence
        ),
        requests_max_hold=OTHERS_DAYS,
    )  # fmt: skip
    truth = Truth(set(), set())
    desk = Desk(judge=truth, hush=Suppression(policy, MAX_HOLD))
    desk.now_ms = begin + start * HOUR
    fired = trigger(name, at_ms=desk.now_ms, priority="P1")

    def blocked(hour: int) -> bool:
        return any(a <= hour < a + h for a, h, _ in windows)

    days = MAX_HOLD.get(name, OTHERS_DAYS)
    hour = start
    while blocked(hour) and (days is None or hour < start + 24 * days):
        hour += 1
    desk.trigger(fired)
    end = start + sum(cuts)
    for cut in cuts:
        if recovers is not None and start <= recovers < start + cut:
            desk.advance((recovers - start) * HOUR)
            truth.over.add(EpisodeRef.of(fired))
            desk.advance((start + cut - recovers) * HOUR)
        else:
            desk.advance(cut * HOUR)
        start += cut
    launched = [m for m in desk.messages if m.kind == "launched"]
    told = {d.reason: d for d in desk.decisions if d.run_id is None and d.reason not in HOLDING}
    first = start - sum(cuts)
    if hour > end:
        assert (launched, told) == ([], {})
        return
    if not blocked(first):
        assert told == {}
        assert launched[0].time == utc(begin + first * HOUR)
        return
    (reason,) = told
    assert told[reason].time == utc(begin + hour * HOUR)
    if days is not None and hour == first + 24 * days:
        assert (reason, launched) == (Reason.EXPIRED, [])
    elif recovers is not None and first <= recovers < hour:
        assert (reason, launched) == (Reason.CLEARED, [])
    elif recovers != hour:
        assert reason is Reason.RELEASED
        assert [m.time for m in launched] == [utc(begin + hour * HOUR)]
        assert launched[0].clocks.act_by == utc(begin + hour * HOUR + 2 * HOUR)  # nobody could act before
