"""The policy with what it needs to know of rules and segments."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from plays.policy.segments import Facts, SegmentIndex
from plays.suppression.policy import NOTHING, SuppressionPolicy
from plays.suppression.touches import DAY_MS


@dataclass(frozen=True, slots=True)
class Suppression:
    """`max_hold_days` by rule, None for those held until they are cleared; a rule not among them is one of others.

    Without `segments` an account is in none.
    """

    policy: SuppressionPolicy = NOTHING
    max_hold_days: Mapping[str, int | None] = field(default_factory=dict)
    segments: SegmentIndex | None = None

    def path(self, facts: Facts) -> tuple[str, ...]:
        """Segments of an account, from the widest to the most specific."""
        return () if self.segments is None else self.segments.path(facts)

    def expires_ms(self, rule: str, since_ms: int) -> int | None:
        """From when a trigger of the rule that is held since `since_ms` (ms UTC) is not launched any more; None: never."""
        days = self.max_hold_days.get(rule, self.policy.requests_max_hold)
        return None if days is None else since_ms + days * DAY_MS
