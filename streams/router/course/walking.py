"""A run sets out on its play, and goes on whenever something is new."""

from plays.playbooks.book import CompiledPlaybook
from plays.runs.course.machine import advance, start
from plays.runs.course.pin import plan_for
from plays.runs.course.reports import cancel, complete, follow_act
from plays.runs.run import Run
from schemas.records.play_message import Owner
from streams.processing.account import PROFILE
from streams.processing.segment_facts import facts_of
from streams.router.course.pins import drop_unused, pin_play, playbook_of
from streams.router.course.surroundings import Around
from streams.router.course.telling import free, tell_of
from streams.router.messages import Extra
from streams.router.scene import ACTOR, Scene


def set_out(scene: Scene, run: Run) -> None:
    """Pin the run to its play as it is now, and begin. People were just told of the run; a play that is gone since is left to them."""
    if run.play not in scene.playbooks:
        return
    compiled = scene.playbooks[run.play]
    left_out = compiled.left_out(facts_of(scene.cells[PROFILE], scene.policy.touch, scene.now_ms))
    pin_play(scene, compiled)
    run.play_version = compiled.playbook.version
    case_ms = scene.now_ms if run.case is None else run.case.time_ms
    act_by_ms = None if run.act is None else run.act.due_ms
    plan = plan_for(compiled.but(left_out), ())
    run.course = start(compiled.digest, left_out, plan, scene.now_ms, case_ms, act_by_ms)
    for step in run.steps_done:  # reported before it set out: a run from before plays were walked
        complete(run.course, plan, step, scene.now_ms, scene.now_ms)
    go_on(scene, run)


def go_on(scene: Scene, run: Run, chosen: dict[str, Owner] | None = None) -> None:
    """Say whatever happens now. Does nothing for a run that has not set out, or whose playbook cannot be read any more."""
    compiled, course = playbook_of(scene, run), run.course
    if compiled is None or course is None:
        return
    plan, around = plan_for(compiled, ()), Around(scene, run, course, compiled, chosen or {})
    if run.act is not None:
        follow_act(course, plan, run.act.due_ms)
    for one in advance(course, plan, around.as_asked(), scene.now_ms):
        tell_of(scene, run, course, compiled, one)


def leave(scene: Scene, run: Run, why: str) -> None:
    """Whatever is queued or under way is not to be done any more; each step of it is told."""
    course, compiled = run.course, playbook_of(scene, run)
    if course is None:
        return
    names: tuple[str, ...] = () if compiled is None else tuple(step.name for step in compiled.playbook.steps)
    for one in cancel(course, scene.now_ms):
        if compiled is not None:
            free(scene, run, names[one.place])
            scene.tell(run, "step_cancelled", Extra(actor=ACTOR, step=names[one.place], note=why))


def change_over(scene: Scene, run: Run, play: str) -> None:
    """The run goes on with another play: what the old one had queued is cancelled."""
    leave(scene, run, f"the run goes on with {play}")
    run.play, run.course = play, None
    run.plays += 1
    run.steps_done.clear()
    run.play_version = scene.playbooks[play].playbook.version
    drop_unused(scene)


def described(scene: Scene, run: Run) -> CompiledPlaybook | None:
    """The play as people are told of it: the one the run is pinned to, else as it would set out now. None: it is gone."""
    pinned = playbook_of(scene, run)
    if pinned is not None or run.play not in scene.playbooks:
        return pinned
    return scene.playbooks[run.play].for_account(facts_of(scene.cells[PROFILE], scene.policy.touch, scene.now_ms))
