"""What the router owes for every trigger: a run of its own, or a place in an open one."""

from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import uuid5

from tests.oracle.account import Account
from tests.oracle.days import DAY_MS, work_later, worked
from tests.oracle.fired import NAMESPACE, RULES, Fired
from tests.oracle.log import Json, epoch_ms
from tests.oracle.people import owner

IDLE_AUTOMATION_DAYS = 14  # people have 90 days and more: histories to be compared are shorter
OPEN_AT_MOST = 40
REMEMBERED_DAYS = 30  # so long a closed run is known to be one


class Said(NamedTuple):
    """One message of a run, as far as the reference follows it: warnings, breaches and escalations are left out."""

    run_id: str
    kind: str
    time_ms: int
    triggers: tuple[str, ...]
    priority: str


class Launch(NamedTuple):
    """The promise made at the launch: one person, and when each clock runs out (None: no clock)."""

    owner: str
    acknowledge_ms: int | None
    act_ms: int | None
    resolve_ms: int | None


@dataclass
class Run:
    id: str
    concern: str
    subject: tuple[str, str]
    priority: str
    automation: bool
    triggers: list[str]
    touched_ms: int
    opened_ms: int
    acknowledged: bool = False
    started: bool = False


class Ended(NamedTuple):
    """A closed run: when that was read, when it happened as far as it is told, and with which code."""

    now_ms: int
    told_ms: int
    code: str


@dataclass
class AccountRuns:
    """The runs of one account."""

    open: list[Run] = field(default_factory=list)
    closed: dict[str, Ended] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)


class Router:
    """Follows every run from launch to closure."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self.launches: dict[str, Launch] = {}
        self._accounts: dict[str, AccountRuns] = {}

    def idle_at(self, account_id: str) -> int | None:
        """When the first open run that automation has is given up."""
        runs = self._accounts.get(account_id)
        return min((_idle_at(run) for run in runs.open if run.automation), default=None) if runs is not None else None

    def answer(self, account: Account, fired: Fired, now_ms: int) -> None:
        runs = self._accounts.setdefault(account.id, AccountRuns())
        trigger_id, facts = fired.trigger_id, RULES[fired.rule]
        if trigger_id in runs.answered:
            return
        runs.answered.add(trigger_id)
        subject = (fired.subject_kind, fired.subject_id)
        run = _joined(runs.open, facts.concern, subject, facts.priority)
        if run is None:
            self._launch(account, runs, fired, subject, now_ms)
            return
        run.triggers.append(trigger_id)
        run.touched_ms = now_ms
        upgraded = facts.priority < run.priority or (run.automation and facts.owner != "automation")
        if upgraded:
            run.priority, run.automation = min(run.priority, facts.priority), False
        self._say(run, "upgraded" if upgraded else "joined", now_ms)

    def update(self, account: Account, event: Json, now_ms: int) -> bool:
        """Apply a report; False when it names no open run (a dead letter)."""
        runs = self._accounts.setdefault(account.id, AccountRuns())
        run = next((r for r in runs.open if r.id == event["run_id"]), None)
        kind = event["type"]
        if run is None:
            return _late_or_repeated(runs.closed.get(event["run_id"]), event, now_ms)
        run.touched_ms = now_ms
        if kind == "run.acknowledged" and not run.acknowledged:
            run.acknowledged = True
            self._say(run, "acknowledged", now_ms)
        elif kind == "run.started" and not run.started:
            run.acknowledged = run.started = True
            self._say(run, "started", now_ms)
        elif kind == "run.closed":
            told_ms = min(max(epoch_ms(event["occurred_at"]), run.opened_ms), now_ms)
            self._close(runs, run, now_ms, Ended(now_ms, told_ms, event["code"]))
        return True

    def give_up(self, account: Account, now_ms: int) -> None:
        runs = self._accounts[account.id]
        for run in [r for r in runs.open if r.automation and _idle_at(r) <= now_ms]:
            self._close(runs, run, now_ms, Ended(now_ms, now_ms, "no_response"))

    def churned(self, account: Account, now_ms: int) -> None:
        runs = self._accounts.get(account.id, AccountRuns())
        for run in tuple(runs.open):
            self._close(runs, run, now_ms, Ended(now_ms, now_ms, "customer_churned"))

    def _launch(self, account: Account, runs: AccountRuns, fired: Fired, subject: tuple[str, str], now_ms: int) -> None:
        facts, trigger_id = RULES[fired.rule], fired.trigger_id
        run_id = str(uuid5(NAMESPACE, "\x1f".join(("run", account.id, trigger_id))))
        run = Run(run_id, facts.concern, subject, facts.priority, facts.owner == "automation", [trigger_id], now_ms, now_ms)
        act_ms = fired.due_ms
        if act_ms is None:
            self.launches[run_id] = Launch(owner(facts.owner, account), None, None, None)
        else:
            start = fired.time_ms
            if facts.days is None:
                span = max(0, act_ms - start)
                seen_ms, solved_ms = start + span // 4, start + 4 * span
            else:
                work = worked(start, act_ms)
                seen_ms, solved_ms = work_later(start, work // 4), work_later(start, 4 * work)
            self.launches[run_id] = Launch(owner(facts.owner, account), seen_ms, max(start, act_ms), solved_ms)
        runs.open.append(run)
        self._say(run, "launched", now_ms)

    def _close(self, runs: AccountRuns, run: Run, now_ms: int, ended: Ended) -> None:
        runs.open.remove(run)
        runs.closed[run.id] = ended
        self._say(run, "closed", now_ms)

    def _say(self, run: Run, kind: str, now_ms: int) -> None:
        self.said.append(Said(run.id, kind, now_ms, tuple(run.triggers), run.priority))


def _late_or_repeated(ended: Ended | None, event: Json, now_ms: int) -> bool:
    """Whether an update of a run that is not open only tells what was before its end, or of that again; else it is a dead letter."""
    if ended is None or now_ms >= ended.now_ms + REMEMBERED_DAYS * DAY_MS:
        return False
    return epoch_ms(event["occurred_at"]) < ended.told_ms or (event["type"] == "run.closed" and event["code"] == ended.code)


def _joined(open_runs: list[Run], concern: str, subject: tuple[str, str], priority: str) -> Run | None:
    """One run per concern: about the same subject first; a P1 about something else starts its own; else the ordinary one."""
    same = [run for run in open_runs if run.concern == concern]
    about = [run for run in same if run.subject == subject]
    if about:
        return min(about, key=lambda run: run.priority)
    if not same:
        return None
    if priority == "P1":
        return same[-1] if len(open_runs) >= OPEN_AT_MOST else None
    return next((run for run in same if run.priority != "P1"), same[0])


def _idle_at(run: Run) -> int:
    return run.touched_ms + IDLE_AUTOMATION_DAYS * DAY_MS
