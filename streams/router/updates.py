"""What the CRM and e-mail systems report about a run.

Updates may come twice and in any order. What they say happened is taken for the moment it happened at (`occurred_at`), and what
came later in time counts: an older report never undoes a newer one. docs/subscribers.md has the rules for people.
"""

from collections.abc import Callable, Mapping
from copy import copy

from plays.runs.run import STEPS_AT_MOST, Assignee, Run, Runs
from schemas.events.event import Event
from schemas.records.wire import rfc3339, utc
from streams.processing.effects import Reject
from streams.router.closing import end
from streams.router.course.leaving import leave_or_go_on
from streams.router.course.reporting import news, unknown_step
from streams.router.escalation import come_down
from streams.router.handover import change_owner
from streams.router.messages import Extra
from streams.router.resting import on_rest
from streams.router.roster import confirm_owner
from streams.router.scene import Scene
from streams.router.told import Told, read

Handler = Callable[[Scene, Run, Event, Told], Reject | None]


def without_run(runs: Runs, event: Event) -> Reject | None:
    """An update that names no open run people were told of: a `Reject`, or None where it is only late or repeated, and nothing is to do.

    What happened before a run was closed may be told after it; so may the closing itself, again or by another system before.
    """
    run_id: str = event.data["run_id"]
    stub = runs.closed_run(run_id)
    if stub is None:
        asked = "" if runs.find(run_id) is None else " that anybody was told of yet: its owner is being asked for"
        return Reject("unknown_run", f"{event.type}: account {event.account_id} has no run {run_id!r}{asked}")
    if stub.said_ms is not None and event.time_ms < stub.said_ms:
        return None
    if event.type == "run.closed" and event.data.get("code") == stub.code:
        return None
    code = "" if stub.code is None else f" with {stub.code}"
    return Reject("wrong_state", f"{event.type}: run {run_id} is already closed{code}, since {rfc3339(utc(stub.closed_ms))}")


def apply_update(scene: Scene, event: Event) -> Reject | None:
    """Apply a `run.*` event of an open run; a `Reject` (and no change) when it does not fit the run.

    Repeating what is already so (a second acknowledgement, a pause of a paused run) changes and says nothing.
    """
    run = scene.runs.find(event.data["run_id"])
    if run is None:
        raise AssertionError("without_run comes first")
    told = read(event, run, scene.now_ms)
    known, run.tally = run.tally, copy(run.tally)
    run.tally.told(event.type, told.at_ms)
    rejected = HANDLERS[event.type](scene, run, event, told)
    if rejected is None:
        run.touched_ms = scene.now_ms
    else:
        run.tally = known
    return rejected


def _acknowledged(scene: Scene, run: Run, _event: Event, told: Told) -> Reject | None:
    if not run.acknowledged and told.at_ms >= run.anew_ms:
        _stop_acknowledge(run, told)
        scene.tell(run, "acknowledged", _extra(told))
    return None


def _started(scene: Scene, run: Run, _event: Event, told: Told) -> Reject | None:
    if not run.started and told.at_ms >= run.anew_ms:
        _stop_act(run, told)
        scene.tell(run, "started", _extra(told))
    return None


def _step_completed(scene: Scene, run: Run, event: Event, told: Told) -> Reject | None:
    """Of a step that has ended otherwise only this remains: somebody acted."""
    unknown = unknown_step(scene, run, told.step)
    if unknown is not None:
        return unknown
    if not news(scene, run, told, skipped=False):
        return _started(scene, run, event, told)
    _stop_act(run, told)
    _note_step(run, told.step)
    scene.tell(run, "completed", _extra(told))
    leave_or_go_on(scene, run)
    return None


def _step_skipped(scene: Scene, run: Run, event: Event, told: Told) -> Reject | None:
    """Somebody looked at the run and decided: that acknowledges it, but nobody acted yet."""
    unknown = unknown_step(scene, run, told.step)
    if unknown is not None:
        return unknown
    if not news(scene, run, told, skipped=True):
        return _acknowledged(scene, run, event, told)
    _stop_acknowledge(run, told)
    _note_step(run, told.step)
    scene.tell(run, "skipped", _extra(told))
    leave_or_go_on(scene, run)
    return None


def _replied(scene: Scene, run: Run, _event: Event, told: Told) -> None:
    scene.tell(run, "replied", _extra(told))
    if run.course is not None:
        run.course.facts.answered = True
        leave_or_go_on(scene, run)


def _reassigned(scene: Scene, run: Run, _event: Event, told: Told) -> Reject | None:
    if told.owner is None:
        return Reject("wrong_state", f"run {run.id}: run.reassigned needs `owner`, the id of the person who takes it")
    if told.at_ms < run.owned_ms:  # somebody has got it since
        return None
    run.owned_ms = told.at_ms
    person = scene.policy.team.person(told.owner)
    detail = f"reassigned by {told.actor or 'the CRM'}, from {run.owner.name}"
    if person is None:
        if told.owner == run.owner.id:
            return None
        owner = Assignee(told.owner, told.owner, run.owner.role, None, "reassigned", detail + ", not listed in the owners file")
    elif person.id == run.owner.id:
        return None
    else:
        owner = Assignee(person.id, person.name, run.owner.role, person.email, "reassigned", detail)
    change_owner(scene, run, owner)
    confirm_owner(scene, run)
    scene.tell(run, "reassigned", _extra(told))
    return None


def _closed(scene: Scene, run: Run, _event: Event, told: Told) -> Reject | None:
    exits = scene.playbooks[run.play].playbook.exits if run.play in scene.playbooks else ()
    allowed = scene.policy.codes.allowed(run.play, (rule.code for rule in exits))
    code = next((known for known in allowed if known == told.code), None)
    if code is None:
        what = "run.closed needs `code`" if told.code is None else f"its play {run.play} is not closed with {told.code!r}"
        fix = "send one of these, or let closure-codes.yaml of the policy allow it"
        return Reject("wrong_state", f"run {run.id}: {what}; it closes with {', '.join(allowed)}: {fix}")
    end(scene, run, Extra(actor=told.actor, code=code, note=told.note))
    return None


HANDLERS: Mapping[str, Handler] = {
    "run.acknowledged": _acknowledged,
    "run.started": _started,
    "run.step_completed": _step_completed,
    "run.step_skipped": _step_skipped,
    "run.replied": _replied,
    "run.snoozed": on_rest,
    "run.paused": on_rest,
    "run.resumed": on_rest,
    "run.reassigned": _reassigned,
    "run.closed": _closed,
}


def _stop_acknowledge(run: Run, told: Told) -> None:
    """Not from before a more urgent trigger gave the run to somebody else: they have not seen it."""
    if told.at_ms >= run.anew_ms:
        run.acknowledged = True
        run.acknowledge = None
        come_down(run)


def _stop_act(run: Run, told: Told) -> None:
    _stop_acknowledge(run, told)
    if told.at_ms >= run.anew_ms:
        run.started = True
        run.act = None


def _note_step(run: Run, step: str | None) -> None:
    if step is not None:
        run.steps_done.append(step)
        del run.steps_done[:-STEPS_AT_MOST]


def _extra(told: Told) -> Extra:
    return Extra(actor=told.actor, note=told.note, step=told.step, reason=told.reason)
