"""Where a trigger would go, as it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from plays.roster.ask import Load
from plays.roster.choice import Choice
from plays.roster.person import Person
from plays.runs.run import Run
from plays.suppression.held import Held
from plays.suppression.verdict import Verdict
from schemas.records.play_message import Clock as ClockName
from schemas.records.play_message import PlayMessage
from schemas.records.trigger import Trigger
from streams.cli.known import Known


@dataclass(frozen=True, slots=True)
class ClockView:
    """One clock of the run. `intervals` are the working hours it counts from `starts` on; None: it counts all time.

    `share` is of the first-action time; None for a run that was open before. `told`: it is known only when it is due, not what it counts.
    """

    name: ClockName
    share: int | None
    starts: datetime
    due: datetime
    calendar: str | None
    intervals: tuple[tuple[datetime, datetime], ...] | None
    told: bool = False

    @property
    def counts(self) -> str | None:
        """What it counts, in words; None where that is not known."""
        if self.told:
            return None
        return "all time" if self.calendar is None else f"working hours of {self.calendar}"


class Candidates(NamedTuple):
    """The choice, what the chosen hold, who of the pools asked is full, and what was wished for."""

    choice: Choice
    holds: Load
    full: tuple[tuple[Person, Load], ...]
    skills: tuple[str, ...]
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How the account stood when the trigger came: open runs, launches that wait, and what the contact budget has counted in its window.

    `messages` None: there is no budget.
    """

    runs: tuple[Run, ...]
    waiting: tuple[Held, ...]
    messages: int | None


@dataclass(frozen=True, slots=True)
class Route:
    """What would happen. `joins`: the open run that takes the trigger in, as it was. Else a run is launched, or `declined` says why not.

    `run` is the run as it would be then, and `message` what people are told first; both as if nothing stood against it. `candidates` is
    None where nobody is asked for. `against`: verdicts on the launch and on a message of the run to the customer.
    """

    trigger: Trigger
    known: Known
    path: tuple[str, ...]
    set_by: Mapping[str, str]
    out_of_scope: bool
    standing: Standing
    joins: Run | None
    declined: str | None
    run: Run | None
    message: PlayMessage | None
    candidates: Candidates | None
    clocks: tuple[ClockView, ...]
    against: Mapping[str, Verdict]
    expires: datetime | None

    @property
    def reaches_somebody(self) -> bool:
        """Whether a named person would have it now, or automation where the rule asks for that: in a new run, or one that is open."""
        return self.run is not None and self.run.owner.reason != "fallback" and self.against["launch"] is None
