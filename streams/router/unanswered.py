"""Who takes it when the roster does not answer: by the same order as the roster's, of whom nobody knows what they hold."""

from plays.roster.ask import Ask
from plays.roster.choice import Choice, choose, nothing_held
from plays.roster.rota import State
from plays.runs.asking import LEVEL, Asked, owns
from plays.runs.owner import pool_of
from plays.runs.roles import parse_role
from plays.runs.run import Run
from plays.sla.first_action import NONE, counts_working_time
from schemas.records.play_message import Owner
from schemas.records.wire import rfc3339, utc
from streams.router.account import named_by
from streams.router.scene import Scene
from streams.router.wishes import wishes


def may_wait(run: Run, step: str) -> bool:
    """Whether the run's SLA counts working time, or it has none: then it may wait for somebody's shift.

    Who owns a run, a level of its ladder included, waits no longer because it is begun or late and has no clock of its own any more. A
    step of a play that is begun may: it has a date of its own.
    """
    case = run.case
    if case is None or not owns(step):
        return run.act is None or (case is not None and counts_working_time(case.first_action))
    return case.first_action == NONE or counts_working_time(case.first_action)


def own_of(scene: Scene, run: Run, step: str, role: str) -> str | None:
    """Whom the trigger names, where the rule asks for that person to own the run; else the account's own person for the role."""
    case = run.case
    wanted = case is not None and owns(step) and not step.startswith(LEVEL) and parse_role(case.owner_role).named
    named = named_by(scene.cells, case) if case is not None and wanted else None
    return named or scene.people().own(role)


def had_it(run: Run) -> tuple[str, ...]:
    """Who has the run, and who had it since it was last acknowledged."""
    return (run.owner.id, *run.climbed)


def at_work(scene: Scene, run: Run, asked: Asked) -> Owner:
    """Who owns the run or takes a step: somebody at work now, or whose shift is next where the SLA may wait; nobody absent."""
    return _owner(scene, asked, _choose(scene, run, asked))


def next_at_work(scene: Scene, run: Run, asked: Asked) -> Owner | None:
    """Who takes over at a level: whom it names, else the same of who has not had the run. None: all others are absent."""
    before = had_it(run)
    choice = _choose(scene, run, asked, before)
    gone = scene.policy.rota.presence(choice.person, scene.now_ms).state is State.ABSENT
    return None if gone or choice.person.id in before else _owner(scene, asked, choice)


def _choose(scene: Scene, run: Run, asked: Asked, exclude: tuple[str, ...] = ()) -> Choice:
    wanted = wishes(scene, run, asked.step)
    people = scene.people()
    ask = Ask(
        people.account_id,
        scene.now_ms,
        asked.role,
        pool_of(asked.role, people, scene.policy.team),
        business=may_wait(run, asked.step),
        own=own_of(scene, run, asked.step, asked.role),
        skills=wanted.skills,
        languages=wanted.languages,
        exclude=exclude,
        named=asked.person,
    )
    return choose(ask, scene.policy.rota, nothing_held, {})


def _owner(scene: Scene, asked: Asked, choice: Choice) -> Owner:
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
