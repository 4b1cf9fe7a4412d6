"""The outcome that is published when a run is closed."""

from plays.runs.outcome import outcome_of
from plays.runs.run import Run
from streams.processing.effects import Conclude
from streams.processing.judging import EpisodeRef
from streams.router.messages import Extra
from streams.router.scene import Scene


def conclude(scene: Scene, run: Run, extra: Extra) -> Conclude:
    """The outcome of a run that was just closed with `extra.code`."""
    if extra.code is None:
        raise AssertionError(f"run {run.id} is closed without a code")
    outcome = outcome_of(
        scene.cells.account_id, run, extra.code, extra.actor, scene.now_ms, scene.calendar(run), cleared=_cleared(scene, run)
    )
    return Conclude(outcome)


def _cleared(scene: Scene, run: Run) -> bool | None:
    """Whether everything the run rests on has ended; None where nobody can say of some of it, and the rest has."""
    unknown = not run.grounds
    for ground in run.grounds:
        if ground.cleared_ms is None:
            holds = scene.judged(EpisodeRef(ground.rule, ground.subject_kind, ground.subject_id, ground.episode))
            if holds:
                return False
            unknown = unknown or holds is None
    return None if unknown else True
