"""Time in a play: its steps begin, repeat, run late or lapse."""

from collections.abc import Iterator

from plays.runs.course.moments import Next, moments
from plays.runs.run import Run
from schemas.records.decision import Reason
from streams.processing.effects import Effect
from streams.router.course.hours import later_for
from streams.router.course.pins import plan_of_run, playbook_of, rests
from streams.router.course.silence import topic_of
from streams.router.course.walking import go_on
from streams.router.decisions import about_step
from streams.router.scene import Scene


class Steps:
    """What the clock alone decides of a run's steps. What needs proof that nothing came is in `silences`."""

    def next_ms(self, scene: Scene, run: Run) -> int | None:
        """The earliest moment of any step."""
        return min((one.at_ms for one in _moments(scene, run) if one.proof is None), default=None)

    def act(self, scene: Scene, run: Run, at_ms: int) -> None:  # noqa: ARG002 said at the present moment
        """Go on."""
        go_on(scene, run)


def silences(scene: Scene) -> dict[str, int]:
    """The earliest moment, by topic, up to which something must be proven not to have come."""
    found: dict[str, int] = {}
    for run in scene.runs.open:
        for one in _moments(scene, run):
            if one.proof is not None:
                topic = topic_of(run, one.proof)
                found[topic] = min(one.at_ms, found.get(topic, one.at_ms))
    return found


def held_steps(scene: Scene, topic: str, at_ms: int) -> list[Effect]:
    """A decision for each step whose moment has come and whose silence nobody can vouch for."""
    held: list[Effect] = []
    for run in scene.runs.open:
        compiled = playbook_of(scene, run)
        for one in _moments(scene, run):
            if compiled is not None and one.proof is not None and one.at_ms <= at_ms and topic_of(run, one.proof) == topic:
                step = compiled.playbook.steps[one.place].name
                detail = f"its moment has come, and {topic} is not heard from: it is decided when that returns"
                held.append(about_step(scene.cells.account_id, run, step, scene.now_ms, Reason.HELD, detail, {"topic": topic}))
    return held


def _moments(scene: Scene, run: Run) -> Iterator[Next]:
    if run.course is None or run.course.finished_ms is not None:
        return
    if rests(scene, run):
        spell = run.rests.resting(scene.now_ms)
        if spell is not None and spell.end_ms is not None:
            yield Next(spell.end_ms, None, -1)
        return
    plan = plan_of_run(scene, run)
    if plan is not None:
        yield from moments(run.course, plan, later_for(scene, run), act_clock_runs=run.act is not None)
