"""What the router says to the roster: who is wanted, who holds what, who is free again. The router's word is the last."""

from collections.abc import Mapping

from plays.runs.asking import OWNER, Holder, ask_id, owns
from plays.runs.run import Run
from schemas.records.wire import SOURCE, utc
from streams.processing.account import PROFILE
from streams.processing.effects import Ask
from streams.router.scene import Scene

_MINUTE_MS = 60_000


def request(scene: Scene, run: Run, step: str, fields: Mapping[str, object]) -> None:
    """Ask who takes a step; `fields` are those of `assignment.requested` beyond what every question says."""
    wanted = {"concern": run.concern, "priority": run.priority, "play": run.play, **fields}
    say(scene, run, "assignment.requested", step, f":{scene.now_ms}", {**wanted, **load(scene, run)})


def hold(scene: Scene, run: Run, step: str, person: str) -> None:
    """This person holds the step now, as the roster itself says: whoever held it, or owned the run, before is free."""
    for holder in tuple(run.holders):
        if holder.step == step or (owns(step) and owns(holder.step)):
            run.holders.remove(holder)
            if (holder.step, holder.person) != (step, person):
                tell_free(scene, run.id, holder.step, holder.person)
    run.holders.append(Holder(step, person, scene.now_ms))


def confirm(scene: Scene, run: Run, step: str, person: str) -> None:
    """This person holds the step, whatever the roster thinks."""
    hold(scene, run, step, person)
    if scene.policy.roster:
        say(scene, run, "assignment.confirmed", step, f":{person}:{scene.now_ms}", {"person": person, **load(scene, run)})


def confirm_owner(scene: Scene, run: Run) -> None:
    """The present owner was chosen by others than the roster. Automation holds nothing, and who had the run before it is free."""
    if run.owner.reason == "automation":
        for step in [holder.step for holder in run.holders if owns(holder.step)]:
            release(scene, run, step)
        return
    step = next((holder.step for holder in run.holders if owns(holder.step)), OWNER)
    confirm(scene, run, step, run.owner.id)


def release(scene: Scene, run: Run, step: str) -> None:
    """The step is over: whoever held it is free."""
    for holder in [holder for holder in run.holders if holder.step == step]:
        run.holders.remove(holder)
        tell_free(scene, run.id, step, holder.person)


def release_all(scene: Scene, run: Run) -> None:
    """The run is over: everybody who held something of it is free."""
    for holder in run.holders:
        tell_free(scene, run.id, holder.step, holder.person)
    run.holders.clear()


def tell_free(scene: Scene, run_id: str, step: str, person: str) -> None:
    """The same of a run that is not, or no longer, known here."""
    if scene.policy.roster:
        event = _event(scene, "assignment.released", run_id, step, f":{person}:{scene.now_ms}", {"person": person})
        scene.effects.append(Ask(event))


def load(scene: Scene, run: Run) -> dict[str, object]:
    """What a run weighs: the minutes of its first-action time, and the account's annual revenue where it is known."""
    profile = scene.cells[PROFILE]
    arr = profile.acv if profile.acv is not None else profile.contract_acv
    minutes = 0.0 if run.act is None else max(0, run.act.due_ms - run.act.start_ms) / _MINUTE_MS
    return {"sla_minutes": minutes, **({} if arr is None else {"arr": max(0.0, arr)})}


def say(scene: Scene, run: Run, kind: str, step: str, once: str, fields: Mapping[str, object]) -> None:
    """Publish; `once` tells apart what is said several times of one step."""
    scene.effects.append(Ask(_event(scene, kind, run.id, step, once, fields)))


def _event(scene: Scene, kind: str, run_id: str, step: str, once: str, fields: Mapping[str, object]) -> dict[str, object]:
    identity = ask_id(run_id, step)
    return {
        "event_id": f"{kind}:{identity}{once}"[:256],
        "type": kind,
        "account_id": scene.cells.account_id,
        "occurred_at": utc(scene.now_ms),
        "source": SOURCE,
        "ask_id": identity,
        "run_id": run_id,
        "step": step,
        **fields,
    }
