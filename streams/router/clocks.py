"""What happens when nobody answers: warnings, breach, escalation."""

from plays.runs.run import Run
from plays.sla.clocks import CLOCKS, MARKS, Due, announce, next_mark
from schemas.records.wire import rfc3339, utc
from streams.router.escalation import escalate
from streams.router.messages import Extra
from streams.router.scene import Scene


class Clocks:
    """The SLA clocks of a run that people know of; those of a paused one stand still."""

    def next_ms(self, scene: Scene, run: Run) -> int | None:
        """The earliest mark not yet announced."""
        due = _due(scene, run)
        return None if due is None else due.at_ms

    def act(self, scene: Scene, run: Run, at_ms: int) -> None:
        """Announce the mark; a breach goes up the ladder."""
        due = _due(scene, run)
        if due is None or due.at_ms != at_ms:
            raise AssertionError(f"run {run.id}: no clock is due at {at_ms}")
        name, mark, clock = CLOCKS[due.clock], MARKS[due.mark], run.running[due.clock]
        if clock is None:
            raise AssertionError(f"run {run.id}: the {name} clock was due but does not run")
        announce(clock, mark)
        at = utc(at_ms)
        if mark != "breach":
            scene.tell(run, "sla_warning", Extra(clock=name, percent=scene.policy.sla.warnings_percent[due.mark], due=at))
            return
        scene.tell(run, "sla_breach", Extra(clock=name, due=at))
        escalate(scene, run, name, f"{name} was due at {rfc3339(at)}")


def _due(scene: Scene, run: Run) -> Due | None:
    if run.paused_ms is not None or not run.launched:
        return None
    due: Due | None = None
    for index, clock in enumerate(run.running):
        mark = next_mark(clock, scene.policy.sla) if clock is not None else None
        if mark is not None:
            found = Due(mark[0], index, MARKS.index(mark[1]))
            due = found if due is None else min(due, found)
    return due
