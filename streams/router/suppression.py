"""What stands against a launch or a message of this account now."""

from plays.runs.course.machine import ask_anew
from plays.runs.run import Run
from plays.suppression.judgement import judge
from plays.suppression.touches import Touches
from plays.suppression.verdict import Action, Hold, OpenRun, Verdict
from schemas.records.decision import Reason
from schemas.records.trigger import Scalar, Trigger
from schemas.records.wire import rfc3339, utc
from streams.processing.account import PROFILE
from streams.processing.cell import Cell
from streams.processing.segment_facts import facts_of
from streams.router.decisions import about_step
from streams.router.scene import Scene


def _trim(touches: Touches) -> int:
    """Contacts who were written to longest ago; the account's own count stays."""
    longest_ago = next(iter(touches.contacts), None)
    if longest_ago is None:
        return 0
    del touches.contacts[longest_ago]
    return 1


TOUCHES: Cell[Touches] = Cell("touches", Touches, version=1, trim=_trim)


def against_launch(scene: Scene, trigger: Trigger) -> Verdict:
    """Whether the trigger may start a run now. One that joins an open run speaks to nobody new, and is not to be asked about."""
    return _judge(scene, Action("launch", scene.cells.account_id, trigger.rule, trigger.play, trigger.concern, trigger.priority))


def against_message(scene: Scene, run: Run, contact: str | None) -> Verdict:
    """Whether a step of the run whose words the customer reads may go now. `contact`: whom it is for, as far as that is known."""
    about = Action("message", scene.cells.account_id, run.rules[0], run.play, run.concern, run.priority, contact=contact, run=run.id)
    return _judge(scene, about)


def note_message(scene: Scene, contact: str | None) -> None:
    """A message goes out now: the contact budget counts it, whatever its priority."""
    if scene.policy.suppression.policy.contact_budget is not None:
        scene.cells.edit(TOUCHES).note(contact, scene.now_ms)


def hushed(run: Run) -> bool:
    """Whether a message of the run waits."""
    return run.course is not None and any(step.hushed and not step.ended for step in run.course.steps)


def judge_anew(scene: Scene) -> None:
    """Another policy: messages that wait are not to wait for what the old one said."""
    for run in scene.runs.open:
        for step in run.course.steps if run.course is not None else ():
            if step.hushed:
                ask_anew(step, scene.now_ms)


def say_step_held(scene: Scene, run: Run, step: str, hold: Hold) -> None:
    """Record that a step waits. Once for each hold, not at each look."""
    detail = f"its message waits{until(hold)}: {reasons(hold)}"
    scene.effects.append(about_step(scene.cells.account_id, run, step, scene.now_ms, Reason.STEP_HELD, detail, facts(hold)))


def reasons(hold: Hold) -> str:
    """All that stands against it, the one that lasts longest first."""
    governing = hold.governing
    others = [cause for cause in hold.causes if cause is not governing]
    return "; also ".join(f"{cause.by} ({cause.detail})" for cause in (governing, *others))


def until(hold: Hold) -> str:
    """Until when, in words; nothing where time alone does not end it."""
    return "" if hold.until_ms is None else f" until {rfc3339(utc(hold.until_ms))}"


def facts(hold: Hold) -> dict[str, Scalar]:
    """The same for machines: what governs, until when, and all reasons."""
    governing = hold.governing
    return {
        "by": governing.by,
        "kind": governing.kind,
        "kinds": ", ".join(dict.fromkeys(cause.kind for cause in hold.causes)),
        "until": None if governing.until_ms is None else rfc3339(utc(governing.until_ms)),
    }


def _judge(scene: Scene, action: Action) -> Verdict:
    suppression, profile = scene.policy.suppression, scene.cells[PROFILE]
    path = suppression.path(facts_of(profile, scene.policy.touch, scene.now_ms))
    runs = [OpenRun(run.id, run.concern, run.priority) for run in scene.runs.open]
    action = action._replace(path=path, region=profile.region, timezone=profile.timezone)
    return judge(suppression.policy, action, runs, scene.cells[TOUCHES], scene.now_ms)
