"""The way up the ladder: level by level, each with somebody who has not had the run since it was last acknowledged."""

from plays.playbooks.spans import later
from plays.runs.asking import LEVEL
from plays.runs.ladder import Climb, rung_of
from plays.runs.owner import next_owner
from plays.runs.rests import Change
from plays.runs.run import Run, assignee
from schemas.records.play_message import Clock, Owner
from streams.router.handover import change_owner
from streams.router.messages import Extra
from streams.router.questions import ask_for_level
from streams.router.roster import confirm_owner
from streams.router.scene import Scene
from streams.router.unanswered import had_it


class Ladder:
    """Levels that wait for their time after a breach. An acknowledgement takes them back."""

    def next_ms(self, scene: Scene, run: Run) -> int | None:
        """When the next level takes over. Its wait stands still when the clock that ran out would."""
        climb = run.climb
        if climb is None or not run.launched:
            return None
        return None if run.paused_ms is not None and scene.policy.sla.stops(run.paused_for, climb.clock) else climb.at_ms

    def act(self, scene: Scene, run: Run, at_ms: int) -> None:  # noqa: ARG002 a part's shape
        """It does."""
        climb, run.climb = run.climb, None
        if climb is not None:
            _climb(scene, run, climb)


def escalate(scene: Scene, run: Run, clock: Clock, breach_ms: int, because: str) -> None:
    """A clock has run out: the next level takes over, at once or when its wait is over. Nothing while one is on its way, or at the end."""
    if run.climb is None and run.ladder:
        climb = Climb(breach_ms, breach_ms, clock, because)
        run.climb = _awaited(scene, run, climb)
        if run.climb is None:
            _climb(scene, run, climb)


def take_over(scene: Scene, run: Run, owner: Owner, because: str, clock: Clock | None, channels: tuple[str, ...] = ()) -> None:
    """The next level has the run. It has to acknowledge, within the whole time of its own: it hears of the run only now."""
    run.climbed.append(run.owner.id)
    del run.climbed[:-_CLIMBED_AT_MOST]
    change_owner(scene, run, assignee(owner.model_copy(update={"reason": "escalation", "detail": f"{because}: {owner.detail}"})))
    run.acknowledged = False
    run.owned_ms = scene.now_ms
    if scene.policy.sla.restart_acknowledge and run.climb is None:  # waits of the ladder stand in its place
        run.acknowledge = run.next_acknowledge(scene.now_ms, scene.calendar(run)) or run.acknowledge
    scene.tell(run, "escalated", Extra(clock=clock, channels=channels))


def put_off(scene: Scene, run: Run, change: Change) -> None:
    """The run rested, or did not after all: the level on its way waits so much longer, or less."""
    climb = run.climb
    if climb is None:
        return
    was, now = (
        sum(one.end_ms - one.start_ms for one in spells if one.end_ms is not None and scene.policy.sla.stops(one.reason, climb.clock))
        for spells in change
    )
    if now != was:
        run.climb = _awaited(scene, run, Climb(climb.at_ms, climb.breach_ms + now - was, climb.clock, climb.because))


def come_down(run: Run) -> None:
    """Somebody has acknowledged: nobody else is on the way or asked for, and who had it before may be asked again another time."""
    run.asked[:] = [asked for asked in run.asked if not asked.step.startswith(LEVEL)]
    run.climb = None
    run.climbed.clear()


def _awaited(scene: Scene, run: Run, climb: Climb) -> Climb | None:
    """The next level, on its way; None where it takes over at once, or there is none."""
    after = rung_of(run.ladder[0]).after if run.ladder else None
    if after is None:
        return None
    return Climb(later(climb.breach_ms, after, scene.calendar(run)), climb.breach_ms, climb.clock, climb.because)


def _climb(scene: Scene, run: Run, climb: Climb) -> None:
    """Take the next level that has somebody else, or ask the roster for one. Uses up the rungs, but none before its time."""
    while run.ladder and run.climb is None:
        rung = rung_of(run.ladder.pop(0))
        because = f"{climb.because}; after {run.owner.name} ({run.owner.role})"
        run.climb = _awaited(scene, run, climb)  # before the level is told: where the next one waits, it has no clock of its own
        team, before = scene.policy.team, had_it(run)
        person = None if rung.person is None else team.person(rung.person)
        if rung.person is not None and (person is None or person.id in before):
            continue
        if ask_for_level(scene, run, rung, None if person is None else person.id, because, climb.clock):
            return
        owner = next_owner(rung.role, scene.people(), team, before, rung.person, scene.away)
        if owner is not None:
            take_over(scene, run, owner, because, climb.clock, rung.channels)
            confirm_owner(scene, run)
            return


_CLIMBED_AT_MOST = 10
