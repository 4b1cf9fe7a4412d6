"""Pauses, snoozes and resumptions, and what they do to the clocks."""

from plays.runs.course.reports import give_time
from plays.runs.rests import Kind, Word
from plays.runs.run import DAY_MS, Run
from plays.sla.clocks import CLOCKS, push, stood_still
from schemas.events.event import Event
from schemas.records.wire import utc
from streams.processing.effects import Reject
from streams.router.course.walking import go_on
from streams.router.escalation import put_off
from streams.router.messages import Extra
from streams.router.scene import ACTOR, Scene
from streams.router.told import Told

_OF: dict[str, Kind] = {"run.paused": "paused", "run.resumed": "resumed", "run.snoozed": "snoozed"}
_LATER = "a later word counts"


def on_rest(scene: Scene, run: Run, event: Event, told: Told) -> Reject | None:
    """A pause, a snooze or a resumption of this moment. Says it when it changes when the run rests, or rested."""
    word = Word(told.at_ms, _OF[event.type], reason=told.reason)
    extra = Extra(actor=told.actor, note=told.note, reason=told.reason)
    if word.kind == "snoozed":
        if told.until_ms is None or told.until_ms <= told.at_ms:
            return Reject("wrong_state", f"run {run.id}: run.snoozed needs `until`, a time after its own `occurred_at`")
        word.until_ms = min(told.until_ms, told.at_ms + scene.policy.sla.longest_snooze_days * DAY_MS)
        extra = Extra(actor=told.actor, note=told.note, reason=told.reason, until=utc(word.until_ms))
    if not _take(scene, run, word):
        return None
    scene.tell(run, word.kind, extra)
    _set_right(scene, run, word)
    go_on(scene, run)
    return None


def end_rest(scene: Scene, run: Run, note: str) -> None:
    """End a rest now, because of something that will not wait, and say so. A pause from before it that is told later comes too late."""
    if run.paused_ms is not None or run.rests.resting(scene.now_ms) is not None:
        _take(scene, run, Word(scene.now_ms, "resumed"))
        if run.launched:
            scene.tell(run, "resumed", Extra(actor=ACTOR, note=note))
    run.rests.settle(scene.now_ms)


def _take(scene: Scene, run: Run, word: Word) -> bool:
    if run.paused_ms is not None and not run.rests.words:  # paused by a release that kept nothing else
        run.rests.take(Word(run.paused_ms, "paused"))
    change = run.rests.take(word)
    if change is None:
        return False
    run.paused_ms = run.rests.open_since()
    hours, sla = scene.calendar(run), scene.policy.sla
    for name, clock in zip(CLOCKS, run.running, strict=True):
        if clock is not None:
            was, now = ([(s.start_ms, s.end_ms) for s in one if s.end_ms is not None and sla.stops(s.reason, name)] for one in change)
            push(clock, stood_still(clock, now, hours) - stood_still(clock, was, hours), hours)
    put_off(scene, run, change)
    by_ms = change.by_ms
    if run.course is not None:
        give_time(run.course, by_ms)
    return True


def _set_right(scene: Scene, run: Run, word: Word) -> None:
    """Where a word came late, subscribers must not take it for the present state: the word that counts is said again."""
    resting = run.rests.resting(scene.now_ms)
    if word.kind == "resumed" and resting is not None:
        until = None if resting.end_ms is None else utc(resting.end_ms)
        scene.tell(run, "paused" if until is None else "snoozed", Extra(actor=ACTOR, note=_LATER, reason=resting.reason, until=until))
    elif word.kind != "resumed" and resting is None:
        scene.tell(run, "resumed", Extra(actor=ACTOR, note=_LATER))
