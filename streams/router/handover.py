"""A run passes to another person, and its clocks with it."""

from plays.runs.case import Case
from plays.runs.joining import start_clocks
from plays.runs.run import Assignee, Run
from plays.sla.clocks import hand_on, recount, targets
from streams.router.scene import Scene


def change_owner(scene: Scene, run: Run, owner: Assignee) -> None:
    """The run is theirs. Clocks of working time go on by the hours that count now, with the working time that was left."""
    before = scene.calendar(run)
    run.owner = owner
    after = scene.calendar(run)
    for clock in run.running:
        if clock is not None:
            hand_on(clock, scene.now_ms, before, after)


def set_clocks(scene: Scene, run: Run, case: Case) -> None:
    """The clocks its trigger asks for: those that run move earlier at most, those that nobody of the present owner stopped begin."""
    start_clocks(run, targets(case.first_action, case.time_ms, case.act_by_ms, scene.policy.sla, scene.calendar(run)))


def recount_clocks(scene: Scene) -> None:
    """The policy's calendars may be others than before: clocks of working time are counted anew, and said where they moved."""
    for run in scene.runs.open:
        hours = scene.calendar(run)
        moved = [recount(clock, scene.now_ms, hours) for clock in run.running if clock is not None]
        if any(moved) and run.launched:
            scene.tell(run, "retargeted")
