"""The end of a run nobody speaks of any more."""

from plays.runs.run import DAY_MS, Run
from streams.router.closing import end
from streams.router.messages import Extra
from streams.router.scene import ACTOR, Scene


class Idle:
    """A run is closed so many days after the last sign of life, or after its last clock ran out, whichever is later."""

    def next_ms(self, scene: Scene, run: Run) -> int | None:
        """Every run that was launched has such a moment."""
        if not run.launched:
            return None
        sla = scene.policy.sla
        days = sla.idle_close_automation_days if run.owner.reason == "automation" else sla.idle_close_days
        return max(run.touched_ms, *(clock.due_ms for clock in run.running if clock is not None), run.opened_ms) + days * DAY_MS

    def act(self, scene: Scene, run: Run, at_ms: int) -> None:  # noqa: ARG002 said at the present moment
        """Close it."""
        days = (scene.now_ms - run.touched_ms) // DAY_MS
        note = f"no update for {days} days: closed so that a new trigger can start afresh"
        end(scene, run, Extra(actor=ACTOR, code="no_response", note=note))
