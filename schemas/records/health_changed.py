"""The health of an account has changed: the new score, and every part of it."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import uuid5

from pydantic import Field

from schemas.records.trigger import NAMESPACE, Scalar
from schemas.records.wire import Wire

Band = Literal["healthy", "at_risk", "critical"]


class HealthPart(Wire):
    """One indicator: its weight of 100, the weight it has once those without data are left out, its points (0 to 100, None: no data)."""

    indicator: str
    weight: int
    effective_weight: float
    points: float | None
    measure: str
    value: Scalar
    facts: dict[str, Scalar] = Field(default_factory=dict)


class HealthChanged(Wire):
    """Score from 0 to 100: the sum over `parts` of effective weight x points / 100. The first one has no `before`."""

    TOPIC: ClassVar[str] = "health"
    CE_TYPE: ClassVar[str] = "playcall.health.changed"

    health_id: str
    account_id: str
    time: datetime
    score: float
    band: Band
    score_before: float | None
    band_before: Band | None
    weights: str
    segment_path: tuple[str, ...]
    parts: tuple[HealthPart, ...]

    def _envelope(self) -> tuple[str, str, datetime]:
        return self.account_id, self.health_id, self.time


def health_id(account_id: str, number: int) -> str:
    """Deterministic id of the account's change of this number."""
    return str(uuid5(NAMESPACE, "\x1f".join(("health", account_id, str(number)))))
