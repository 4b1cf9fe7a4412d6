"""Four runs told message by message: a play in full, a breach, a recovery that cancels, a launch that was held back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from schemas.records.decision import Decision, Reason
from schemas.records.play_message import PlayMessage
from schemas.records.trigger import Trigger
from streams.report.calendar import epoch_ms
from streams.report.glance import REASON_WORDS
from streams.report.runs import Run
from streams.report.words import duration, spaced

HELD_BACK = (Reason.INHIBITED, Reason.SILENCED, Reason.CONTACT_BUDGET, Reason.QUIET_HOURS, Reason.MAINTENANCE)

_LONGEST = 24


@dataclass(frozen=True, slots=True)
class Line:
    """One moment, ms UTC. `mark`: what its dot says (`plain`, `late`, `held`, `good`, `end`)."""

    at_ms: int
    what: str
    who: str
    mark: str


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A run worth reading. `after` is how long it took from the first line to the last."""

    title: str
    run_id: str
    account_id: str
    play: str
    lines: tuple[Line, ...]
    left_out: int
    after: str


def exhibits_of(runs: Sequence[Run], decisions: Sequence[Decision], triggers: Mapping[str, Trigger]) -> list[Exhibit]:
    """Those of the four that happened, in the order of the module's first line; of several the one that shows most, then the first."""
    found = [
        ("A play from the drop to the call: nobody answered for three business days", _best(runs, _called)),
        ("A deadline missed, and who took over", _best(runs, _taken_over)),
        ("The customer recovered: what was still to come was cancelled", _best(runs, _recovered)),
    ]
    told = [_exhibit(title, run, triggers, ()) for title, run in found if run is not None]
    held = _held(runs, decisions)
    if held is not None:
        run, about = held
        told.append(_exhibit("Held back, judged again, and launched", run, triggers, about))
    return told


def _best(runs: Iterable[Run], points: Callable[[Run], int]) -> Run | None:
    """The run with most points, the earliest of equals; None where none has any."""
    best: Run | None = None
    most = 0
    for run in runs:
        has = points(run)
        if has > most:
            best, most = run, has
    return best


def _called(run: Run) -> int:
    """PB1 whose call was due because nobody had answered; better if somebody then called."""
    if run.first.play != "PB1" or not _has(run, "step_due", "call"):
        return 0
    return 1 + 2 * _has(run, "completed", "call") + _has(run, "completed", "check-in e-mail") + (run.end_ms is not None)


def _taken_over(run: Run) -> int:
    if not (run.breached and run.escalated) or run.end_ms is None:
        return 0
    return 1 + 2 * (run.priority == "P1") + (run.acknowledged_ms is not None) - (len(run.messages) > _LONGEST)


def _recovered(run: Run) -> int:
    if run.code != "adoption_recovered" or run.last.actor != "playcall":
        return 0
    return sum(message.kind == "step_cancelled" for message in run.messages)


def _held(runs: Sequence[Run], decisions: Sequence[Decision]) -> tuple[Run, tuple[Decision, ...]] | None:
    """A launch that waited and went, with the decisions about it; the one that says most until it went."""
    about: dict[str, list[Decision]] = {}
    for decision in decisions:
        if decision.trigger_id is not None and decision.reason in (*HELD_BACK, Reason.RELEASED):
            about.setdefault(decision.trigger_id, []).append(decision)
    found = [
        (run, tuple(about[run.first.triggers[0]]))
        for run in runs
        if {Reason.RELEASED} < {decision.reason for decision in about.get(run.first.triggers[0], ())}
    ]
    return max(found, key=lambda one: min(len(one[0].messages), _LONGEST), default=None)


def _has(run: Run, kind: str, step: str) -> bool:
    return any(message.kind == kind and message.step == step for message in run.messages)


def _exhibit(title: str, run: Run, triggers: Mapping[str, Trigger], decisions: Sequence[Decision]) -> Exhibit:
    lines = []
    for identity in run.triggers:
        trigger = triggers.get(identity)
        if trigger is not None:
            lines.append(Line(epoch_ms(trigger.time), f"{trigger.rule} fired: {trigger.evidence.summary}", "", "plain"))
    for decision in decisions:
        mark = "good" if decision.reason is Reason.RELEASED else "held"
        lines.append(Line(epoch_ms(decision.time), f"{REASON_WORDS[decision.reason]}: {decision.detail}", "", mark))
    cancelled = [message.step for message in run.messages if message.kind == "step_cancelled" and message.step is not None]
    for message in run.messages:
        if message.kind not in ("step_cancelled", "joined"):
            what, who, mark = _told(message)
            lines.append(Line(epoch_ms(message.time), what, who, mark))
    if cancelled:
        last = next(message for message in run.messages if message.kind == "step_cancelled")
        lines.append(Line(epoch_ms(last.time), f"Cancelled: {', '.join(cancelled)}", "", "end"))
    lines.sort(key=lambda line: line.at_ms)
    kept = lines if len(lines) <= _LONGEST else [*lines[: _LONGEST // 2], *lines[-_LONGEST // 2 :]]
    after = duration(lines[-1].at_ms - lines[0].at_ms)
    return Exhibit(title, run.run_id, run.account_id, run.first.play, tuple(kept), len(lines) - len(kept), after)


def _told(message: PlayMessage) -> tuple[str, str, str]:
    """What a message says, who it is about, and its mark."""
    owner = f"{message.owner.name}, {spaced(message.owner.role)}"
    step = message.step or ""
    match message.kind:
        case "launched":
            return f"{message.play} launched at {message.priority}", f"{owner}: {message.owner.detail}", "plain"
        case "step_due":
            holder = message.holder.name if message.holder is not None else message.owner.name
            return f"Due now: {step}", holder, "plain"
        case "completed" | "skipped":
            return f"{step or 'A step'} {'done' if message.kind == 'completed' else 'skipped'}", message.actor or "", "good"
        case "sla_warning":
            return f"{message.percent} % of the time to {message.clock} is gone", owner, "plain"
        case "sla_breach":
            return f"The time to {message.clock} has run out", owner, "late"
        case "escalated":
            return "Escalated", f"{owner}: {message.owner.detail}", "late"
        case "step_overdue":
            return f"Overdue: {step}", owner, "late"
        case "closed":
            note = f" ({message.note})" if message.note else ""
            return f"Closed: {spaced(message.code or '')}{note}", message.actor or "", "end"
        case kind:
            about = f": {step}" if step else ""
            note = f" ({message.note})" if message.note else ""
            return f"{spaced(kind).capitalize()}{about}{note}", message.actor or "", "plain"
