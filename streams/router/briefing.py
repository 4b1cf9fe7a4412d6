"""What people are told when a run is launched or upgraded: whom to reach, in what words, the steps with their people and dates."""

from plays.playbooks.context import Account, DueStep, launch_context
from plays.playbooks.step import OWNER
from plays.runs.case import Case
from plays.runs.owner import AccountPeople, choose_owner
from plays.runs.roles import RoleAsk
from plays.runs.run import Run
from schemas.records.wire import utc
from streams.processing.account import PROFILE
from streams.router.account import who_to_reach
from streams.router.course.walking import described
from streams.router.messages import Extra, published_owner
from streams.router.scene import Scene


def briefing(scene: Scene, run: Run, case: Case) -> Extra:
    """For the owner as the run has them now."""
    profile = scene.cells[PROFILE]
    playbook = described(scene, run)
    if playbook is None:
        return Extra(why=case.summary, note=case.note)
    stated = playbook.playbook
    opening = stated.opening
    people, act = scene.people(), run.act
    act_by_ms = None if act is None else act.due_ms
    steps = playbook.steps(case.time_ms, act_by_ms, scene.calendar(run), lambda role: _holder(scene, run, role, people))
    reach = who_to_reach(scene.cells, case, stated.reach_of(opening), stated.reach_at_most)
    first = steps[0 if opening is None else stated.steps.index(opening)]
    context = launch_context(
        case,
        Account(scene.cells.account_id, profile.name, profile.industry),
        published_owner(run),
        reach[0] if reach else None,
        None if act_by_ms is None else utc(act_by_ms),
        DueStep(first.name, first.due_by),
    )
    return Extra(why=case.summary, who_to_reach=reach, message=playbook.render(context), steps=steps, note=case.note)


def _holder(scene: Scene, run: Run, role: str, people: AccountPeople) -> tuple[str, str]:
    """Role and person of a step: the run's owner where the step asks for them, else whoever the role falls to today."""
    if role in (OWNER, run.owner.role):
        return run.owner.role, run.owner.id
    chosen = choose_owner(RoleAsk(role), people, scene.policy.team, away=scene.away).owner
    return role, chosen.id
