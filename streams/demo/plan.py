"""What a demonstration is to show, and where it puts its files."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from streams.fleet.fleet import FleetSpec
from streams.fleet.span import rfc3339

END = FleetSpec().end


@dataclass(frozen=True)
class DemoPlan:
    """`out` holds events, answers, logs and the report afterwards. `run_id` sets this run's topics and groups apart."""

    out: Path
    run_id: str
    spec: FleetSpec = field(default_factory=FleetSpec)
    partitions: int = 4
    workers: int = 2
    coarse_days: int = 100
    rules: tuple[str, ...] = ("all",)

    @classmethod
    def full(cls, out: Path, run_id: str, seed: int, today: date) -> "DemoPlan":
        """The fleet that people are shown. Its history ends on a fixed date, or `today` where a machine is not there yet."""
        return cls(out, run_id, FleetSpec(seed=seed, end=min(END, today)))

    @classmethod
    def quick(cls, out: Path, run_id: str, seed: int, today: date) -> "DemoPlan":
        """A small fleet over forty days, for a first look and for tests."""
        return cls(out, run_id, FleetSpec(seed=seed, accounts=20, days=40, end=min(END, today)), coarse_days=10)

    @property
    def prefix(self) -> str:
        """Before the name of every topic."""
        return f"demo-{self.run_id}."

    @property
    def start(self) -> str:
        """When the history begins, RFC 3339; launching begins then too."""
        return rfc3339(self.spec.span.start_ms)

    @property
    def end(self) -> str:
        """When it ends, RFC 3339."""
        return rfc3339(self.spec.span.end_ms)

    @property
    def events_file(self) -> Path:
        """All events of the fleet, in order."""
        return self.out / "events.jsonl.gz"

    @property
    def answers_file(self) -> Path:
        """All `run.*` events of the CRM, in order."""
        return self.out / "answers.jsonl.gz"

    @property
    def assignments_file(self) -> Path:
        """All answers of the roster, in order of each partition."""
        return self.out / "assignments.jsonl.gz"

    @property
    def clock_file(self) -> Path:
        """The virtual wall clock."""
        return self.out / "clock"

    @property
    def outcome_file(self) -> Path:
        """What the run showed, in figures, for machines."""
        return self.out / "outcome.json"

    @property
    def report_file(self) -> Path:
        """The picture."""
        return self.out / "report.html"

    def environment(self, bootstrap: str, app_id: str, **more: str) -> dict[str, str]:
        """PLAYCALL_ settings of a process of this run; `more` are further settings by name."""
        settings = {
            "bootstrap": bootstrap,
            "app_id": app_id,
            "topic_prefix": self.prefix,
            "partitions": str(self.partitions),
            "go_live_at": self.start,
            "rules": ",".join(self.rules),
            **more,
        }
        return {f"PLAYCALL_{name.upper()}": value for name, value in settings.items()}
