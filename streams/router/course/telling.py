"""What is said of a step when something happens to it."""

from collections.abc import Mapping

from plays.playbooks.book import RULER, CompiledPlaybook
from plays.playbooks.context import Account, DueStep, launch_context
from plays.runs.asking import of_play
from plays.runs.course.facts import speak_to, write
from plays.runs.course.happenings import (
    CadenceEnded,
    Finished,
    Happening,
    StepCancelled,
    StepDue,
    StepLapsed,
    StepLeftOut,
    StepOverdue,
)
from plays.runs.course.state import Course
from plays.runs.roles import AUTOMATION
from plays.runs.run import Run
from schemas.records.decision import Reason
from schemas.records.play_message import Contact, StepCondition
from schemas.records.wire import rfc3339, utc
from streams.processing.account import PROFILE
from streams.router.account import who_to_reach
from streams.router.decisions import about_step
from streams.router.messages import Extra, published_owner
from streams.router.roster import release
from streams.router.scene import ACTOR, Scene

_HOLDS: Mapping[StepCondition, str] = {
    "replied": "the customer has answered",
    "no_reply": "the customer has not answered",
    "resolved": "it is resolved",
    "unresolved": "it is not resolved",
    "recovered": "the account has recovered",
    "still_true": "what the rule saw is still so",
    "meeting_held": "a meeting was held",
    "no_meeting": "no meeting was held",
}
_DENIED: Mapping[StepCondition, StepCondition] = {
    "replied": "no_reply", "no_reply": "replied", "resolved": "unresolved", "unresolved": "resolved",
    "recovered": "still_true", "still_true": "recovered", "meeting_held": "no_meeting", "no_meeting": "meeting_held",
}  # fmt: skip


def tell_of(scene: Scene, run: Run, course: Course, compiled: CompiledPlaybook, one: Happening) -> None:
    """Publish one happening."""
    steps = compiled.playbook.steps
    match one:
        case StepDue():
            _due(scene, run, course, compiled, one)
        case StepLeftOut(place, why, condition, detail):
            note = detail if condition is None else f"left out: {_HOLDS[_DENIED[condition]]}"
            if why == "not_needed":
                note = "not needed: what it stands in for came"
            scene.tell(run, "step_left_out", Extra(actor=ACTOR, step=steps[place].name, note=note))
            free(scene, run, steps[place].name)  # somebody may have been found meanwhile
        case StepOverdue(place, due_ms):
            owner = _who(run, course.steps[place].owner)
            scene.tell(run, "step_overdue", Extra(step=steps[place].name, due=utc(due_ms), note=f"with {owner}"))
        case StepLapsed(place, at_ms, ended):
            _lapsed(scene, run, compiled, place, at_ms, ended=ended)
        case CadenceEnded(place, condition):
            note = "its time is over" if condition is None else _HOLDS[condition]
            scene.tell(run, "step_ended", Extra(actor=ACTOR, step=steps[place].name, note=note))
            free(scene, run, steps[place].name)
        case StepCancelled(place):
            raise AssertionError(f"step {place} of run {run.id}: cancelling says so itself")
        case Finished():
            scene.tell(run, "steps_ended", Extra(actor=ACTOR, note="nothing is left to do: close the run with the code that is true"))


def free(scene: Scene, run: Run, step: str) -> None:
    """Nobody holds the step, and nobody is asked for, any more."""
    question = of_play(step, run.plays)
    run.asked[:] = [asked for asked in run.asked if asked.step != question]
    release(scene, run, question)


def _due(scene: Scene, run: Run, course: Course, compiled: CompiledPlaybook, one: StepDue) -> None:
    stated, state = compiled.playbook, course.steps[one.place]
    step = stated.steps[one.place]
    run.touched_ms = scene.now_ms
    holder = published_owner(run) if one.owner is None else one.owner
    reach: tuple[Contact, ...] = ()
    if run.case is not None:
        reach = who_to_reach(scene.cells, run.case, stated.reach_of(step) if step.writes else (), stated.reach_at_most)
    if step.writes:
        speak_to(course.facts, tuple(contact.id for contact in reach[:1]))
        if holder.id == AUTOMATION:  # nobody stands between: it goes out as it is asked for
            write(course.facts, scene.now_ms)
    due = None if state.due_ms is None else utc(state.due_ms)
    listed = compiled.listed[one.place].model_copy(update={"owner_role": holder.role, "owner": holder.id, "due_by": due})
    extra = Extra(
        step=step.name,
        steps=(listed,),
        holder=holder,
        due=due,
        time_of=one.time if step.repeat is not None else None,
        who_to_reach=reach,
        message=_words(scene, run, compiled, one.place, reach),
    )
    scene.tell(run, "step_due", extra)


def _words(scene: Scene, run: Run, compiled: CompiledPlaybook, place: int, reach: tuple[Contact, ...]) -> str | None:
    """What the customer reads, a line `---` and what the step's owner reads; or whichever of the two there is."""
    case, course = run.case, run.course
    if case is None or course is None:
        return None
    context = launch_context(
        case,
        _account(scene),
        published_owner(run),
        reach[0] if reach else None,
        None if course.act_by_ms is None else utc(course.act_by_ms),
        DueStep(compiled.playbook.steps[place].name, None if (due := course.steps[place].due_ms) is None else utc(due)),
    )
    texts = (compiled.message(place, context), compiled.step_briefing(place, context))
    return f"\n{RULER}\n".join(text for text in texts if text) or None


def _lapsed(scene: Scene, run: Run, compiled: CompiledPlaybook, place: int, at_ms: int, *, ended: bool) -> None:
    step = compiled.playbook.steps[place]
    age = step.max_age or compiled.playbook.max_age
    note = f"it should have begun at {rfc3339(utc(at_ms))} and is not begun after {age}"
    name = step.name if ended else f"{step.name} ({rfc3339(utc(at_ms))})"
    scene.effects.append(about_step(scene.cells.account_id, run, name, scene.now_ms, Reason.TOO_OLD, note, {}))
    if ended:
        scene.tell(run, "step_lapsed", Extra(actor=ACTOR, step=step.name, due=utc(at_ms), note=note))
        free(scene, run, step.name)


def _account(scene: Scene) -> Account:
    profile = scene.cells[PROFILE]
    return Account(scene.cells.account_id, profile.name, profile.industry)


def _who(run: Run, person: str) -> str:
    return person or run.owner.name
