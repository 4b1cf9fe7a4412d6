"""The router: triggers and updates in, the life of every run out."""

from collections.abc import Iterable

from plays.playbooks.book import Playbooks
from plays.runs.policy import RunPolicy
from plays.runs.run import Runs
from schemas.catalogue import UPDATES
from schemas.events.event import Event
from schemas.records.decision import Reason
from schemas.records.trigger import Trigger
from streams.processing.account import PROFILE
from streams.processing.cells import Cells
from streams.processing.deadline import Deadline
from streams.processing.effects import CancelDeadline, Cleared, Effect, Reject, SetDeadline
from streams.processing.judging import Judge
from streams.processing.library import Change
from streams.processing.moment import Mode, Moment
from streams.processing.proof import Topics
from streams.router.asking import ANSWER, on_answer
from streams.router.cells import RUNS
from streams.router.closing import end
from streams.router.course.hearing import HEARD, concerns, ended, hear, recover, rests_on_any_of
from streams.router.course.leaving import leave_or_go_on
from streams.router.course.pins import PINS
from streams.router.course.silence import deadline_of, silent_topics, topic_named
from streams.router.course.timing import held_steps, silences
from streams.router.course.walking import go_on
from streams.router.decisions import about_trigger
from streams.router.handover import recount_clocks
from streams.router.holding import HELD, end_cleared, give_up, next_release, offer, release
from streams.router.messages import Extra
from streams.router.requests import read_request
from streams.router.scene import ACTOR, Scene
from streams.router.suppression import TOUCHES, hushed, judge_anew
from streams.router.timers import next_moment, pass_time
from streams.router.updates import HANDLERS, apply_update, without_run

DEADLINE = "runs"

_PLACES = ("account.created", "account.updated")
"""What may say that a customer is somewhere else."""


