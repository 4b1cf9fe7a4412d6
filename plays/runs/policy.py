"""What the life of a run depends on besides the playbook."""

from dataclasses import dataclass, field

from plays.policy.closure_codes import ANY_CODE, ClosureCodes
from plays.policy.owners import Team
from plays.policy.touch import TouchBands
from plays.roster.hours import hours_of
from plays.roster.rota import Rota
from plays.sla.calendars import Calendars
from plays.sla.policy import SlaPolicy
from plays.suppression.suppression import Suppression

DEFAULT_BANDS = TouchBands(high=50_000, mid=5_000)
NOTHING_SUPPRESSED = Suppression()


@dataclass(frozen=True, slots=True)
class RunPolicy:
    """The people, the numbers and the working hours. `touch` should be the segments' own bands where those differ from the default.

    `roster`: whether one runs that can be asked for owners. Without, they are chosen by the owners file alone.
    `rota`: the people of the file with their working hours; what the topic `roster` says of them is not in it.
    """

    team: Team
    sla: SlaPolicy
    calendars: Calendars
    touch: TouchBands = DEFAULT_BANDS
    roster: bool = False
    codes: ClosureCodes = ANY_CODE
    suppression: Suppression = NOTHING_SUPPRESSED
    rota: Rota = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile the team once."""
        object.__setattr__(self, "rota", Rota(self.team, hours_of(self.calendars)))
