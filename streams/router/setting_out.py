"""People are told of a run, and its play begins."""

from plays.runs.case import Case
from plays.runs.run import Run
from streams.router.briefing import briefing
from streams.router.course.walking import set_out
from streams.router.scene import Scene


def launch(scene: Scene, run: Run, case: Case) -> None:
    """The run has its owner: the first message goes out, then whatever step begins with it."""
    scene.tell(run, "launched", briefing(scene, run, case))
    set_out(scene, run)
