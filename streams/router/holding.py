"""Launches that wait until nothing stands against them: told when they are held, judged again when they are let go."""

from collections.abc import Collection, Mapping
from typing import Any

from plays.runs.joining import run_for
from plays.runs.run import DAY_MS
from plays.suppression.held import HELD_AT_MOST, Held, Holds, causes_of, keep
from plays.suppression.verdict import CauseKind, Drop, Hold
from schemas.records.decision import Reason
from schemas.records.trigger import Scalar, Trigger
from schemas.records.wire import rfc3339, utc
from streams.processing.cell import Cell
from streams.processing.effects import Cleared
from streams.processing.judging import EpisodeRef
from streams.router.decisions import about_trigger
from streams.router.launch import answer
from streams.router.scene import Scene
from streams.router.suppression import against_launch, facts, reasons, until

HELD: Cell[Holds] = Cell("held", Holds, version=1)
"""At most 40 triggers of at most 12 KB: it never comes near the bound of a cell."""

_REASON: Mapping[CauseKind, Reason] = {
    "inhibited": Reason.INHIBITED,
    "silenced": Reason.SILENCED,
    "contact_budget": Reason.CONTACT_BUDGET,
    "quiet_hours": Reason.QUIET_HOURS,
    "maintenance": Reason.MAINTENANCE,
}
_HOUR_MS = 3_600_000
_NOTE_AT_MOST = 1000


def offer(scene: Scene, trigger: Trigger) -> None:
    """A trigger that is new: it joins an open run, launches, waits, or is not even kept."""
    verdict = None if _joins(scene, trigger) else against_launch(scene, trigger)
    if verdict is None:
        answer(scene, trigger)
        return
    holds = scene.cells.edit(HELD)
    if isinstance(verdict, Drop):
        holds.note_ended(trigger.trigger_id)
        _drop(scene, trigger, verdict)
        return
    while len(holds.held) >= HELD_AT_MOST:
        least = max(holds.held, key=lambda one: one.priority)  # the first of the least urgent: it has waited longest
        _finish(scene, holds, least, Reason.EXPIRED, f"more than {HELD_AT_MOST} triggers of this account wait")
    _hold(scene, holds, trigger, verdict)


def release(scene: Scene, at_ms: int) -> None:
    """Let go whatever nothing stands against any more; the most urgent first, so that what belongs together joins it.

    `at_ms` is the moment this is about, at or before `scene.now_ms`: what expires later is still let go if it may.
    """
    if HELD not in scene.cells:
        return
    holds = scene.cells.edit(HELD)
    while any(_left(scene, holds, one, at_ms) for one in sorted(holds.held, key=lambda one: one.priority)):
        pass  # what was let go may have opened a run that others join, or that stands against them


def end_cleared(scene: Scene, cleared: Cleared) -> None:
    """The episode of a trigger is over; if it waits it is not launched any more."""
    if HELD in scene.cells:
        holds = scene.cells.edit(HELD)
        for one in [one for one in holds.held if one.trigger_id == cleared.trigger_id]:
            _finish(scene, holds, one, Reason.EXPIRED if cleared.expired else Reason.CLEARED, cleared.how)


def give_up(scene: Scene, reason: Reason, detail: str, rules: Collection[str] | None = None) -> None:
    """What waits is not launched any more: all of it, or that of some rules."""
    if HELD in scene.cells:
        holds = scene.cells.edit(HELD)
        for one in [one for one in holds.held if rules is None or one.rule in rules]:
            _finish(scene, holds, one, reason, detail)


def next_release(scene: Scene) -> int | None:
    """When to look at what waits, if nothing happens before."""
    return scene.cells[HELD].next_ms


