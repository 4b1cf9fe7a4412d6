"""Runs on their way through plays, as a subscriber reads them, under random triggers, answers, recoveries, outages and new versions."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from plays.playbooks.book import Playbooks
from plays.playbooks.model import Playbook
from schemas.records.play_message import PlayMessage
from schemas.records.trigger import Trigger
from schemas.records.wire import utc
from streams.processing.effects import Cleared
from streams.processing.library import Change
from streams.router.cells import RUNS
from streams.router.course.pins import PINS
from streams.router.processor import RouterProcessor
from tests.desk import DAY, HOUR, MINUTE, PLAYBOOKS, POLICY, T0, Desk, trigger

PLAYS = ("PB1", "swat", "PB3", "feature-enablement", "qbr", "guided-outreach", "activation-email", "commercial-plan", "multi-thread")
SPANS = st.sampled_from((1, 15 * MINUTE, 2 * HOUR, 9 * HOUR, DAY, 3 * DAY, 9 * DAY, 40 * DAY))
EVENTS: dict[str, dict[str, Any]] = {
    "email.replied": {"from": "c-1"},
    "meeting.held": {"attended": ["c-1"]},
    "ticket.resolved": {"ticket_id": "s-1"},
    "ticket.reopened": {"ticket_id": "s-1"},
    "ticket.created": {"ticket_id": "p-1"},
    "ticket.closed": {"ticket_id": "p-1"},
    "contract.renewed": {},
    "contact.updated": {"contact_id": "c-1", "opted_out": True},
}
ENDS = ("step_left_out", "step_lapsed", "step_ended", "step_cancelled", "skipped")
NOTHING_NEW = Change(frozenset(), frozenset(), frozenset(), frozenset())


def _edition(number: int, status: str, gone: str | None) -> Playbooks:
    def of(stated: Playbook) -> Playbook:
        mark = {"version": stated.version + number, "title": f"{stated.title}, edition {number}", "status": status}
        return Playbook.model_validate_json(stated.model_copy(update=mark).model_dump_json())

    return Playbooks((of(stated) for stated in PLAYBOOKS.stated() if stated.id != gone), PLAYBOOKS.links)


EDITIONS: dict[tuple[str, str | None], Playbooks] = {
    ("edited", None): _edition(1, "active", None),
    ("edited again", None): _edition(2, "active", None),
    ("paused", None): _edition(0, "paused", None),
    **{("without", play): _edition(0, "active", play) for play in ("PB1", "swat")},
    ("as shipped", None): PLAYBOOKS,
}


class Walks(RuleBasedStateMachine):
    """Keeps only what a subscriber could know, but for the copies of playbooks."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(csm="aisha.rahman", acv=20_000.0)
        self.desk.meet("c-1", name="Ana Costa", role="champion")
        self.raised = self.read = 0
        self.last: dict[str, PlayMessage] = {}
        self.closed: set[str] = set()
        self.fired: list[Trigger] = []
        self.steps: dict[str, dict[str, bool]] = {}  # run -> its steps, and whether they are repeated
        self.due: dict[tuple[str, str], int] = {}
        self.ended: dict[str, set[str]] = {}

    @rule(concern=st.sampled_from(("support", "adoption")), play=st.sampled_from(PLAYS), priority=st.sampled_from(("P1", "P2", "P3")),
          role=st.sampled_from(("csm", "automation")))  # fmt: skip
    def raise_trigger(self, concern: str, play: str, priority: str, role: str) -> None:
        self.raised += 1
        fired = trigger(
            f"R{self.raised}", at_ms=self.desk.now_ms, priority=priority, play=play, role=role, first_action="24h", concern=concern,
            subject=("ticket", "s-1"),
        )  # fmt: skip
        declined = len(self.desk.decisions)
        said = [m for m in self.desk.trigger(fired) if m.kind in ("launched", "joined", "upgraded")]
        assert len(said) <= 1
        assert said or len(self.desk.decisions) > declined  # it waits, or its play rests: either is said
        self.fired.append(fired)
        known = len(self.desk.messages)
        if not any(d.reason == "play_paused" for d in self.desk.decisions[declined:]):
            self.desk.trigger(fired)
        assert len(self.desk.messages) == known  # no double launch

    @precondition(lambda self: self.last)
    @rule(data=st.data(), what=st.sampled_from(("completed", "completed", "completed", "skipped")), back=SPANS)
    def report(self, data: st.DataObject, what: str, back: int) -> None:
        run = data.draw(st.sampled_from(sorted(self.last)))
        step = data.draw(st.sampled_from(sorted(self.steps[run])))
        self.desk.update(f"step_{what}", run, step=step, at_ms=self.desk.now_ms - back)

    @precondition(lambda self: self.last)
    @rule(data=st.data(), what=st.sampled_from(("acknowledged", "replied", "paused", "resumed", "resumed", "closed")))
    def update(self, data: st.DataObject, what: str) -> None:
        run = data.draw(st.sampled_from(sorted(self.last)))
        self.desk.update(what, run, **({"code": "resolved"} if what == "closed" else {}))

    @rule(event=st.sampled_from(sorted(EVENTS)), data=st.data(), back=SPANS)
    def hear(self, event: str, data: st.DataObject, back: int) -> None:
        named = {"run_id": data.draw(st.sampled_from(sorted(self.last)))} if self.last and event == "ticket.created" else {}
        self.desk.event(event, at_ms=self.desk.now_ms - back, **EVENTS[event], **named)

    @precondition(lambda self: self.fired)
    @rule(data=st.data(), expired=st.booleans())
    def clear(self, data: st.DataObject, expired: bool) -> None:
        of = data.draw(st.sampled_from(self.fired))
        self.desk.clear(Cleared(of.rule, of.subject, of.episode, of.trigger_id, T0, self.desk.now_ms, "it is better", expired))

    @rule(by=SPANS)
    def wait(self, by: int) -> None:
        self.desk.advance(by)

    @rule(of=SPANS)
    def nobody_works(self, of: int) -> None:
        self.desk.outage(of)

    @rule(edition=st.sampled_from(sorted(EDITIONS, key=str)))
    def publish(self, edition: tuple[str, str | None]) -> None:
        """Another worker takes over with another library, and passes the account to it."""
        self.desk.router = RouterProcessor(EDITIONS[edition], POLICY)
        self.desk.replan(NOTHING_NEW._replace(plays=True))

    @rule()
    def churn(self) -> None:
        self.desk.event("account.churned")

    @invariant()
    def every_step_is_due_once_and_ends_once_and_copies_are_kept_for_open_runs_alone(self) -> None:
        for message in self.desk.messages[self.read :]:
            self._read(message)
        self.read = len(self.desk.messages)
        open_runs = self.desk.cells[RUNS].open
        assert {run.id for run in open_runs} == self.last.keys() - self.closed
        wanted = {run.course.play for run in open_runs if run.course is not None}
        assert set(self.desk.cells[PINS].copies) == wanted
        assert (PINS.name in self.desk.raw) == bool(wanted)

    def _read(self, message: PlayMessage) -> None:
        run, kind, step = message.run_id, message.kind, message.step
        before = self.last.get(run)
        assert message.sequence == (1 if before is None else before.sequence + 1)
        assert run not in self.closed
        if kind in ("launched", "upgraded"):
            if kind == "launched" or (before is not None and message.play != before.play):
                assert self.ended.get(run, set()) == set(self.steps.get(run, ()))
                self.steps[run] = {one.name: one.repeat is not None for one in message.steps}
                self.ended[run] = set()
                self.due = {key: times for key, times in self.due.items() if key[0] != run}
            elif before is not None:
                assert message.play_version == before.play_version  # it keeps the version it set out with
        elif kind == "step_due":
            assert step is not None
            assert step not in self.ended[run]
            times = self.due[run, step] = self.due.get((run, step), 0) + 1
            assert message.time_of == (times if self.steps[run][step] else None)
            assert times == 1 or self.steps[run][step]
            assert message.holder is not None
            assert message.due is None or message.due >= message.time
        elif kind == "step_overdue":
            assert step not in self.ended[run]
            assert message.due is not None
            assert message.due <= message.time
        elif kind in ENDS or (kind == "completed" and not (self.steps[run][step or ""] and (run, step) in self.due)):
            assert step is not None
            assert step not in self.ended[run]  # exactly once
            self.ended[run].add(step)
        elif kind in ("steps_ended", "closed"):
            assert self.ended[run] == set(self.steps[run])
        self.last[run] = message
        if kind == "closed":
            self.closed.add(run)
            assert message.time == utc(self.desk.now_ms) or message.time < utc(self.desk.now_ms)


WalksMachine = Walks.TestCase
WalksMachine.settings = settings(max_examples=500, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))
