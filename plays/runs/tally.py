"""What is noted of a run while it lives, for the record of its outcome."""

import msgspec

from schemas.records.play_message import Clock, Kind

PATH_AT_MOST = 12  # segments of the account that are kept


class Tally(msgspec.Struct, array_like=True):
    """Times in ms since the epoch, UTC. Everything in it is a least time or a count that its giver says once per fact."""

    segment_path: list[str] = []
    acknowledged_ms: int | None = None
    acted_ms: int | None = None
    replied_ms: int | None = None
    closed_ms: int | None = None  # as its closing says
    breaches: dict[str, int] = {}  # by clock
    escalations: int = 0
    completed: int = 0
    skipped: int = 0
    cancelled: int = 0

    def acknowledged(self, at_ms: int) -> None:
        """Somebody saw the run at this moment; the earliest counts, in whatever order they are told."""
        self.acknowledged_ms = _earlier(self.acknowledged_ms, at_ms)

    def acted(self, at_ms: int) -> None:
        """Somebody acted, and therefore saw the run."""
        self.acknowledged(at_ms)
        self.acted_ms = _earlier(self.acted_ms, at_ms)

    def replied(self, at_ms: int) -> None:
        """The customer answered."""
        self.replied_ms = _earlier(self.replied_ms, at_ms)

    def told(self, update: str, at_ms: int) -> None:
        """What an update (its type, `run.acknowledged` and so on) says happened at this moment."""
        match update:
            case "run.acknowledged" | "run.step_skipped":
                self.acknowledged(at_ms)
            case "run.started" | "run.step_completed":
                self.acted(at_ms)
            case "run.replied":
                self.replied(at_ms)
            case "run.closed":
                self.closed_ms = at_ms

    def said(self, kind: Kind, clock: Clock | None) -> None:
        """Count a message of the run. Each is said once per fact, so counting them is enough."""
        match kind:
            case "completed":
                self.completed += 1
            case "skipped":
                self.skipped += 1
            case "step_cancelled":
                self.cancelled += 1
            case "escalated":
                self.escalations += 1
            case "sla_breach" if clock is not None:
                self.breaches[clock] = self.breaches.get(clock, 0) + 1


def _earlier(known_ms: int | None, at_ms: int) -> int:
    return at_ms if known_ms is None else min(known_ms, at_ms)
