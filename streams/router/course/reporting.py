"""What people report of a step."""

from plays.runs.course.reports import complete, skip
from plays.runs.run import Run
from streams.router.course.pins import plan_of_run
from streams.router.course.telling import free
from streams.router.scene import Scene
from streams.router.told import Told


def news(scene: Scene, run: Run, told: Told, *, skipped: bool) -> bool:
    """Take in that a step was done, or left out. False where that was known, or the step has ended otherwise.

    A name the play does not have is news once: people do more than plays say.
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
