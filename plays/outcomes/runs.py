"""What the review asks of each run: from the records of outcomes, or folded from the messages of plays where these are not given."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from schemas.records.play_message import ClosureCode, PlayMessage, Step
from schemas.records.play_outcome import PlayOutcome
from schemas.records.wire import SOURCE

_SEEN = frozenset({"acknowledged", "started", "completed", "skipped"})
_ACTED = frozenset({"started", "completed"})


@dataclass(slots=True)
class RunOutcome:
    """One run as far as it is told. `steps` are those of its latest listing; `code` is None while it is open.

    `segment_path` is None where only messages tell of the run. `counted`: steps completed and steps asked, where an outcome says so.
    """

    play: str
    account_id: str
    launched: datetime
    rule: str = ""
    segment_path: tuple[str, ...] | None = None
    acknowledged: datetime | None = None
    acted: datetime | None = None
    closed: datetime | None = None
    breaches: int = 0
    escalations: int = 0
    counted: tuple[int, int] | None = None
    steps: tuple[Step, ...] = ()
    joined: int = 0
    completed: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    code: ClosureCode | None = None

    @classmethod
    def of(cls, told: PlayOutcome) -> "RunOutcome":
        """The run as its outcome tells."""
        steps, breaches = told.steps, told.breaches
        return cls(
            play=told.play,
            account_id=told.account_id,
            launched=told.opened,
            rule=told.rule,
            segment_path=told.segment_path,
            acknowledged=told.acknowledged,
            acted=told.acted,
            closed=told.closed,
            breaches=breaches.acknowledge + breaches.act + breaches.resolve,
            escalations=told.escalations,
            counted=(steps.completed, steps.completed + steps.skipped + steps.cancelled),
            joined=told.triggers - 1,
            code=told.code,
        )

    def hear(self, message: PlayMessage) -> None:
        """The next message of the run. Its times are those at which Playcall spoke."""
        kind = message.kind
        if message.steps and kind != "step_due":  # that lists itself alone
            self.steps = message.steps
        if kind in _SEEN and message.actor != SOURCE and self.acknowledged is None:
            self.acknowledged = message.time
        if kind in _ACTED and message.actor != SOURCE and self.acted is None:
            self.acted = message.time
        if kind in ("joined", "upgraded"):
            self.joined += 1
        elif kind == "completed" and message.step is not None:
            self.completed.add(message.step)
        elif kind == "skipped" and message.step is not None:
            self.skipped.add(message.step)
        elif kind == "sla_breach":
            self.breaches += 1
        elif kind == "escalated":
            self.escalations += 1
        elif kind == "closed":
            self.code, self.closed = message.code, message.time

    def step_counts(self) -> tuple[int, int]:
        """How many steps were completed, of how many that were asked."""
        if self.counted is not None:
            return self.counted
        asked = self.asked()
        return sum(name in self.completed for name in asked), len(asked)

    def asked(self) -> tuple[str, ...]:
        """Names of the steps that were for somebody to do.

        A step that only a condition or a failed wait lets begin was asked only if somebody did or skipped it.
        """
        touched = self.completed | self.skipped
        return tuple(step.name for step in self.steps if step.name in touched or (step.only_if is None and step.after is not None))


class Outcomes:
    """A fold over `play-launches` and `play-outcomes`, in any order of runs; messages of a run in their sequence, repetitions allowed."""

    def __init__(self) -> None:
        self.runs: dict[str, RunOutcome] = {}
        self.churned: dict[str, list[datetime]] = {}
        self.until: datetime | None = None
        """The latest moment anything is known of."""
        self._seen: dict[str, int] = {}
        self._concluded: set[str] = set()

    def take(self, message: PlayMessage) -> None:
        """One message. A run whose launch is not among the messages is left out: nobody could say when it began."""
        self.saw(message.time)
        if message.run_id in self._concluded or message.sequence <= self._seen.get(message.run_id, 0):
            return
        self._seen[message.run_id] = message.sequence
        if message.kind == "launched":
            self.runs[message.run_id] = RunOutcome(
                message.play,
                message.account_id,
                message.time,
                rule=message.rules[0],
                steps=message.steps,
                joined=len(message.triggers) - 1,  # while its owner was asked for
            )
            return
        run = self.runs.get(message.run_id)
        if run is None:
            return
        run.hear(message)
        if message.kind == "closed" and message.code == "customer_churned":
            self.churn(message.account_id, message.time)

    def conclude(self, told: PlayOutcome) -> None:
        """The outcome of a run: it counts, whatever messages tell of the run before or after it."""
        self.saw(told.closed)
        if told.run_id in self._concluded:
            return
        self._concluded.add(told.run_id)
        self.runs[told.run_id] = RunOutcome.of(told)
        if told.code == "customer_churned":
            self.churn(told.account_id, told.closed)

    def take_all(self, messages: Iterable[PlayMessage]) -> None:
        """Every message of an iterable."""
        for message in messages:
            self.take(message)

    def churn(self, account_id: str, moment: datetime) -> None:
        """The account left at this moment: from its events, or from the closure of a run."""
        self.saw(moment)
        self.churned.setdefault(account_id, []).append(moment)

    def saw(self, moment: datetime) -> None:
        """Something is known of this moment, so what has not happened by then has not happened."""
        if self.until is None or moment > self.until:
            self.until = moment

    def left_between(self, account_id: str, start: datetime, end: datetime) -> bool:
        """Whether the account left in `[start, end)`."""
        return any(start <= moment < end for moment in self.churned.get(account_id, ()))
