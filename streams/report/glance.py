"""The figures of the header: what happened, at one glance."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemas.records.decision import Decision, Reason
from schemas.records.trigger import Trigger
from streams.report.runs import Run

REASON_WORDS: dict[Reason, str] = {
    Reason.HISTORICAL: "before go-live",
    Reason.EXPERIMENTAL: "rule on trial",
    Reason.COOLDOWN: "fired recently",
    Reason.BELOW_FLOOR: "too little volume",
    Reason.NOT_UNUSUAL: "within its own variation",
    Reason.OUT_OF_SCOPE: "segment not in scope",
    Reason.JOINED: "joined an open play",
    Reason.CHURNED: "account gone",
    Reason.TOO_OLD: "too late to act",
    Reason.CLEARED: "cleared before the action",
    Reason.NO_CHECKPOINT: "checkpoint passed",
    Reason.HELD: "a feed was silent",
    Reason.ACTIVATED: "true when switched on",
    Reason.UNCONFIRMED: "condition did not hold",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One bar of a small bar chart; `share` of the longest, 0 to 100."""

    name: str
    words: str
    count: int
    share: float


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


def by_rule(triggers: Sequence[Trigger], titles: Mapping[str, str]) -> list[Row]:
    """Triggers per rule, most first; words are the rule's title, else its play."""
    words = {trigger.rule: titles.get(trigger.rule) or trigger.play.replace("-", " ") for trigger in triggers}
    return _rows(Counter(trigger.rule for trigger in triggers), words, by_name=False)


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
