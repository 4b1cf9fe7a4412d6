"""What people report of a step."""

from plays.runs.course.reports import complete, skip
from plays.runs.run import Run
from streams.processing.effects import Reject
from streams.router.course.pins import plan_of_run
from streams.router.course.telling import free
from streams.router.scene import Scene
from streams.router.told import Told


def news(scene: Scene, run: Run, told: Told, *, skipped: bool) -> bool:
    """Take in that a step was done, or left out. False where that was known, or the step has ended otherwise.

    What names no step, or a step of a run that is not walked, is news once.
    """
    step, plan = told.step, plan_of_run(scene, run)
    if step is None:
        return True
    if run.course is None or plan is None or plan.place(step) is None:
        return step not in run.steps_done
    said = (skip if skipped else complete)(run.course, plan, step, told.at_ms, scene.now_ms)
    if said == "ended":
        free(scene, run, step)
    return said != "already"


def unknown_step(scene: Scene, run: Run, step: str | None) -> Reject | None:
    """A `Reject` where the run's own version of its play has no step of this name for the account; it says which there are.

    Not where steps were cancelled while the run went on: it went over to another play, and what is reported may be of the one before.
    """
    plan = plan_of_run(scene, run)
    if step is None or run.course is None or plan is None or plan.place(step) is not None or run.tally.cancelled:
        return None
    names = ", ".join(repr(one.name) for one in plan.steps)
    return Reject("wrong_state", f"run {run.id}: its play {run.play} v{run.play_version} has no step {step!r}: name one of {names}")
