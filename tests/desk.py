"""Drives a router over one account the way the engine does: cells flushed after every step, deadlines at their moment."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from plays.loading.playbooks import load_playbooks
from plays.loading.run_policy import load_run_policy
from plays.suppression.suppression import Suppression
from schemas.events.event import Event
from schemas.records.decision import Decision
from schemas.records.play_message import PlayMessage
from schemas.records.play_outcome import PlayOutcome
from schemas.records.trigger import Evidence, Subject, Trigger, trigger_id
from schemas.records.wire import utc
from streams.processing.account import CONTACTS, PROFILE, Contact
from streams.processing.cells import Cells
from streams.processing.deadline import Deadline
from streams.processing.effects import Ask, CancelDeadline, Cleared, Conclude, Decide, Effect, Reject, Say, SetDeadline
from streams.processing.judging import Judge
from streams.processing.library import Change
from streams.processing.moment import Mode, Moment
from streams.router.processor import RouterProcessor

T0 = 1_772_000_000_000  # 2026-02-25T06:13:20Z
MINUTE = 60_000
HOUR = 3_600_000
DAY = 24 * HOUR

OF_STEPS = ("step_due", "step_overdue", "step_left_out", "step_lapsed", "step_ended", "steps_ended", "step_cancelled")

PLAYBOOKS = load_playbooks()
POLICY = load_run_policy()


class Desk:
    """One account, its router, its clock. `messages`, `decisions`, `outcomes` and `rejects` hold everything said so far."""

    def __init__(
        self, account_id: str = "acme", *, roster: bool = False, judge: Judge | None = None, hush: Suppression | None = None, **profile: Any
    ) -> None:
        self.judge = judge
        self.router = RouterProcessor(PLAYBOOKS, replace(POLICY, roster=roster, suppression=hush or POLICY.suppression), judge)
        self.asked: list[Mapping[str, Any]] = []  # what was said to the roster
        self.catching_up = False
        self.account_id = account_id
        self.raw: dict[str, bytes] = {}
        self.cells = Cells(account_id, self.raw)
        self.now_ms = T0
        self.deadlines: dict[str, int] = {}
        self.messages: list[PlayMessage] = []
        self.decisions: list[Decision] = []
        self.rejects: list[Reject] = []
        self.outcomes: list[PlayOutcome] = []
        self._event = 0
        self.describe(name="Acme", **profile)

    def describe(self, **profile: Any) -> None:
        """Set fields of the profile."""
        known = self.cells.edit(PROFILE)
        for field, value in profile.items():
            setattr(known, field, value)
        self.flush()

    def clear(self, cleared: Cleared) -> list[PlayMessage]:
        """Signals say that an episode is over, now."""
        return self._take(self.router.on_cleared(self.cells, cleared, Moment(self.now_ms)))

    def pass_over(self, hush: Suppression, retired: Iterable[str] = ()) -> list[PlayMessage]:
        """Another worker takes over, with another suppression policy, and plans the account anew, now."""
        self.router = RouterProcessor(PLAYBOOKS, replace(self.router.policy, suppression=hush), self.judge)
        change = Change(frozenset(), frozenset(), frozenset(retired), frozenset(), suppression=True)
        return self._take(self.router.replan(self.cells, change, Moment(self.now_ms)))

    def replan(self, change: Change) -> list[PlayMessage]:
        """The account passes to the library of the present router, now."""
        return self._take(self.router.replan(self.cells, change, Moment(self.now_ms)))

    def meet(self, contact_id: str, **contact: Any) -> None:
        """Add a contact."""
        self.cells.edit(CONTACTS).people[contact_id] = Contact(**contact)
        self.flush()

    def flush(self) -> None:
        """Commit, and forget everything decoded: the next step starts from bytes."""
        list(self.cells.flush())
        self.cells = Cells(self.account_id, self.raw)

    def trigger(self, trigger: Trigger, *, historical: bool = False) -> list[PlayMessage]:
        """Hand a trigger to the router at the present moment."""
        return self._take(self.router.on_trigger(self.cells, trigger, Moment(self.now_ms, historical, self._mode)))

    def event(self, kind: str, **data: Any) -> list[PlayMessage]:
        """An event of the account, read now; of another moment where `at_ms` says so."""
        at_ms = data.pop("at_ms", self.now_ms)
        self._event += 1
        envelope = {"event_id": f"e-{self._event}", "type": kind, "account_id": self.account_id, "source": "crm"}
        topic = "accounts" if kind.startswith("account.") else "play-updates"
        event = Event(topic, 0, self._event, self.now_ms, at_ms, kind, self.account_id, envelope["event_id"], "crm", {**envelope, **data})
        return self._take(self.router.on_event(self.cells, event, Moment(self.now_ms, mode=self._mode)))

    def answer(self, ask: Mapping[str, Any], person: str, **fields: Any) -> list[PlayMessage]:
        """The roster answers a question, now."""
        about = {name: ask[name] for name in ("ask_id", "run_id", "step", "role")}
        known = POLICY.team.person(person)
        name = person if known is None else known.name
        return self.event(
            "assignment.made", **{"person": person, "name": name, "reason": "pool", "detail": "least open minutes", **about, **fields}
        )

    def update(self, kind: str, run_id: str, **data: Any) -> list[PlayMessage]:
        """A report about a run, read now."""
        return self.event(f"run.{kind}", run_id=run_id, actor="dana", **data)

    def advance(self, by_ms: int) -> list[PlayMessage]:
        """Let time pass; every deadline is called at its moment."""
        until, said = self.now_ms + by_ms, len(self.messages)
        while (due := self._next()) is not None and due.at_ms <= until:
            self.now_ms = max(self.now_ms, due.at_ms)
            self._call(due)
        self.now_ms = until
        return self.runs_only(said)

    def outage(self, of_ms: int) -> list[PlayMessage]:
        """Nobody works for a while; then every deadline missed is called late, in order."""
        self.now_ms += of_ms
        said = len(self.messages)
        while (due := self._next()) is not None and due.at_ms <= self.now_ms:
            self._call(due)
        return self.runs_only(said)

    @property
    def _mode(self) -> Mode:
        return Mode.CATCHING_UP if self.catching_up else Mode.LIVE

    def runs_only(self, since: int = 0) -> list[PlayMessage]:
        """What was said of runs, without what was said of single steps."""
        return [message for message in self.messages[since:] if message.kind not in OF_STEPS]

    def steps_only(self) -> list[tuple[str, str | None]]:
        """(kind, step) of what was said of steps."""
        return [(message.kind, message.step) for message in self.messages if message.kind in OF_STEPS]

    def _next(self) -> Deadline | None:
        return min((Deadline(name, at) for name, at in self.deadlines.items()), key=lambda d: d.at_ms, default=None)

    def _call(self, due: Deadline) -> None:
        del self.deadlines[due.name]
        self._take(self.router.on_deadline(self.cells, due, Moment(self.now_ms, mode=self._mode)))

    def _take(self, effects: Iterable[Effect]) -> list[PlayMessage]:
        said = len(self.messages)
        for effect in effects:
            match effect:
                case Say(message):
                    assert message.to_record().topic == "play-launches"
                    self.messages.append(message)
                case Conclude(outcome):
                    self.outcomes.append(outcome)
                case Decide(decision):
                    self.decisions.append(decision)
                case Reject():
                    self.rejects.append(effect)
                case Ask(event):
                    self.asked.append(event)
                case SetDeadline(name, at_ms, silence):
                    assert silence == (name != "runs")
                    self.deadlines[name] = at_ms
                case CancelDeadline(name):
                    del self.deadlines[name]
                case _:
                    raise AssertionError(effect)
        self.flush()
        return self.runs_only(said)


def trigger(
    rule: str = "T07",
    *,
    account: str = "acme",
    at_ms: int = T0,
    priority: str = "P1",
    play: str = "swat",
    role: str = "support_lead",
    first_action: str = "2h",
    concern: str = "support",
    subject: tuple[str, str] = ("ticket", "t-9"),
    episode: str = "2026-02-25T06:13:20.000Z",
    act_by_ms: int | None = None,
    summary: str = "Ticket t-9 was opened at P1.",
    facts: dict[str, str | int | float | bool | None] | None = None,
) -> Trigger:
    """A trigger as signals raise it; by default a P1 ticket."""
    about = Subject(kind=subject[0], id=subject[1])
    return Trigger.model_validate(
        {
            "trigger_id": trigger_id(rule, account, about, episode),
            "rule": rule,
            "rule_version": 1,
            "rule_hash": "0" * 16,
            "account_id": account,
            "concern": concern,
            "subject": about,
            "episode": episode,
            "time": utc(at_ms),
            "priority": priority,
            "outcome": "support_friction",
            "owner_role": role,
            "play": play,
            "first_action": first_action,
            "act_by": None if act_by_ms is None else utc(act_by_ms),
            "evidence": Evidence(summary=summary, clears_when="the ticket is resolved", facts=facts or {}),
        }
    )


def usage_drop(rule: str = "T04", **changes: Any) -> Trigger:
    """A P2 of the adoption concern about the account."""
    base: dict[str, Any] = {
        "priority": "P2", "play": "usage-review", "role": "csm", "first_action": "24h", "concern": "adoption",
        "subject": ("account", "acme"), "summary": "Usage fell by 41 %.",
    }  # fmt: skip
    return trigger(rule, **(base | changes))


def story(messages: Iterable[PlayMessage]) -> list[tuple[str, str | None, int | None]]:
    """(kind, clock, percent) of each message."""
    return [(m.kind, m.clock, m.percent) for m in messages]
