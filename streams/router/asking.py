"""The answers of the roster, and what is done without one."""

from datetime import datetime
from typing import get_args

from plays.runs.asking import LEVEL, Asked
from plays.runs.run import Run
from schemas.events.event import Event
from schemas.records.play_message import Owner, OwnerReason
from schemas.records.wire import rfc3339
from streams.router.assigned import given
from streams.router.roster import confirm, hold, tell_free
from streams.router.scene import Scene
from streams.router.unanswered import at_work, next_at_work

ANSWER = "assignment.made"

_REASONS: tuple[OwnerReason, ...] = get_args(OwnerReason)
_LONGEST_WAIT_MS = 300_000
_HOUR_MS = 3_600_000


class Asking:
    """Gives up waiting for the roster, and tells it now and then who holds what."""

    def next_ms(self, scene: Scene, run: Run) -> int | None:
        """The first answer that is late, or the next confirmation."""
        every_ms = scene.policy.sla.confirm_every_hours * _HOUR_MS
        moments = [asked.until_ms for asked in run.asked]
        if scene.policy.roster:
            moments += [holder.told_ms + every_ms for holder in run.holders]
        return min(moments, default=None)

    def act(self, scene: Scene, run: Run, at_ms: int) -> None:
        """Only the wall clock counts: while catching up, time passes faster than anybody could answer, and the wait goes on."""
        late = next((asked for asked in run.asked if asked.until_ms == at_ms), None)
        if late is None:
            every_ms = scene.policy.sla.confirm_every_hours * _HOUR_MS
            for holder in [holder for holder in run.holders if holder.told_ms + every_ms == at_ms]:
                confirm(scene, run, holder.step, holder.person)
        elif scene.catching_up:
            late.waited_ms = min(2 * late.waited_ms, _LONGEST_WAIT_MS)
            late.until_ms = at_ms + late.waited_ms
        else:
            run.asked.remove(late)
            _fall_back(scene, run, late, f"the roster did not answer within {(scene.now_ms - late.asked_ms) // 1000} s")


def on_answer(scene: Scene, event: Event) -> None:
    """The roster has answered. An answer nobody waits for any more is taken back, so that its person is free again."""
    data = event.data
    step, person = data["step"], data["person"]
    run = scene.runs.find(data["run_id"])
    asked = None if run is None else next((one for one in run.asked if one.step == step), None)
    if run is None or asked is None:
        if run is None or not any((holder.step, holder.person) == (step, person) for holder in run.holders):
            tell_free(scene, data["run_id"], step, person)
        return
    run.asked.remove(asked)
    if asked.step.startswith(LEVEL) and person in run.climbed:
        tell_free(scene, run.id, step, person)
        return  # they had it before and nobody else is there: the present owner keeps the run
    starts, detail = data.get("on_duty_from"), data["detail"]
    if isinstance(starts, datetime):
        detail = f"{detail}; on duty from {rfc3339(starts)}"
    reason: OwnerReason = next((known for known in _REASONS if known == data["reason"]), "pool")
    runners_up = tuple(data.get("runners_up", ()))
    owner = Owner(
        id=person, name=data["name"], email=data.get("email"), role=data["role"], reason=reason, detail=detail, runners_up=runners_up
    )
    hold(scene, run, step, person)
    scene.shifts[person] = data.get("calendar"), data.get("timezone")
    given(scene, run, asked, owner)


def _fall_back(scene: Scene, run: Run, asked: Asked, why: str) -> None:
    owner = next_at_work(scene, run, asked) if asked.step.startswith(LEVEL) else at_work(scene, run, asked)
    if owner is None:
        return  # nobody else is there: the present owner keeps the run
    confirm(scene, run, asked.step, owner.id)
    given(scene, run, asked, owner.model_copy(update={"detail": f"{owner.detail}; {why}"}))
