"""The way up the ladder: role by role, each with somebody else than the present owner."""

from plays.runs.asking import LEVEL
from plays.runs.owner import next_owner
from plays.runs.run import Run, assignee
from plays.sla.clocks import Running
from schemas.records.play_message import Clock, Owner
from streams.router.messages import Extra
from streams.router.questions import ask_for
from streams.router.roster import confirm_owner
from streams.router.scene import Scene


def escalate(scene: Scene, run: Run, clock: Clock | None, because: str) -> None:
    """Take the next role of the ladder that has somebody else, or ask the roster for one. Uses up the rungs; nothing at its end."""
    while run.ladder:
        role = run.ladder.pop(0)
        because_of = f"{because}; after {run.owner.name} ({run.owner.role})"
        if ask_for(scene, run, f"{LEVEL}{len(run.ladder)}", role, because_of, clock, exclude=(run.owner.id,)):
            return
        owner = next_owner(role, scene.people(), scene.policy.team, run.owner.id)
        if owner is not None:
            take_over(scene, run, owner, because_of, clock)
            confirm_owner(scene, run)
            return


def take_over(scene: Scene, run: Run, owner: Owner, because: str, clock: Clock | None) -> None:
    """The next level has the run. It has to acknowledge, within the whole time of its own: it hears of the run only now."""
    run.owner = assignee(owner.model_copy(update={"reason": "escalation", "detail": f"{because}: {owner.detail}"}))
    run.acknowledged = False
    run.owned_ms = scene.now_ms
    if scene.policy.sla.restart_acknowledge and run.acknowledge_span_ms:
        run.acknowledge = Running(scene.now_ms, scene.now_ms + run.acknowledge_span_ms)
    scene.tell(run, "escalated", Extra(clock=clock))
