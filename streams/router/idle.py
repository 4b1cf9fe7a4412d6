"""The end of a run nobody speaks of any more."""

from plays.runs.course.facts import replied, resolved
from plays.runs.run import DAY_MS, Run
from schemas.records.play_message import ClosureCode
from streams.router.closing import end
from streams.router.messages import Extra
from streams.router.scene import ACTOR, Scene


class Idle:
    """A run is closed so many days after the last sign of life: word of somebody, a clock that ran out, a step it still waits for."""

    def next_ms(self, scene: Scene, run: Run) -> int | None:
        """Every run that was launched has such a moment."""
        if not run.launched:
            return None
        sla = scene.policy.sla
        days = sla.idle_close_automation_days if run.owner.reason == "automation" else sla.idle_close_days
        clocks = (clock.due_ms for clock in run.running if clock is not None)
        steps = () if run.course is None else run.course.steps
        waits = (ms for step in steps if not step.ended for ms in (step.at_ms, step.retry_ms) if ms is not None)
        return max(run.touched_ms, *clocks, *waits, run.opened_ms) + days * DAY_MS

    def act(self, scene: Scene, run: Run, at_ms: int) -> None:  # noqa: ARG002 said at the present moment
        """Close it."""
        days = (scene.now_ms - run.touched_ms) // DAY_MS
        note = f"no update for {days} days: closed so that a new trigger can start afresh"
        code: ClosureCode = "resolved" if _worked(run) else "no_response"
        end(scene, run, Extra(actor=ACTOR, code=code, note=note))


def _worked(run: Run) -> bool:
    """What automation did to the end, and the customer answered, or what it was about is over."""
    course = run.course
    if course is None or not course.ended or run.owner.reason != "automation":
        return False
    facts = course.facts
    return replied(facts) or resolved(facts) or facts.recovered_ms >= 0
