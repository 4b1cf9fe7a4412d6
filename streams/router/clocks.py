"""What happens when nobody answers: warnings, breach, escalation."""

from plays.runs.run import Run
from plays.sla.clocks import BREACH, CLOCKS, Due, announce, next_mark
from schemas.records.wire import rfc3339, utc
from streams.router.escalation import escalate
from streams.router.messages import Extra
from streams.router.scene import Scene


class Clocks:
    """The SLA clocks of a run that people know of; those of a paused one stand still, but for what the reason does not stop."""

    def next_ms(self, scene: Scene, run: Run) -> int | None:
        """The earliest mark not yet announced."""
        due = _due(scene, run)
        return None if due is None else due.at_ms

    def act(self, scene: Scene, run: Run, at_ms: int) -> None:
        """Announce the mark; a breach goes up the ladder."""
        due = _due(scene, run)
        if due is None or due.at_ms != at_ms:
            raise AssertionError(f"run {run.id}: no clock is due at {at_ms}")
        name, clock = CLOCKS[due.clock], run.running[due.clock]
        if clock is None:
            raise AssertionError(f"run {run.id}: the {name} clock was due but does not run")
        announce(clock, due.mark)
        at = utc(at_ms)
        if due.mark != BREACH:
            percent = scene.policy.sla.warnings(run.priority)[due.mark]
            scene.tell(run, "sla_warning", Extra(clock=name, percent=percent, due=at))
            return
        scene.tell(run, "sla_breach", Extra(clock=name, due=at))
        escalate(scene, run, name, at_ms, f"{name} was due at {rfc3339(at)}")


def _due(scene: Scene, run: Run) -> Due | None:
    if not run.launched:
        return None
    sla, hours = scene.policy.sla, scene.calendar(run)
    paused, reason = run.paused_ms is not None, run.paused_for
    due: Due | None = None
    for index, clock in enumerate(run.running):
        if clock is None or (paused and sla.stops(reason, CLOCKS[index])):
            continue
        mark = next_mark(clock, sla.warnings(run.priority), hours)
        if mark is not None:
            found = Due(mark[0], index, mark[1])
            due = found if due is None else min(due, found)
    return due
