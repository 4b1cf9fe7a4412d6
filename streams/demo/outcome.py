"""What the demonstration showed, in figures."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from schemas.records.play_message import PlayMessage
from schemas.records.trigger import Trigger
from streams.demo.letters import Letters
from streams.fleet.fleet import Fleet
from streams.fleet.story import Truth

# A decline is one that takes most of the usage; it is caught if an urgent adoption rule fires from its first day to so long
# after it is complete.
_DECLINE = 0.6
_TIME_TO_CATCH = timedelta(days=28)
_MONTH_DAYS = 365.25 / 12


@dataclass(frozen=True, slots=True)
class Outcome:
    """Counts and shares over the whole history. `missed` are the accounts whose planted decline no risk rule saw."""

    triggers_by_rule: dict[str, int]
    launches_by_rule: dict[str, int]
    accounts_by_rule: dict[str, int]
    healthy_by_rule: dict[str, int]
    silent_rules: tuple[str, ...]
    launches: int
    messages_by_kind: dict[str, int]
    fallback_launches: int
    healthy_months: float
    healthy_risk_triggers: int
    declines: int
    missed: tuple[str, ...]
    closure_codes: dict[str, int]
    letters: Letters = field(default_factory=Letters)

    @property
    def fallback_share(self) -> float:
        """Launches that found nobody but the fallback owner, 0 to 1."""
        return self.fallback_launches / max(1, self.launches)

    @property
    def noise(self) -> float:
        """Triggers of risk rules per healthy account and month."""
        return self.healthy_risk_triggers / max(1e-9, self.healthy_months)

    def noise_of(self, rule: str) -> float:
        """Triggers of one rule per healthy account and month."""
        return self.healthy_by_rule.get(rule, 0) / max(1e-9, self.healthy_months)

    @property
    def caught_share(self) -> float:
        """Planted declines that a risk rule saw, 0 to 1."""
        return (self.declines - len(self.missed)) / max(1, self.declines)


def measure(
    fleet: Fleet, triggers: Sequence[Trigger], messages: Sequence[PlayMessage], rules: Iterable[str], letters: Letters | None = None
) -> Outcome:
    """Compare what was decided with what was planted. `rules`: the ids of all that ran."""
    truths = {truth.account_id: truth for truth in fleet.truth()}
    launched = [message for message in messages if message.kind == "launched"]
    by_rule = Counter(trigger.rule for trigger in triggers)
    risky = [trigger for trigger in triggers if is_risk(trigger)]
    well = [trigger for trigger in triggers if truths[trigger.account_id].healthy]
    end = datetime.fromtimestamp(fleet.span.end_ms / 1000, UTC)
    start = end - timedelta(days=fleet.span.days)
    declines = [truth for truth in truths.values() if truth.usage_fall >= _DECLINE and _judged(truth, end)]
    return Outcome(
        triggers_by_rule=_sorted(by_rule),
        launches_by_rule=_sorted(Counter(message.rules[0] for message in launched)),
        accounts_by_rule=_sorted(Counter(rule for rule, _ in dict.fromkeys((trigger.rule, trigger.account_id) for trigger in triggers))),
        healthy_by_rule=_sorted(Counter(trigger.rule for trigger in well)),
        silent_rules=tuple(sorted(rule for rule in rules if rule not in by_rule)),
        launches=len(launched),
        messages_by_kind=dict(Counter(message.kind for message in messages).most_common()),
        fallback_launches=sum(message.owner.reason == "fallback" for message in launched),
        healthy_months=sum(_months(truth, start, end) for truth in truths.values() if truth.healthy),
        healthy_risk_triggers=sum(map(is_risk, well)),
        declines=len(declines),
        missed=tuple(truth.account_id for truth in declines if not _caught(truth, risky)),
        closure_codes=dict(Counter(message.code for message in messages if message.kind == "closed" and message.code).most_common()),
        letters=letters or Letters(),
    )


def is_risk(trigger: Trigger) -> bool:
    """Whether it says that an account is about to be lost for want of use: on adoption, and urgent."""
    return trigger.concern == "adoption" and trigger.priority in ("P1", "P2")


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return {rule: counts[rule] for rule in sorted(counts)}


def _judged(truth: Truth, end: datetime) -> bool:
    """Whether the decline was complete for a week before the history ended: nobody can see what has not happened."""
    return truth.full_effect is not None and datetime.fromisoformat(truth.full_effect) + timedelta(days=7) <= end


def _caught(truth: Truth, triggers: Iterable[Trigger]) -> bool:
    if truth.start is None or truth.full_effect is None:
        return False
    begin, end = datetime.fromisoformat(truth.start), datetime.fromisoformat(truth.full_effect) + _TIME_TO_CATCH
    return any(trigger.account_id == truth.account_id and begin <= trigger.time <= end for trigger in triggers)


def _months(truth: Truth, start: datetime, end: datetime) -> float:
    begin = start if truth.joined is None else max(start, datetime.fromisoformat(truth.joined))
    return (end - begin).total_seconds() / 86_400 / _MONTH_DAYS
