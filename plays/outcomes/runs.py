"""The messages of plays folded into what the review asks of each run."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from schemas.records.play_message import ClosureCode, PlayMessage, Step


@dataclass(slots=True)
class RunOutcome:
    """One run as far as its messages tell. `steps` are those of its latest listing; `code` is None while it is open."""

    play: str
    account_id: str
    launched: datetime
    steps: tuple[Step, ...] = ()
    joined: int = 0
    completed: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    code: ClosureCode | None = None

    def asked(self) -> tuple[str, ...]:
        """Names of the steps that were for somebody to do.

        A step that only a condition or a failed wait lets begin was asked only if somebody did or skipped it.
        """
        touched = self.completed | self.skipped
        return tuple(step.name for step in self.steps if step.name in touched or (step.only_if is None and step.after is not None))

    def done(self) -> int:
        """How many of the steps asked were completed."""
        return sum(name in self.completed for name in self.asked())


class Outcomes:
    """A fold over `play-launches` in any order of accounts; messages of a run in their sequence, repetitions allowed."""

    def __init__(self) -> None:
        self.runs: dict[str, RunOutcome] = {}
        self.churned: dict[str, list[datetime]] = {}
        self.until: datetime | None = None
        """The latest moment anything is known of."""
        self._seen: dict[str, int] = {}

    def take(self, message: PlayMessage) -> None:
        """One message. A run whose launch is not among the messages is left out: nobody could say when it began."""
        self.saw(message.time)
        if message.sequence <= self._seen.get(message.run_id, 0):
            return
        self._seen[message.run_id] = message.sequence
        if message.kind == "launched":
            self.runs[message.run_id] = RunOutcome(message.play, message.account_id, message.time, message.steps)
            return
        run = self.runs.get(message.run_id)
        if run is None:
            return
        if message.steps:
            run.steps = message.steps
        if message.kind in ("joined", "upgraded"):
            run.joined += 1
        elif message.kind == "completed" and message.step is not None:
            run.completed.add(message.step)
        elif message.kind == "skipped" and message.step is not None:
            run.skipped.add(message.step)
        elif message.kind == "closed":
            run.code = message.code
            if message.code == "customer_churned":
                self.churn(message.account_id, message.time)

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
