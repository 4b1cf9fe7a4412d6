"""What the step machine asks of the world: conditions, proofs, and whether a step may begin with whom."""

from dataclasses import dataclass

from plays.playbooks.book import CompiledPlaybook
from plays.playbooks.step import FACING, OWNER, PlayStep
from plays.runs.asking import of_play
from plays.runs.course.facts import holds
from plays.runs.course.gate import Drop, Gate, Go, Hold
from plays.runs.course.machine import Surroundings
from plays.runs.course.state import Course
from plays.runs.owner import AUTOMATION_OWNER, choose_owner
from plays.runs.roles import AUTOMATION, RoleAsk
from plays.runs.run import Run
from plays.suppression.verdict import Drop as Never
from schemas.records.play_message import Owner, StepCondition
from streams.router.account import who_to_reach
from streams.router.course.hours import later_for
from streams.router.course.pins import rests
from streams.router.course.silence import topic_of
from streams.router.questions import ask_for_step
from streams.router.roster import confirm
from streams.router.scene import Scene
from streams.router.suppression import against_message, note_message, say_step_held


@dataclass(frozen=True, slots=True)
class Around:
    """The world of one run at one moment. `chosen`: who was found for a step that had asked."""

    scene: Scene
    run: Run
    course: Course
    compiled: CompiledPlaybook
    chosen: dict[str, Owner]

    def as_asked(self) -> Surroundings:
        """For the machine."""
        act_clock_runs = self.run.act is not None
        return Surroundings(
            later_for(self.scene, self.run), self.holds, self.proven, self.may_begin, rests(self.scene, self.run), act_clock_runs
        )

    def holds(self, condition: StepCondition) -> bool:
        """As far as the facts go."""
        return holds(condition, self.course.facts, self.course.opened_ms)

    def proven(self, condition: StepCondition, at_ms: int) -> bool:
        """Whether the feeds that would have reported the opposite were read past the moment."""
        return self.scene.quiet.get(topic_of(self.run, condition), -1) >= at_ms

    def may_begin(self, place: int) -> Gate:
        """With somebody who has the role, once the roster has named them."""
        step = self.compiled.playbook.steps[place]
        if step.kind not in FACING:
            return self._with_somebody(place, step)
        contact = self._contact(step)
        if contact is None and self._contact(step, willing=False) is not None:
            return Drop("whoever it is for does not want to be written to")
        gate = self._hush(place, step, contact) or self._with_somebody(place, step)
        if isinstance(gate, Go):
            note_message(self.scene, contact)
        return gate

    def _hush(self, place: int, step: PlayStep, contact: str | None) -> Gate | None:
        """What keeps a message from going out now; said when it is something new."""
        state, verdict = self.course.steps[place], against_message(self.scene, self.run, contact)
        if verdict is None:
            state.hushed = ""
            return None
        if isinstance(verdict, Never):
            return Drop(f"{verdict.cause.by}: {verdict.cause.detail}")
        governing = verdict.governing
        by = f"{governing.kind}:{governing.by}"
        if state.hushed != by:
            state.hushed = by
            say_step_held(self.scene, self.run, step.name, verdict)
        return Hold(verdict.until_ms)

    def _contact(self, step: PlayStep, *, willing: bool = True) -> str | None:
        """Whom the message is for, as it will be said."""
        if self.run.case is None:
            return None
        stated = self.compiled.playbook
        reach = who_to_reach(self.scene.cells, self.run.case, stated.reach_of(step), stated.reach_at_most, willing=willing)
        return reach[0].id if reach else None

    def _with_somebody(self, place: int, step: PlayStep) -> Gate:
        known = self.course.steps[place].owner
        if known:  # one more time of a cadence: it stays with whoever has it
            return Go(self._person(known, step))
        return self._somebody(step)

    def _somebody(self, step: PlayStep) -> Gate:
        scene, run = self.scene, self.run
        if step.owner_role in (OWNER, run.owner.role):
            return Go()
        if step.owner_role == AUTOMATION:
            return Go(AUTOMATION_OWNER)
        found = self.chosen.get(step.name)
        if found is not None:
            return Go(found)
        question = of_play(step.name, run.plays)
        if any(asked.step == question for asked in run.asked) or ask_for_step(scene, run, question, step.owner_role):
            return Hold()
        owner = choose_owner(RoleAsk(step.owner_role), scene.people(), scene.policy.team, away=scene.away).owner
        confirm(scene, run, question, owner.id)
        return Go(owner)

    def _person(self, person: str, step: PlayStep) -> Owner:
        if person == AUTOMATION:
            return AUTOMATION_OWNER
        known = self.scene.policy.team.person(person)
        name, email = (person, None) if known is None else (known.name, known.email)
        return Owner(id=person, name=name, role=step.owner_role, email=email, reason="continuity", detail="has the step already")
