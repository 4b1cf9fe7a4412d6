"""How triggers turn into actions, and actions into outcomes: the measures of the trigger library, over closed runs.

The library's paper names the measures (trigger-to-action rate, action-to-outcome conversion) and leaves their formulas open;
docs/outcomes.md states ours, with reasons.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any, Literal, get_args

from plays.outcomes.runs import RunOutcome
from plays.outcomes.share import Share
from schemas.records.play_message import ClosureCode

By = Literal["rule", "play", "segment", "code"]
BYS: tuple[By, ...] = get_args(By)

ACHIEVED: frozenset[ClosureCode] = frozenset({"resolved", "adoption_recovered", "renewal_risk_reduced", "expansion_progressed"})
"""Codes that say that what the play is for was brought about."""
NOT_COUNTED: frozenset[ClosureCode] = frozenset({"superseded"})
"""Another run goes on in its place: counted there, not twice."""

UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Spans:
    """Seconds from the opening of a run, elapsed: how many runs came to it, and the nearest-rank percentiles; None of none."""

    count: int
    p50: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Measures:
    """Of a group of closed runs (superseded ones left out of the rates).

    `acted`: runs with a first action, of all. `achieved`: of those acted upon, the ones closed with a code of `ACHIEVED`.
    """

    name: str
    runs: int
    triggers: int
    acted: Share
    achieved: Share
    breached: Share
    escalations: int
    acknowledge: Spans
    act: Spans
    resolve: Spans


def grouped(runs: Iterable[RunOutcome], by: By) -> tuple[Measures, ...]:
    """One group for each value, the largest first, then by name."""
    groups: dict[str, list[RunOutcome]] = {}
    for run in runs:
        if run.code is not None:
            groups.setdefault(_value(run, by), []).append(run)
    found = [measure(name, members) for name, members in groups.items()]
    return tuple(sorted(found, key=lambda one: (-one.runs, one.name)))


def measure(name: str, runs: Iterable[RunOutcome]) -> Measures:
    """The measures of these runs; those still open are left out."""
    closed = [run for run in runs if run.code is not None]
    counted = [run for run in closed if run.code not in NOT_COUNTED]
    acted = [run for run in counted if run.acted is not None]
    return Measures(
        name=name,
        runs=len(closed),
        triggers=sum(1 + run.joined for run in closed),
        acted=Share(len(acted), len(counted)),
        achieved=Share(sum(run.code in ACHIEVED for run in acted), len(acted)),
        breached=Share(sum(run.breaches > 0 for run in closed), len(closed)),
        escalations=sum(run.escalations for run in closed),
        acknowledge=_spans(closed, [run.acknowledged for run in closed]),
        act=_spans(closed, [run.acted for run in closed]),
        resolve=_spans(closed, [run.closed for run in closed]),
    )


def measures_data(one: Measures) -> dict[str, Any]:
    """As JSON has it; times in seconds."""
    shares = {"acted": one.acted, "achieved": one.achieved, "breached": one.breached}
    spans = {"acknowledge_seconds": one.acknowledge, "act_seconds": one.act, "resolve_seconds": one.resolve}
    return {
        "name": one.name,
        "runs": one.runs,
        "triggers": one.triggers,
        "escalations": one.escalations,
        **{name: share.data() for name, share in shares.items()},
        **{name: {"count": span.count, "p50": span.p50, "p90": span.p90} for name, span in spans.items()},
    }


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile of values in rising order: the least one that `share` of them do not exceed; None of none."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else None


def _spans(runs: Sequence[RunOutcome], ends: Sequence[datetime | None]) -> Spans:
    took = sorted((end - run.launched).total_seconds() for run, end in zip(runs, ends, strict=True) if end is not None)
    return Spans(len(took), percentile(took, 0.5), percentile(took, 0.9))


def _value(run: RunOutcome, by: By) -> str:
    match by:
        case "rule":
            return run.rule or UNKNOWN
        case "play":
            return run.play
        case "segment":
            return UNKNOWN if run.segment_path is None else " > ".join(run.segment_path) or UNKNOWN
        case "code":
            return str(run.code)
