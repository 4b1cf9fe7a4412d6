"""Who takes it when the roster does not answer: by the same order as the roster's, of whom nobody knows what they hold."""

from plays.roster.ask import Ask
from plays.roster.choice import choose, nothing_held
from plays.roster.hours import hours_of
from plays.roster.rota import Rota
from plays.runs.asking import Asked, owns
from plays.runs.owner import pool_of
from plays.runs.roles import parse_role
from plays.runs.run import Run
from plays.sla.first_action import counts_working_time
from schemas.records.play_message import Owner
from schemas.records.wire import rfc3339, utc
from streams.router.account import named_by
from streams.router.scene import Scene
from streams.router.wishes import wishes


def may_wait(run: Run) -> bool:
    """Whether the run's SLA counts working time, or it has none: then it may wait for somebody's shift."""
    return run.act is None or (run.case is not None and counts_working_time(run.case.first_action))


def own_of(scene: Scene, run: Run, step: str, role: str) -> str | None:
    """Whom the trigger names, where the rule asks for that person; else the account's own person for the role."""
    case = run.case
    named = named_by(scene.cells, case) if case is not None and owns(step) and parse_role(case.owner_role).named else None
    return named or scene.people().own(role)


def at_work(scene: Scene, run: Run, asked: Asked) -> Owner:
    """Somebody who is at work now, or whose shift is next; nobody absent. For what is owned, and steps of the play."""
    team, people = scene.policy.team, scene.people()
    wanted = wishes(scene, run, asked.step)
    ask = Ask(
        people.account_id,
        scene.now_ms,
        asked.role,
        pool_of(asked.role, people, team),
        business=may_wait(run),
        own=own_of(scene, run, asked.step, asked.role),
        skills=wanted.skills,
        languages=wanted.languages,
    )
    choice = choose(ask, Rota(team, hours_of(scene.policy.calendars)), nothing_held, {})
    shift = "" if choice.on_duty_from_ms == scene.now_ms else f"; on duty from {rfc3339(utc(choice.on_duty_from_ms))}"
    person = choice.person
    return Owner(
        id=person.id,
        name=person.name,
        email=person.email,
        role=asked.role,
        reason=choice.reason,
        detail=f"{choice.detail}{shift}",
        runners_up=choice.runners_up_words(),
    )
