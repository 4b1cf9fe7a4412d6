"""What every part of the router works with during one call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from plays.playbooks.book import Playbooks
from plays.roster.person import Person
from plays.runs.owner import AccountPeople
from plays.runs.policy import RunPolicy
from plays.runs.run import Run, Runs
from plays.sla.calendar import WorkingCalendar
from schemas.records.play_message import Kind
from streams.processing.account import PROFILE
from streams.processing.cells import Cells
from streams.processing.effects import Effect
from streams.processing.judging import EpisodeRef
from streams.router.account import people_of
from streams.router.hours import working_hours
from streams.router.messages import NOTHING, Extra, say

ACTOR = "playcall"


@dataclass(slots=True)
class Scene:
    """One account at one moment: its runs, open for writing, and the effects so far."""

    cells: Cells
    runs: Runs
    now_ms: int
    playbooks: Playbooks
    policy: RunPolicy
    effects: list[Effect]
    catching_up: bool = False  # time is that of what is read, not the wall clock
    moment_ms: int | None = None  # of the timer that is being served; nobody may have worked since
    shifts: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)  # calendar and timezone of whom the roster named
    unproven: bool = False  # a clock ran out while the answers could not be read
    judge: Callable[[EpisodeRef], bool | None] | None = None  # whether an episode still holds, at this moment
    quiet: Mapping[str, int] = field(default_factory=dict)  # by topic: up to when it is known that nothing more came

    def people(self) -> AccountPeople:
        """Our people of this account."""
        return people_of(self.cells, self.policy.touch)

    def away(self, person: Person) -> bool:
        """Whether the owners file has them absent now."""
        return self.policy.rota.away(person, self.now_ms)

    def calendar(self, run: Run) -> WorkingCalendar:
        """The working hours in which business spans of a run are counted."""
        return working_hours(self.cells, self.policy, run.priority, run.owner.id, run.owner.calendar, run.owner.timezone)

    def judged(self, episode: EpisodeRef) -> bool | None:
        """Whether an episode still holds; None where nobody can say."""
        return None if self.judge is None else self.judge(episode)

    def tell(self, run: Run, kind: Kind, extra: Extra = NOTHING) -> None:
        """Publish the next message of a run."""
        run.tally.said(kind, extra.clock)
        account = (self.cells.account_id, self.cells[PROFILE].name)
        self.effects.append(say(run, kind, self.now_ms, account, extra, moment_ms=self.moment_ms, unproven=self.unproven))
