"""A trigger starts a run, joins one, or upgrades one."""

from plays.playbooks.levels import TOP_ROLE
from plays.runs.asking import OWNER
from plays.runs.case import Case, case_of
from plays.runs.grounds import Ground
from plays.runs.joining import needs_upgrade, run_for
from plays.runs.ladder import build_ladder
from plays.runs.owner import choose_owner
from plays.runs.roles import parse_role
from plays.runs.run import Run, assignee, hand_over
from plays.runs.tally import PATH_AT_MOST, Tally
from schemas.records.decision import Reason
from schemas.records.play_message import run_id
from schemas.records.trigger import Trigger
from streams.router.account import named_by
from streams.router.briefing import briefing
from streams.router.course.hearing import stands
from streams.router.course.pins import status_of
from streams.router.course.walking import change_over, go_on, set_out
from streams.router.decisions import about_trigger
from streams.router.escalation import come_down
from streams.router.handover import change_owner, change_priority, set_clocks
from streams.router.messages import Extra
from streams.router.questions import ask_for_owner
from streams.router.resting import end_rest
from streams.router.roster import confirm_owner
from streams.router.scene import Scene
from streams.router.setting_out import launch


def answer(scene: Scene, trigger: Trigger, note: str | None = None) -> None:
    """Launch, join or upgrade. Raises `UnknownPlayError`, `RoleError`, `FirstActionError` for a trigger no rule would raise.

    `note`: what people should know of what came before.
    """
    case = case_of(trigger, note)
    run = run_for(trigger, scene.runs.open, scene.policy.sla.open_runs_at_most)
    if run is None:
        _launch(scene, trigger, case)
        return
    ground = _ground(case)
    run.add_trigger(trigger.trigger_id, ground)
    if run.course is not None and stands(scene, ground):
        run.course.facts.recovered_ms = -1  # it was better for a while
    run.touched_ms = scene.now_ms
    if needs_upgrade(run, trigger):
        _upgrade(scene, run, trigger, case)
    elif run.launched:
        scene.tell(run, "joined", Extra(why=case.summary, note=note))


def _launch(scene: Scene, trigger: Trigger, case: Case) -> None:
    status = status_of(scene, trigger.play)
    if status != "active":
        detail = f"its play {trigger.play} is {status}: nothing is launched by it"
        scene.effects.append(about_trigger(trigger, scene.now_ms, Reason.PLAY_PAUSED, detail))
        return
    playbook = scene.playbooks[trigger.play]
    ask = parse_role(trigger.owner_role)
    owner = choose_owner(ask, scene.people(), scene.policy.team, named_by(scene.cells, case), scene.away).owner
    run = Run(
        id=run_id(trigger.account_id, trigger.trigger_id),
        play=trigger.play,
        play_version=playbook.playbook.version,
        concern=trigger.concern,
        subject_kind=trigger.subject.kind,
        subject_id=trigger.subject.id,
        priority=trigger.priority,
        owner=assignee(owner),
        ladder=build_ladder(ask, playbook.playbook.escalation, owner.role),
        triggers=[trigger.trigger_id],
        rules=[trigger.rule],
        why=case.summary,
        opened_ms=scene.now_ms,
        touched_ms=scene.now_ms,
        tally=Tally(segment_path=list(trigger.evidence.segment_path[:PATH_AT_MOST])),
        case=case,
        grounds=[_ground(case)],
    )
    set_clocks(scene, run, case)
    scene.runs.open.append(run)
    if ask_for_owner(scene, run, OWNER):
        return
    confirm_owner(scene, run)
    launch(scene, run, case)


def _upgrade(scene: Scene, run: Run, trigger: Trigger, case: Case) -> None:
    """Raise the priority and tighten the clocks. The owner stays, but for a P1 of another role, or a run of automation.

    A new owner has to acknowledge and to act, whatever the one before had done. A pause ends.
    """
    end_rest(scene, run, f"{trigger.rule} at {trigger.priority} ends the pause")
    ask = parse_role(trigger.owner_role)
    choice = choose_owner(ask, scene.people(), scene.policy.team, named_by(scene.cells, case), scene.away).owner
    another = run.owner.reason == "automation" or (trigger.priority == "P1" and choice.role != run.owner.role)
    change_priority(scene, run, min(run.priority, trigger.priority))
    run.why, run.case = case.summary, case
    active = status_of(scene, trigger.play) == "active"
    if active and trigger.play != run.play:
        change_over(scene, run, trigger.play)
    asked = False
    if another:
        path = scene.playbooks[trigger.play].playbook.escalation if active else (TOP_ROLE,)
        run.ladder = build_ladder(ask, path, choice.role)
        come_down(run)  # the levels are others, and the breach was another's
        asked = ask_for_owner(scene, run, f"{OWNER}-{len(run.triggers)}")
    if another and not asked:
        if choice.id != run.owner.id:
            hand_over(run, scene.now_ms)
        change_owner(scene, run, assignee(choice))
    set_clocks(scene, run, case)
    if another and not asked:
        confirm_owner(scene, run)
    if run.launched:
        scene.tell(run, "upgraded", briefing(scene, run, case))
        if run.course is not None:
            go_on(scene, run)
        elif not asked:
            set_out(scene, run)


def _ground(case: Case) -> Ground:
    return Ground(case.rule, case.subject_kind, case.subject_id, case.episode)
