"""The figures of the header: what happened, at one glance."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemas.records.decision import Decision, Reason
from schemas.records.trigger import Trigger
from streams.report.data import RuleLine
from streams.report.runs import Run

_CONCERNS = (
    "onboarding", "adoption", "support", "experience", "stakeholder", "commercial", "renewal", "expansion", "plan", "cadence", "lifecycle",
)  # fmt: skip

REASON_WORDS: dict[Reason, str] = {
    Reason.HISTORICAL: "before go-live",
    Reason.EXPERIMENTAL: "rule on trial",
    Reason.COOLDOWN: "fired recently",
    Reason.BELOW_FLOOR: "too little volume",
    Reason.NOT_UNUSUAL: "within its own variation",
    Reason.OUT_OF_SCOPE: "segment not in scope",
    Reason.JOINED: "joined an open play",
    Reason.CHURNED: "account gone",
    Reason.PLAY_PAUSED: "play paused",
    Reason.TOO_OLD: "too late to act",
    Reason.CLEARED: "cleared before the action",
    Reason.NO_CHECKPOINT: "checkpoint passed",
    Reason.HELD: "a feed was silent",
    Reason.ACTIVATED: "true when switched on",
    Reason.UNCONFIRMED: "condition did not hold",
    Reason.INHIBITED: "waits for a P1",
    Reason.SILENCED: "muted by hand",
    Reason.CONTACT_BUDGET: "written to often enough",
    Reason.QUIET_HOURS: "night at the customer",
    Reason.MAINTENANCE: "maintenance",
    Reason.RELEASED: "waited, and went",
    Reason.EXPIRED: "waited too long",
    Reason.STEP_HELD: "message waits",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One bar of a small bar chart; `share` of the longest, 0 to 100."""

    name: str
    words: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule and how often it fired; `share` of the most frequent of its concern, 0 to 100."""

    line: RuleLine
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Concern:
    """What rules are about, with its rules, most frequent first; `fired` counts those that fired at all."""

    name: str
    rules: tuple[RuleRow, ...]
    count: int
    fired: int


@dataclass(frozen=True, slots=True)
class Sla:
    """Runs with an acknowledge clock, and how they went; breached and escalated count runs, whichever clock."""

    clocked: int
    in_time: int
    late: int
    waiting: int
    dropped: int
    breached: int
    escalated: int


def _rows(counts: Counter[str], words: Mapping[str, str], by_name: bool) -> list[Row]:
    most = max(counts.values(), default=1)
    ordered = sorted(counts.items(), key=lambda item: item[0] if by_name else (-item[1], item[0]))
    return [Row(name, words.get(name, ""), count, round(count / most * 100, 1)) for name, count in ordered]


def by_concern(triggers: Sequence[Trigger], rules: Sequence[RuleLine]) -> list[Concern]:
    """All rules that ran or fired, grouped, in the order of a customer's life; a rule's bar is relative to its group."""
    counts = Counter(trigger.rule for trigger in triggers)
    known = {rule.id: rule for rule in rules}
    for trigger in triggers:
        line = RuleLine(trigger.rule, trigger.play.replace("-", " "), trigger.concern, trigger.priority)
        known.setdefault(trigger.rule, line)
    groups: dict[str, list[RuleLine]] = {}
    for rule in known.values():
        groups.setdefault(rule.concern, []).append(rule)
    return [_group(name, groups[name], counts) for name in sorted(groups, key=_place)]


def concern_rows(concerns: Sequence[Concern]) -> list[Row]:
    """Triggers per concern, most first; words say how many of its rules fired."""
    counts = Counter({concern.name: concern.count for concern in concerns})
    return _rows(counts, {concern.name: f"{concern.fired} of {len(concern.rules)} rules" for concern in concerns}, by_name=False)


def _group(name: str, lines: Sequence[RuleLine], counts: Counter[str]) -> Concern:
    most = max((counts[line.id] for line in lines), default=0) or 1
    ordered = sorted(lines, key=lambda line: (-counts[line.id], line.id))
    rows = tuple(RuleRow(line, counts[line.id], round(counts[line.id] / most * 100, 1)) for line in ordered)
    return Concern(name, rows, sum(row.count for row in rows), sum(row.count > 0 for row in rows))


def _place(concern: str) -> tuple[int, str]:
    return (_CONCERNS.index(concern) if concern in _CONCERNS else len(_CONCERNS), concern)


def by_priority(runs: Sequence[Run]) -> list[Row]:
    """Launches per priority, P1 first."""
    return _rows(Counter(run.priority for run in runs), {}, by_name=True)


def by_reason(decisions: Sequence[Decision]) -> list[Row]:
    """Decisions not to act per reason, most first."""
    return _rows(Counter(REASON_WORDS[decision.reason] for decision in decisions), {}, by_name=False)


def by_ending(runs: Sequence[Run]) -> list[Row]:
    """Runs per ending: closure code, cancelled, still open."""
    counts = Counter(
        "still open" if run.is_open else "cancelled" if run.cancelled else (run.code or "closed").replace("_", " ") for run in runs
    )
    return _rows(counts, {}, by_name=False)


def sla(runs: Sequence[Run]) -> Sla:
    """How promises were kept."""
    verdicts = Counter(story.verdict for run in runs for story in run.clocks if story.clock == "acknowledge")
    return Sla(
        clocked=sum(verdicts.values()),
        in_time=verdicts["met"],
        late=verdicts["missed"],
        waiting=verdicts["running"],
        dropped=verdicts["dropped"],
        breached=sum(run.breached for run in runs),
        escalated=sum(run.escalated for run in runs),
    )
