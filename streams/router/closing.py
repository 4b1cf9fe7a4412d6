"""The end of a run, whoever brings it about."""

from plays.runs.run import Run
from schemas.records.decision import Reason
from streams.router.conclusion import conclude
from streams.router.course.pins import drop_unused
from streams.router.course.walking import leave
from streams.router.decisions import not_told
from streams.router.messages import Extra
from streams.router.roster import release_all
from streams.router.scene import Scene


def end(scene: Scene, run: Run, extra: Extra) -> None:
    """Close a run: its clocks stop, what is queued is cancelled, the last message goes out, its people are free.

    It is remembered for a while.

    Of one that nobody was told of yet there is nothing to take back: that its triggers are not answered is a decision.
    """
    run.acknowledge = run.act = run.resolve = None
    leave(scene, run, f"the run is closed: {extra.code}")
    if run.launched:
        scene.tell(run, "closed", extra)
        scene.effects.append(conclude(scene, run, extra))
    else:
        reason = Reason.CHURNED if extra.code == "customer_churned" else Reason.CLEARED
        detail = f"nobody was told of it yet: {extra.note or extra.code}"
        scene.effects += not_told(scene.cells.account_id, run, scene.now_ms, reason, detail)
    release_all(scene, run)
    scene.runs.close(run, scene.now_ms, extra.code)
    drop_unused(scene)
