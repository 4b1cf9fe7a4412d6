"""What a fault run found: what was done, what was proven about it, and every difference to the reference."""

import json
from dataclasses import dataclass, field

SHOWN = 12


@dataclass
class Report:
    """One scenario with one seed. `differences` has a list per invariant (and act, where a scenario has several): empty is exact."""

    name: str
    seed: int
    events: int = 0
    triggers: int = 0
    launches: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)
    exits: list[tuple[int, int]] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    differences: dict[str, list[str]] = field(default_factory=dict)

    @property
    def exact(self) -> bool:
        """Not one difference. A report without a single comparison is not exact: nothing was shown."""
        return bool(self.differences) and not any(self.differences.values())

    def as_json(self) -> str:
        return json.dumps({**vars(self), "exact": self.exact}, indent=2)

    def as_text(self) -> str:
        counted = f"{self.events:,} events, {self.triggers:,} triggers, {self.launches:,} runs, {self.seconds:.0f} s"
        lines = [f"{self.name}, seed {self.seed}: {counted}"]
        lines += [f"  fault {n:2}  {what}" for n, what in enumerate(self.faults, 1)]
        lines += [f"  {name}: {value:g}" for name, value in self.figures.items()]
        if self.exits:
            lines.append(f"  exits nobody asked for (worker, code): {self.exits}")
        for name, found in self.differences.items():
            lines.append(f"  {name:<28} {'exact' if not found else f'{len(found)} differences'}")
            lines += [f"      {text}" for text in found[:SHOWN]]
        return "\n".join([*lines, "EXACT" if self.exact else "DIFFERENT"])