class RouterProcessor:
    """Answers triggers with runs and keeps their clocks; a `TriggerProcessor` and a `Planner`.

    An account has one deadline, `runs`, at the earliest thing any of its runs has to say: it is a function of the runs,
    so nothing needs to be cancelled when a clock stops. It has no grace: a clock that runs out is said at once.
    """

    name = "router"
    event_types = frozenset((*HANDLERS, *HEARD, *_PLACES, "trigger.requested", "account.churned", ANSWER))

    cells = (RUNS, PINS, HELD, TOUCHES)

    def __init__(self, playbooks: Playbooks, policy: RunPolicy, judge: Judge | None = None) -> None:
        """`judge` says whether what a run is about still holds; without one nobody can say."""
        self.playbooks = playbooks
        self.policy = policy
        self.judge = judge

    def on_event(self, cells: Cells, event: Event, moment: Moment) -> Iterable[Effect]:
        """A report about a run, a trigger raised by others, or the end of the account."""
        if event.type == "account.churned":
            return self._churned(cells, moment)
        if event.type == "trigger.requested":
            trigger = read_request(event, moment.now_ms, moment.historical, self.playbooks)
            return (trigger,) if isinstance(trigger, Reject) else self.on_trigger(cells, trigger, moment)
        if event.type in _PLACES:
            return self._moved(cells, event, moment)
        if event.type in HEARD:
            return self._hear(cells, event, moment)
        if event.type == ANSWER:
            scene = self._scene(cells, moment)
            on_answer(scene, event)
            return self._settle(scene)
        run = cells[RUNS].find(event.data["run_id"])
        if run is None or not run.launched:  # before the cell is opened for writing: a stray update costs no write
            refused = without_run(cells[RUNS], event)
            return () if refused is None else (refused,)
        scene = self._scene(cells, moment)
        rejected = apply_update(scene, event)
        return (rejected,) if rejected is not None else self._settle(scene)

    def on_trigger(self, cells: Cells, trigger: Trigger, moment: Moment) -> Iterable[Effect]:
        """Launch, join, upgrade or hold; a decision when nothing may launch; nothing for a trigger already answered."""
        if moment.historical or trigger.historical:
            return (about_trigger(trigger, moment.now_ms, Reason.HISTORICAL, "before go-live: nothing launches"),)
        if cells[PROFILE].churned_ms is not None:
            return (about_trigger(trigger, moment.now_ms, Reason.CHURNED, "the account has churned: nobody is sent"),)
        if cells[RUNS].knows(trigger.trigger_id) or cells[HELD].knows(trigger.trigger_id):
            return ()
        scene = self._scene(cells, moment)
        offer(scene, trigger)
        return self._settle(scene)

    def on_cleared(self, cells: Cells, cleared: Cleared, moment: Moment) -> Iterable[Effect]:
        """What a run rests on is over: it ends where its play says so, else its steps know. What only ran out has not recovered."""
        if HELD not in cells and not any(concerns(run, cleared) for run in cells[RUNS].open):
            return ()
        scene = self._scene(cells, moment)
        end_cleared(scene, cleared)
        ended(scene, cleared)
        return self._settle(scene)

    def replan(self, cells: Cells, change: Change, moment: Moment) -> Iterable[Effect]:
        """Another policy or library: what waits is judged by it, unless its rule does not run any more; plays rest, or go on.

        Clocks of working time are counted anew: the hours may be others than before.
        """
        open_runs = cells[RUNS].open
        counted = any(clock is not None and clock.work_ms for run in open_runs for clock in run.running)
        alone = any(rests_on_any_of(run, change.retired) for run in open_runs)
        waits = counted or alone or any(hushed(run) for run in open_runs)
        if HELD not in cells and not (change.plays and open_runs) and not waits:
            return ()
        scene = self._scene(cells, moment)
        for run in tuple(scene.runs.open) if change.plays else ():
            leave_or_go_on(scene, run)
        for run in tuple(scene.runs.open) if alone else ():
            recover(scene, run, "its rule does not run any more")
        give_up(scene, Reason.EXPIRED, "its rule does not run any more", change.retired)
        judge_anew(scene)
        recount_clocks(scene)
        return self._settle(scene)

    def on_deadline(self, cells: Cells, deadline: Deadline, moment: Moment) -> Iterable[Effect]:
        """Everything due until the deadline's own moment: warnings, breaches, escalations; then the next deadline."""
        scene = self._scene(cells, moment)
        scene.unproven = moment.proof is not None and moment.proof.unproven
        topic = topic_named(deadline.name)
        if topic is None:
            scene.runs.armed_ms = None
            pass_time(scene, deadline.at_ms)
            return self._settle(scene, deadline.at_ms)
        scene.runs.quiet_ms.pop(topic, None)
        scene.quiet = {topic: deadline.at_ms}
        scene.moment_ms = deadline.at_ms
        for run in tuple(scene.runs.open):
            go_on(scene, run)
        scene.moment_ms = None
        return self._settle(scene)

    def silent_topics(self, name: str) -> Topics:
        """Its clocks say that nobody has answered; its silences, that the customer has not."""
        topic = topic_named(name)
        return (UPDATES,) if topic is None else silent_topics(topic)

    def on_held(self, cells: Cells, deadline: Deadline, moment: Moment) -> Iterable[Effect]:
        """A step waits for the feed that would have reported an answer. Clocks are not held: they fire unproven after a minute."""
        topic = topic_named(deadline.name)
        return () if topic is None else held_steps(self._reading(cells, moment), topic, deadline.at_ms)

    def _hear(self, cells: Cells, event: Event, moment: Moment) -> Iterable[Effect]:
        """Most accounts have no open run: that costs them a look."""
        if RUNS not in cells or not any(run.course is not None for run in cells[RUNS].open):
            return ()
        scene = self._scene(cells, moment)
        hear(scene, event)
        return self._settle(scene)

    def _moved(self, cells: Cells, event: Event, moment: Moment) -> Iterable[Effect]:
        """Clocks that are counted in the customer's hours go by those of the profile as it is now."""
        counted = any(self.policy.sla.whose(run.priority) == "customer" for run in cells[RUNS].open) if RUNS in cells else False
        if not counted or not {"timezone", "region"} & event.data.keys():
            return ()
        scene = self._scene(cells, moment)
        recount_clocks(scene)
        return self._settle(scene)

    def _churned(self, cells: Cells, moment: Moment) -> Iterable[Effect]:
        if not cells[RUNS].open and HELD not in cells:
            return ()
        scene = self._scene(cells, moment)
        give_up(scene, Reason.CHURNED, "the account has churned: nobody is sent")
        for run in tuple(scene.runs.open):
            end(scene, run, Extra(actor=ACTOR, code="customer_churned", note="the account has churned"))
        return self._settle(scene)

    def _scene(self, cells: Cells, moment: Moment) -> Scene:
        return self._seen(cells, cells.edit(RUNS), moment)

    def _reading(self, cells: Cells, moment: Moment) -> Scene:
        return self._seen(cells, cells[RUNS], moment)

    def _seen(self, cells: Cells, runs: Runs, moment: Moment) -> Scene:
        judge = self.judge
        judged = None if judge is None else lambda episode: judge.holds(cells, episode, moment)
        catching_up = moment.mode is Mode.CATCHING_UP
        return Scene(cells, runs, moment.now_ms, self.playbooks, self.policy, [], catching_up, judge=judged)

    def _settle(self, scene: Scene, passed_ms: int | None = None) -> Iterable[Effect]:
        """Let go what nothing stands against any more, ask to be called at the next moment that matters, and leave no empty cell behind.

        `passed_ms`: up to when time was passed, if not up to now.
        """
        scene.unproven = False  # what waits is about no answer
        release(scene, scene.now_ms if passed_ms is None else passed_ms)
        for run in tuple(scene.runs.open):
            if hushed(run):
                go_on(scene, run)
        runs, effects = scene.runs, scene.effects
        at_ms = min((ms for ms in (next_moment(scene), next_release(scene)) if ms is not None), default=None)
        if at_ms != runs.armed_ms:
            effects.append(CancelDeadline(DEADLINE) if at_ms is None else SetDeadline(DEADLINE, at_ms))
            runs.armed_ms = at_ms
        quiet = silences(scene)
        for topic in sorted(runs.quiet_ms.keys() | quiet.keys()):
            if (wanted := quiet.get(topic)) != runs.quiet_ms.get(topic):
                effects.append(
                    CancelDeadline(deadline_of(topic)) if wanted is None else SetDeadline(deadline_of(topic), wanted, silence=True)
                )
        runs.quiet_ms = quiet
        if not runs.open and not runs.closed and at_ms is None:
            scene.cells.drop(RUNS)
        return effects
