"""What the life of a run depends on besides the playbook."""

from dataclasses import dataclass

from plays.policy.owners import Team
from plays.sla.policy import SlaPolicy


@dataclass(frozen=True, slots=True)
class RunPolicy:
    """The people and the numbers."""

    team: Team
    sla: SlaPolicy
