"""What happens when nobody answers: warnings, breach, escalation, and the end of a run nobody speaks of any more."""

from plays.runs.ladder import climb
from plays.runs.run import DAY_MS, IDLE, Run, assignee
from plays.sla.clocks import CLOCKS, MARKS, Due, Running, announce
from schemas.records.play_message import Clock
from schemas.records.wire import rfc3339, utc
from streams.router.conclusion import conclude
from streams.router.messages import Extra
from streams.router.scene import ACTOR, Scene


def next_moment(scene: Scene) -> int | None:
    """When the router must be called next for this account; None when it has nothing to wait for."""
    sla = scene.policy.sla
    moments = [run.next_due(sla).at_ms for run in scene.runs.open]
    if scene.runs.closed:
        moments.append(scene.runs.closed[0].closed_ms + sla.forget_closed_days * DAY_MS)
    return min(moments, default=None)


def pass_time(scene: Scene, until_ms: int) -> None:
    """Say everything that was due at or before `until_ms`, in order of its moment, then forget old closed runs."""
    sla = scene.policy.sla
    while scene.runs.open:
        run = min(scene.runs.open, key=lambda r: r.next_due(sla))  # the first of equals: the older run
        due = run.next_due(sla)
        if due.at_ms > until_ms:
            break
        if due.clock == IDLE:
            _give_up(scene, run)
        else:
            _mark(scene, run, due)
    forget_before = until_ms - sla.forget_closed_days * DAY_MS
    while scene.runs.closed and scene.runs.closed[0].closed_ms <= forget_before:
        del scene.runs.closed[0]


def _mark(scene: Scene, run: Run, due: Due) -> None:
    name, mark = CLOCKS[due.clock], MARKS[due.mark]
    clock = run.running[due.clock]
    if clock is None:
        raise AssertionError(f"run {run.id}: the {name} clock was due but does not run")
    announce(clock, mark)
    at = utc(due.at_ms)
    if mark != "breach":
        percent = scene.policy.sla.warnings_percent[due.mark]
        scene.tell(run, "sla_warning", Extra(clock=name, percent=percent, due=at))
        return
    scene.tell(run, "sla_breach", Extra(clock=name, due=at))
    _escalate(scene, run, name, f"{name} was due at {rfc3339(at)}")


def _escalate(scene: Scene, run: Run, clock: Clock, because: str) -> None:
    owner = climb(run, scene.people(), scene.policy.team, because)
    if owner is None:
        return
    run.owner = assignee(owner)
    run.acknowledged = False
    if scene.policy.sla.restart_acknowledge and run.acknowledge_span_ms:
        # from now, not from the breach: the new owner hears of the run only now
        run.acknowledge = Running(scene.now_ms, scene.now_ms + run.acknowledge_span_ms)
    scene.tell(run, "escalated", Extra(clock=clock))


def _give_up(scene: Scene, run: Run) -> None:
    days = (scene.now_ms - run.touched_ms) // DAY_MS
    note = f"no update for {days} days: closed so that a new trigger can start afresh"
    end(scene, run, Extra(actor=ACTOR, code="no_response", note=note))


def end(scene: Scene, run: Run, extra: Extra) -> None:
    """Close a run: its clocks stop, the last message goes out, it is remembered for a while."""
    run.acknowledge = run.act = run.resolve = None
    scene.tell(run, "closed", extra)
    scene.effects.append(conclude(scene.cells.account_id, run, extra, scene.now_ms))
    scene.runs.close(run, scene.now_ms)
