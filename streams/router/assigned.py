"""What follows from having somebody: the launch, a handover, the next level."""

from plays.runs.asking import LEVEL, Asked, name_in_play, owns
from plays.runs.owner import with_partner
from plays.runs.roles import parse_role
from plays.runs.run import Run, assignee, hand_over
from schemas.records.play_message import Owner
from streams.router.course.hearing import recover
from streams.router.course.walking import go_on, set_out
from streams.router.escalation import take_over
from streams.router.handover import change_owner, set_clocks
from streams.router.scene import Scene
from streams.router.setting_out import launch


def given(scene: Scene, run: Run, asked: Asked, owner: Owner) -> None:
    """The question is answered, by the roster or in its place."""
    if asked.step.startswith(LEVEL):
        if owner.id == run.owner.id:
            return  # there is nobody else: they keep it
        take_over(scene, run, owner, asked.because, asked.clock, asked.channels)
    elif owns(asked.step):
        _owned(scene, run, owner)
    else:
        go_on(scene, run, {name_in_play(asked.step): owner})


def _owned(scene: Scene, run: Run, owner: Owner) -> None:
    case = run.case
    if case is None:
        raise AssertionError(f"run {run.id} asked for an owner without a case")
    another = owner.id != run.owner.id or run.owner.reason == "automation"
    change_owner(scene, run, assignee(with_partner(owner, parse_role(case.owner_role), scene.people(), scene.policy.team, scene.away)))
    if not run.launched:
        launch(scene, run, case)
    elif another:
        hand_over(run, scene.now_ms)
        if run.act is None:  # the one before had begun
            set_clocks(scene, run, case)
        run.acknowledge = run.next_acknowledge(scene.now_ms, scene.calendar(run))
        scene.tell(run, "reassigned")
        go_on(scene, run)
    if run.course is None:
        set_out(scene, run)
        recover(scene, run)
