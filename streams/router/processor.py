"""The router: triggers and updates in, the life of every run out."""

from collections.abc import Iterable

from plays.playbooks.book import Playbooks
from plays.runs.policy import RunPolicy
from schemas.catalogue import UPDATES
from schemas.events.event import Event
from schemas.records.decision import Decision, Reason, decision_id
from schemas.records.trigger import Trigger
from schemas.records.wire import utc
from streams.processing.account import PROFILE
from streams.processing.cells import Cells
from streams.processing.deadline import Deadline
from streams.processing.effects import CancelDeadline, Cleared, Decide, Effect, Reject, SetDeadline
from streams.processing.judging import Judge
from streams.processing.moment import Mode, Moment
from streams.processing.proof import Topics
from streams.router.asking import ANSWER, on_answer
from streams.router.cells import RUNS
from streams.router.closing import end
from streams.router.launch import answer
from streams.router.messages import Extra
from streams.router.requests import read_request
from streams.router.scene import ACTOR, Scene
from streams.router.timers import next_moment, pass_time
from streams.router.updates import HANDLERS, apply_update, without_run

DEADLINE = "runs"


class RouterProcessor:
    """Answers triggers with runs and keeps their clocks; a `TriggerProcessor`.

    An account has one deadline, `runs`, at the earliest thing any of its runs has to say: it is a function of the runs,
    so nothing needs to be cancelled when a clock stops. It has no grace: a clock that runs out is said at once.
    """

    name = "router"
    event_types = frozenset((*HANDLERS, "trigger.requested", "account.churned", ANSWER))

    cells = (RUNS,)

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
        if event.type == ANSWER:
            scene = self._scene(cells, moment)
            on_answer(scene, event)
            return self._settle(scene)
        if cells[RUNS].find(event.data["run_id"]) is None:  # before the cell is opened for writing: a stray update costs no write
            refused = without_run(cells[RUNS], event)
            return () if refused is None else (refused,)
        scene = self._scene(cells, moment)
        rejected = apply_update(scene, event)
        return (rejected,) if rejected is not None else self._settle(scene)

    def on_trigger(self, cells: Cells, trigger: Trigger, moment: Moment) -> Iterable[Effect]:
        """Launch, join or upgrade; a decision when nothing may launch; nothing for a trigger already answered."""
        if moment.historical or trigger.historical:
            return (self._decline(trigger, moment, Reason.HISTORICAL, "before go-live: nothing launches"),)
        if cells[PROFILE].churned_ms is not None:
            return (self._decline(trigger, moment, Reason.CHURNED, "the account has churned: nobody is sent"),)
        if cells[RUNS].knows(trigger.trigger_id):
            return ()
        scene = self._scene(cells, moment)
        answer(scene, trigger)
        return self._settle(scene)

    def on_cleared(self, cells: Cells, cleared: Cleared, moment: Moment) -> Iterable[Effect]:  # noqa: ARG002 runs go on
        """What a run is about is over; the people at it decide."""
        return ()

    def on_deadline(self, cells: Cells, deadline: Deadline, moment: Moment) -> Iterable[Effect]:
        """Everything due until the deadline's own moment: warnings, breaches, escalations; then the next deadline."""
        scene = self._scene(cells, moment)
        scene.runs.armed_ms = None
        scene.unproven = moment.proof is not None and moment.proof.unproven
        pass_time(scene, deadline.at_ms)
        return self._settle(scene)

    def silent_topics(self, name: str) -> Topics:  # noqa: ARG002 there is one
        """Its clocks say that nobody has answered."""
        return (UPDATES,)

    def on_held(self, cells: Cells, deadline: Deadline, moment: Moment) -> Iterable[Effect]:  # noqa: ARG002 it sets no silences
        """Clocks are not held: they fire unproven after a minute."""
        return ()

    def _churned(self, cells: Cells, moment: Moment) -> Iterable[Effect]:
        if not cells[RUNS].open:
            return ()
        scene = self._scene(cells, moment)
        for run in tuple(scene.runs.open):
            end(scene, run, Extra(actor=ACTOR, code="customer_churned", note="the account has churned"))
        return self._settle(scene)

    def _scene(self, cells: Cells, moment: Moment) -> Scene:
        return Scene(cells, cells.edit(RUNS), moment.now_ms, self.playbooks, self.policy, [], moment.mode is Mode.CATCHING_UP)

    def _settle(self, scene: Scene) -> Iterable[Effect]:
        """Ask to be called at the next moment that matters, and leave no empty cell behind."""
        runs, effects = scene.runs, scene.effects
        at_ms = next_moment(scene)
        if at_ms != runs.armed_ms:
            effects.append(CancelDeadline(DEADLINE) if at_ms is None else SetDeadline(DEADLINE, at_ms))
            runs.armed_ms = at_ms
        if not runs.open and not runs.closed:
            scene.cells.drop(RUNS)
        return effects

    def _decline(self, trigger: Trigger, moment: Moment, reason: Reason, detail: str) -> Decide:
        time = utc(moment.now_ms)
        return Decide(
            Decision(
                decision_id=decision_id(trigger.account_id, time, reason, trigger.trigger_id),
                account_id=trigger.account_id,
                time=time,
                reason=reason,
                rule=trigger.rule,
                subject=trigger.subject,
                trigger_id=trigger.trigger_id,
                detail=f"{trigger.rule}: {detail}",
            )
        )
