"""A run passes to another person, and its clocks with it."""

from plays.runs.case import Case
from plays.runs.joining import start_clocks
from plays.runs.run import Assignee, Run
from plays.sla.calendar import WorkingCalendar
from plays.sla.clocks import CLOCKS, hand_on, recount, targets
from schemas.records.trigger import Priority
from streams.router.scene import Scene


def change_owner(scene: Scene, run: Run, owner: Assignee) -> None:
    """The run is theirs. Clocks of working time go on by the hours that count now, with the working time that was left."""
    before = scene.calendar(run)
    run.owner = owner
    owner.calendar, owner.timezone = scene.shifts.get(owner.id, (None, None))
    _count_on(scene, run, before)


def change_priority(scene: Scene, run: Run, priority: Priority) -> None:
    """The run is as urgent as this; the policy may count it in other hours."""
    before = scene.calendar(run)
    run.priority = priority
    _count_on(scene, run, before)


def _count_on(scene: Scene, run: Run, before: WorkingCalendar) -> None:
    """A clock that stands still is counted on from where it stopped, or from the end of the rest that it has been given already."""
    after, rest = scene.calendar(run), run.rests.resting(scene.now_ms)
    for name, clock in zip(CLOCKS, run.running, strict=True):
        if clock is not None:
            at_ms = scene.now_ms
            if rest is not None and scene.policy.sla.stops(rest.reason, name):
                at_ms = rest.start_ms if rest.end_ms is None else rest.end_ms
            hand_on(clock, at_ms, before, after)


def set_clocks(scene: Scene, run: Run, case: Case) -> None:
    """The clocks its trigger asks for: those that run move earlier at most, those that nobody of the present owner stopped begin."""
    start_clocks(run, targets(case.first_action, case.time_ms, case.act_by_ms, scene.policy.sla, scene.calendar(run)))


def recount_clocks(scene: Scene) -> None:
    """The calendars of the policy, or of the customer, may be others than before: clocks of working time are counted anew.

    It is said where they moved.
    """
    for run in scene.runs.open:
        hours = scene.calendar(run)
        moved = [recount(clock, scene.now_ms, hours) for clock in run.running if clock is not None]
        if any(moved) and run.launched:
            scene.tell(run, "retargeted")
