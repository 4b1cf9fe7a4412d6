"""One account with everything that concerns it, and the order in which accounts deserve a look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from schemas.records.decision import Decision
from schemas.records.trigger import Trigger
from streams.report.accounts import Account, Fleet
from streams.report.runs import Run
from streams.report.words import figure, plural, spaced

_CALM = 9
T = TypeVar("T", Trigger, Run, Decision)


@dataclass(frozen=True, slots=True)
class Sheet:
    """An account, its triggers, runs and decisions in order of time. `loose`: triggers that no run answers."""

    account: Account
    triggers: tuple[Trigger, ...]
    runs: tuple[Run, ...]
    decisions: tuple[Decision, ...]
    loose: tuple[Trigger, ...]

    @property
    def open_runs(self) -> list[Run]:
        """Runs not ended."""
        return [run for run in self.runs if run.is_open]

    @property
    def pressing(self) -> bool:
        """Whether a play asked a person for more than a routine touch (P4)."""
        return any(run.priority != "P4" and run.first.owner.reason != "automation" for run in self.runs)

    @property
    def breaches(self) -> int:
        """Runs that missed a clock."""
        return sum(run.breached for run in self.runs)

    @property
    def standing(self) -> str:
        """What is open, in a few words."""
        open_runs = self.open_runs
        if open_runs:
            return plural(len(open_runs), "open play")
        return "All plays closed" if self.runs else "Nothing to do"

    @property
    def overdue(self) -> int:
        """Open runs that missed a clock."""
        return sum(run.breached for run in self.open_runs)

    @property
    def description(self) -> str:
        """Segment in words: what is known of tier, touch, contract value, industry and region."""
        profile = self.account.profile
        acv = profile.get("acv")
        touch = profile.get("touch_model")
        parts = [
            spaced(str(profile.get("tier") or profile.get("plan_type") or "")),
            f"{touch} touch" if touch else "",
            f"{figure(acv)} a year" if isinstance(acv, int | float) else "",
            plural(profile["seats"], "seat") if isinstance(profile.get("seats"), int) else "",
            spaced(str(profile.get("industry") or "")),
            spaced(str(profile.get("region") or "")),
        ]
        return " · ".join(part for part in parts if part)

    def urgency(self) -> tuple[int, int, int, int, int, str]:
        """Sort key: open and overdue first by priority, then open by priority, then the latest launch; then by name."""
        open_runs = self.open_runs
        late = min((int(run.priority[1]) for run in open_runs if run.breached), default=_CALM)
        live = min((int(run.priority[1]) for run in open_runs), default=_CALM)
        latest = max((run.start_ms for run in self.runs), default=0)
        return late, live, -len(open_runs), -self.breaches, -latest, self.account.account_id


def sheets_of(fleet: Fleet, triggers: Sequence[Trigger], runs: Sequence[Run], decisions: Sequence[Decision]) -> list[Sheet]:
    """One sheet per account that is known from anywhere, most urgent first."""
    for account_id in dict.fromkeys((*(t.account_id for t in triggers), *(r.account_id for r in runs), *(d.account_id for d in decisions))):
        fleet.account(account_id)
    for run in runs:
        account = fleet.account(run.account_id)
        if run.first.account_name:
            account.profile.setdefault("name", run.first.account_name)
    raised = _by_account(sorted(triggers, key=lambda t: (t.time, t.trigger_id)))
    chosen = _by_account(sorted(decisions, key=lambda d: (d.time, d.decision_id)))
    launched = _by_account(runs)
    answered = {identity for run in runs for identity in run.triggers}
    sheets = [
        Sheet(
            account=account,
            triggers=(own := raised.get(account_id, ())),
            runs=launched.get(account_id, ()),
            decisions=chosen.get(account_id, ()),
            loose=tuple(trigger for trigger in own if trigger.trigger_id not in answered),
        )
        for account_id, account in fleet.accounts.items()
    ]
    return sorted(sheets, key=Sheet.urgency)


def _by_account(records: Sequence[T]) -> Mapping[str, tuple[T, ...]]:
    grouped: dict[str, list[T]] = {}
    for record in records:
        grouped.setdefault(record.account_id, []).append(record)
    return {account_id: tuple(own) for account_id, own in grouped.items()}
