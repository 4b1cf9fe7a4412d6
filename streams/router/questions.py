"""Who takes it? The questions to the roster."""

from plays.runs.asking import LEVEL, Asked
from plays.runs.ladder import Rung
from plays.runs.owner import owner_role, pool_of
from plays.runs.roles import AUTOMATION, parse_role
from plays.runs.run import Run
from schemas.records.play_message import Clock
from streams.router.account import named_by
from streams.router.roster import request
from streams.router.scene import Scene
from streams.router.unanswered import had_it, may_wait
from streams.router.wishes import wishes


def ask_for_owner(scene: Scene, run: Run, step: str) -> bool:
    """Ask who owns the run, as its case wants it. False where there is nobody to ask, or nothing to ask for: choose directly."""
    case = run.case
    if not scene.policy.roster or case is None:
        return False
    ask, people = parse_role(case.owner_role), scene.people()
    role = owner_role(ask, people)
    named = named_by(scene.cells, case) if ask.named else None
    if role == AUTOMATION:
        return False
    _ask(scene, run, Asked(step, role, scene.now_ms, 0, 0), named or people.own(role), ())
    return True


def ask_for_step(scene: Scene, run: Run, step: str, role: str) -> bool:
    """Ask who takes a step of the play. False where there is nobody to ask: choose directly."""
    if not scene.policy.roster or role == AUTOMATION:
        return False
    _ask(scene, run, Asked(step, role, scene.now_ms, 0, 0), scene.people().own(role), ())
    return True


def ask_for_level(scene: Scene, run: Run, rung: Rung, person: str | None, because: str, clock: Clock) -> bool:
    """Ask who takes over at a level of the ladder: `person`, whom it names, or somebody who has not had the run. False: choose directly."""
    if not scene.policy.roster:
        return False
    run.levels += 1
    asked = Asked(f"{LEVEL}{run.levels}", rung.role, scene.now_ms, 0, 0, because, clock, rung.channels, person)
    own, before = scene.people().own(rung.role), had_it(run)
    _ask(scene, run, asked, None if own in before else own, before)
    return True


def _ask(scene: Scene, run: Run, asked: Asked, own: str | None, exclude: tuple[str, ...]) -> None:
    asked.waited_ms = scene.policy.sla.answer_within_s * 1000
    asked.until_ms = asked.asked_ms + asked.waited_ms
    run.asked[:] = [other for other in run.asked if other.step != asked.step]
    run.asked.append(asked)
    pool = pool_of(asked.role, scene.people(), scene.policy.team)
    fields: dict[str, object] = {"role": asked.role, "pool": pool, "business": may_wait(run, asked.step)}
    if own is not None:
        fields["own"] = own
    if exclude:
        fields["exclude"] = list(exclude)
    if asked.person is not None:
        fields["named"] = asked.person
    fields |= {name: list(wanted) for name, wanted in wishes(scene, run, asked.step)._asdict().items() if wanted}
    request(scene, run, asked.step, fields)
