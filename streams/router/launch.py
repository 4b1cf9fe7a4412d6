"""A trigger starts a run, joins one, or upgrades one."""

from plays.playbooks.book import CompiledPlaybook
from plays.playbooks.context import Account, DueStep, launch_context
from plays.playbooks.step import OWNER
from plays.runs.joining import needs_upgrade, run_for, start_clocks
from plays.runs.ladder import build_ladder
from plays.runs.owner import AccountPeople, choose_owner
from plays.runs.roles import RoleAsk, parse_role
from plays.runs.run import WHY_AT_MOST, Run, assignee
from plays.runs.tally import PATH_AT_MOST, Tally
from plays.sla.clocks import clock_spans, shift
from schemas.records.play_message import run_id
from schemas.records.trigger import Trigger
from schemas.records.wire import epoch_ms
from streams.processing.account import PROFILE
from streams.processing.segment_facts import facts_of
from streams.router.account import named_by, who_to_reach
from streams.router.messages import Extra, published_owner
from streams.router.scene import ACTOR, Scene


def answer(scene: Scene, trigger: Trigger) -> None:
    """Launch, join or upgrade. Raises `UnknownPlayError`, `RoleError`, `FirstActionError` for a trigger no rule would raise."""
    run = run_for(trigger, scene.runs.open, scene.policy.sla.open_runs_at_most)
    if run is None:
        _launch(scene, trigger)
        return
    run.add_trigger(trigger.trigger_id, trigger.rule)
    run.touched_ms = scene.now_ms
    if needs_upgrade(run, trigger):
        _upgrade(scene, run, trigger)
    else:
        scene.tell(run, "joined", Extra(why=_why(trigger)))


def _launch(scene: Scene, trigger: Trigger) -> None:
    playbook = scene.playbooks[trigger.play]
    ask = parse_role(trigger.owner_role)
    owner = choose_owner(ask, scene.people(), scene.policy.team, named_by(scene.cells, trigger)).owner
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
        why=_why(trigger),
        opened_ms=scene.now_ms,
        touched_ms=scene.now_ms,
        tally=Tally(segment_path=list(trigger.evidence.segment_path[:PATH_AT_MOST])),
    )
    _set_clocks(scene, run, trigger)
    scene.runs.open.append(run)
    scene.tell(run, "launched", _briefing(scene, run, trigger, playbook))


def _upgrade(scene: Scene, run: Run, trigger: Trigger) -> None:
    """Raise the priority and tighten the clocks. The owner stays, but for a P1 of another role, or a run of automation.

    A new owner has to acknowledge and to act, whatever the one before had done. A pause ends.
    """
    if run.paused_ms is not None:
        resume(scene, run)
        scene.tell(run, "resumed", Extra(actor=ACTOR, note=f"{trigger.rule} at {trigger.priority} ends the pause"))
    playbook = scene.playbooks[trigger.play]
    ask = parse_role(trigger.owner_role)
    choice = choose_owner(ask, scene.people(), scene.policy.team, named_by(scene.cells, trigger)).owner
    if run.owner.reason == "automation" or (trigger.priority == "P1" and choice.role != run.owner.role):
        if choice.id != run.owner.id:
            run.acknowledged = run.started = False
        run.owner = assignee(choice)
        run.ladder = build_ladder(ask, playbook.playbook.escalation, choice.role)
    run.priority = min(run.priority, trigger.priority)
    run.why = _why(trigger)
    _set_clocks(scene, run, trigger)
    scene.tell(run, "upgraded", _briefing(scene, run, trigger, playbook))


def resume(scene: Scene, run: Run) -> None:
    """End a pause: every clock that had not run out goes on with the time it had left."""
    if run.paused_ms is not None:
        for clock in run.running:
            if clock is not None:
                shift(clock, scene.now_ms - run.paused_ms)
        run.paused_ms = None


def _set_clocks(scene: Scene, run: Run, trigger: Trigger) -> None:
    start_ms = epoch_ms(trigger.time)
    act_by_ms = None if trigger.act_by is None else epoch_ms(trigger.act_by)
    start_clocks(run, start_ms, clock_spans(trigger.first_action, start_ms, act_by_ms, scene.policy.sla))


def _briefing(scene: Scene, run: Run, trigger: Trigger, playbook: CompiledPlaybook) -> Extra:
    """Whom to reach, in what words, and the steps with their people and dates."""
    profile = scene.cells[PROFILE]
    playbook = playbook.for_account(facts_of(profile, scene.policy.touch, scene.now_ms))
    stated = playbook.playbook
    opening = stated.opening
    people, act_by = scene.people(), run.clocks().act_by
    steps = playbook.steps(
        epoch_ms(trigger.time), None if act_by is None else epoch_ms(act_by), lambda role: _holder(scene, run, role, people)
    )
    reach = who_to_reach(scene.cells, trigger, stated.reach_of(opening), stated.reach_at_most)
    first = steps[0 if opening is None else stated.steps.index(opening)]
    context = launch_context(
        trigger,
        Account(trigger.account_id, profile.name, profile.industry),
        published_owner(run),
        reach[0] if reach else None,
        act_by,
        DueStep(first.name, first.due_by),
    )
    return Extra(who_to_reach=reach, message=playbook.render(context), steps=steps)


def _holder(scene: Scene, run: Run, role: str, people: AccountPeople) -> tuple[str, str]:
    """Role and person of a step: the run's owner where the step asks for them, else whoever the role falls to today."""
    if role in (OWNER, run.owner.role):
        return run.owner.role, run.owner.id
    chosen = choose_owner(RoleAsk(role), people, scene.policy.team).owner
    return role, chosen.id


def _why(trigger: Trigger) -> str:
    summary = trigger.evidence.summary
    return summary if len(summary) <= WHY_AT_MOST else summary[: WHY_AT_MOST - 1] + "…"