def _left(scene: Scene, holds: Holds, one: Held, at_ms: int) -> bool:
    """Look at one of them: True if it waits no more."""
    if one.expires_ms is not None and one.expires_ms <= at_ms:
        _finish(scene, holds, one, Reason.EXPIRED, "held as long as its rule allows")
        return True
    trigger = one.trigger()
    if trigger.play not in scene.playbooks:
        _finish(scene, holds, one, Reason.EXPIRED, f"its play {trigger.play} is not in the library any more")
        return True
    verdict = None if _joins(scene, trigger) else against_launch(scene, trigger)
    if isinstance(verdict, Hold):
        _go_on(scene, one, trigger, verdict)
        return False
    if isinstance(verdict, Drop):
        holds.end(one)
        _drop(scene, trigger, verdict)
    elif scene.judged(EpisodeRef.of(trigger)) is False:
        _finish(scene, holds, one, Reason.CLEARED, "its condition holds no more")
    else:
        note = f"held {_spell(scene.now_ms - one.since_ms)} by {_last(one)}"[:_NOTE_AT_MOST]
        _finish(scene, holds, one, Reason.RELEASED, "nothing stands against it any more")
        # nobody could act before now: clocks and dates count from here
        answer(scene, trigger.model_copy(update={"time": utc(scene.now_ms)}), note)
    return True


def _joins(scene: Scene, trigger: Trigger) -> bool:
    return run_for(trigger, scene.runs.open, scene.policy.sla.open_runs_at_most) is not None


def _hold(scene: Scene, holds: Holds, trigger: Trigger, hold: Hold) -> None:
    expires_ms = scene.policy.suppression.expires_ms(trigger.rule, scene.now_ms)
    causes = causes_of(hold.causes, hold.governing)
    one = Held(trigger.trigger_id, trigger.rule, trigger.priority, scene.now_ms, hold.until_ms, expires_ms, causes, keep(trigger))
    holds.held.append(one)
    _say_held(scene, one, trigger, hold)


def _go_on(scene: Scene, one: Held, trigger: Trigger, hold: Hold) -> None:
    """It waits on; said again where something else stands against it now."""
    before = one.causes[0]
    one.until_ms, one.causes = hold.until_ms, causes_of(hold.causes, hold.governing)
    if (before.kind, before.by) != (one.causes[0].kind, one.causes[0].by):
        _say_held(scene, one, trigger, hold)


def _say_held(scene: Scene, one: Held, trigger: Trigger, hold: Hold) -> None:
    more = {**facts(hold), "held_since": rfc3339(utc(one.since_ms)), "expires": _moment(one.expires_ms)}
    detail = f"its launch waits{until(hold)}: {reasons(hold)}"
    scene.effects.append(about_trigger(trigger, scene.now_ms, _REASON[hold.governing.kind], detail, more))


def _drop(scene: Scene, trigger: Trigger, drop: Drop) -> None:
    detail = f"not launched, and not kept: {drop.cause.by} ({drop.cause.detail})"
    more: dict[str, Scalar] = {"by": drop.cause.by, "kind": drop.cause.kind, "kinds": drop.cause.kind, "dropped": True}
    scene.effects.append(about_trigger(trigger, scene.now_ms, _REASON[drop.cause.kind], detail, more))


def _finish(scene: Scene, holds: Holds, one: Held, reason: Reason, why: str) -> None:
    """It waits no more: say so."""
    holds.end(one)
    detail = f"{why}; it was held {_spell(scene.now_ms - one.since_ms)} by {_last(one)}"
    more: dict[str, Any] = {"held_since": rfc3339(utc(one.since_ms)), "by": one.causes[0].by, "kind": one.causes[0].kind}
    scene.effects.append(about_trigger(one.trigger(), scene.now_ms, reason, detail, more))


def _last(one: Held) -> str:
    return "; ".join(f"{cause.by} ({cause.detail})" for cause in one.causes)


def _moment(ms: int | None) -> str | None:
    return None if ms is None else rfc3339(utc(ms))


def _spell(ms: int) -> str:
    """A length of time as people say it."""
    if ms >= DAY_MS:
        return f"{ms / DAY_MS:.1f} days"
    return f"{ms / _HOUR_MS:.1f} hours" if ms >= _HOUR_MS else f"{ms // 60_000} minutes"
