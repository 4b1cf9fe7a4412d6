"""What the CRM and e-mail systems report about a run."""

from collections.abc import Callable, Mapping
from copy import copy
from datetime import datetime
from typing import Any, get_args

from plays.runs.run import DAY_MS, STEPS_AT_MOST, Assignee, Run, Runs
from plays.sla.clocks import shift
from schemas.events.event import Event
from schemas.records.play_message import ClosureCode
from schemas.records.wire import epoch_ms
from streams.processing.effects import Reject
from streams.router.closing import end
from streams.router.launch import resume
from streams.router.messages import Extra
from streams.router.roster import confirm_owner
from streams.router.scene import Scene

NOTE_AT_MOST = 1000
_CODES: tuple[ClosureCode, ...] = get_args(ClosureCode)

Handler = Callable[[Scene, Run, Event, Extra], Reject | None]


def refuse_update(runs: Runs, event: Event) -> Reject | None:
    """A `Reject` when a `run.*` event names no open run of the account."""
    run_id: str = event.data["run_id"]
    if runs.find(run_id) is not None:
        return None
    if runs.was_closed(run_id):
        return Reject("wrong_state", f"{event.type}: run {run_id} is already closed")
    return Reject("unknown_run", f"{event.type}: account {event.account_id} has no run {run_id!r}")


def apply_update(scene: Scene, event: Event) -> Reject | None:
    """Apply a `run.*` event of an open run; a `Reject` (and no change) when it does not fit the run's state.

    Repeating what is already so (a second acknowledgement, a pause of a paused run) changes and says nothing.
    """
    run = scene.runs.find(event.data["run_id"])
    if run is None:
        raise AssertionError("refuse_update comes first")
    extra = Extra(actor=_text(event.data, "actor"), note=_text(event.data, "note"))
    known, run.tally = run.tally, copy(run.tally)
    run.tally.told(event.type, min(max(event.time_ms, run.opened_ms), scene.now_ms))
    rejected = HANDLERS[event.type](scene, run, event, extra)
    if rejected is None:
        run.touched_ms = scene.now_ms
    else:
        run.tally = known
    return rejected


def _acknowledged(scene: Scene, run: Run, _event: Event, extra: Extra) -> None:
    if not run.acknowledged:
        _stop_acknowledge(run)
        scene.tell(run, "acknowledged", extra)


def _started(scene: Scene, run: Run, _event: Event, extra: Extra) -> None:
    if not run.started:
        _stop_act(run)
        scene.tell(run, "started", extra)


def _step_completed(scene: Scene, run: Run, event: Event, extra: Extra) -> None:
    step = _text(event.data, "step")
    if step is not None and step in run.steps_done:
        return
    _stop_act(run)
    _note_step(run, step)
    scene.tell(run, "completed", Extra(actor=extra.actor, note=extra.note, step=step))


def _step_skipped(scene: Scene, run: Run, event: Event, extra: Extra) -> None:
    """Somebody looked at the run and decided: that acknowledges it, but nobody acted yet."""
    step = _text(event.data, "step")
    if step is not None and step in run.steps_done:
        return
    _stop_acknowledge(run)
    _note_step(run, step)
    scene.tell(run, "skipped", Extra(actor=extra.actor, note=extra.note, step=step))


def _replied(scene: Scene, run: Run, _event: Event, extra: Extra) -> None:
    scene.tell(run, "replied", extra)


def _snoozed(scene: Scene, run: Run, event: Event, extra: Extra) -> Reject | None:
    """The clocks that run are pushed on by the time until `until`, at most the policy's longest snooze."""
    if run.paused_ms is not None:
        return Reject("wrong_state", f"run {run.id} is paused: resume it before snoozing it")
    until_ms = _moment(event.data, "until")
    if until_ms is None or until_ms <= scene.now_ms:
        return Reject("wrong_state", f"run {run.id}: run.snoozed needs `until`, a time after the present one")
    by_ms = min(until_ms - scene.now_ms, scene.policy.sla.longest_snooze_days * DAY_MS)
    for clock in run.running:
        if clock is not None:
            shift(clock, by_ms)
    scene.tell(run, "snoozed", extra)
    return None


def _paused(scene: Scene, run: Run, _event: Event, extra: Extra) -> None:
    if run.paused_ms is None:
        run.paused_ms = scene.now_ms
        scene.tell(run, "paused", extra)


def _resumed(scene: Scene, run: Run, _event: Event, extra: Extra) -> None:
    if run.paused_ms is not None:
        resume(scene, run)
        scene.tell(run, "resumed", extra)


def _reassigned(scene: Scene, run: Run, event: Event, extra: Extra) -> Reject | None:
    named = _text(event.data, "owner")
    if named is None:
        return Reject("wrong_state", f"run {run.id}: run.reassigned needs `owner`, the id of the person who takes it")
    person = scene.policy.team.person(named)
    detail = f"reassigned by {extra.actor or 'the CRM'}, from {run.owner.name}"
    if person is None:
        run.owner = Assignee(named, named, run.owner.role, None, "reassigned", detail + ", not listed in the owners file")
    elif person.id == run.owner.id:
        return None
    else:
        run.owner = Assignee(person.id, person.name, run.owner.role, person.email, "reassigned", detail)
    confirm_owner(scene, run)
    scene.tell(run, "reassigned", extra)
    return None


def _closed(scene: Scene, run: Run, event: Event, extra: Extra) -> Reject | None:
    code = next((known for known in _CODES if known == event.data.get("code")), None)
    if code is None:
        return Reject("wrong_state", f"run {run.id}: run.closed needs `code`, one of {', '.join(_CODES)}")
    end(scene, run, Extra(actor=extra.actor, code=code, note=extra.note))
    return None


HANDLERS: Mapping[str, Handler] = {
    "run.acknowledged": _acknowledged,
    "run.started": _started,
    "run.step_completed": _step_completed,
    "run.step_skipped": _step_skipped,
    "run.replied": _replied,
    "run.snoozed": _snoozed,
    "run.paused": _paused,
    "run.resumed": _resumed,
    "run.reassigned": _reassigned,
    "run.closed": _closed,
}


def _stop_acknowledge(run: Run) -> None:
    run.acknowledged = True
    run.acknowledge = None


def _stop_act(run: Run) -> None:
    _stop_acknowledge(run)
    run.started = True
    run.act = None


def _note_step(run: Run, step: str | None) -> None:
    if step is not None:
        run.steps_done.append(step)
        del run.steps_done[:-STEPS_AT_MOST]


def _text(data: Mapping[str, Any], field: str) -> str | None:
    value = data.get(field)
    return value[:NOTE_AT_MOST] if isinstance(value, str) and value else None


def _moment(data: Mapping[str, Any], field: str) -> int | None:
    value = data.get(field)
    return epoch_ms(value) if isinstance(value, datetime) else None
