"""A play as the machine walks it: its steps for one account, and what each waits for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plays.playbooks.conditions import OPPOSITE
from plays.playbooks.flow import falls_back_to, follows
from plays.playbooks.spans import parse_due
from plays.playbooks.step import PlayStep
from schemas.records.play_message import StepCondition

_DENIED: Mapping[str, StepCondition] = {awaited: opposite for opposite, awaited in OPPOSITE.items()}

PROVEN: frozenset[StepCondition] = frozenset({"no_reply", "no_meeting", "unresolved"})
"""What says that something did not come: believed only once the feeds that would have reported it are read past the moment."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in their order. `before` is None for a fallback; `namers` are the steps whose vain wait lets it begin."""

    steps: tuple[PlayStep, ...]
    max_age: tuple[str, ...]
    before: tuple[tuple[int, ...] | None, ...]
    namers: tuple[tuple[int, ...], ...]
    by_sla: tuple[bool, ...]

    def place(self, name: str) -> int | None:
        """Where the step of this name stands."""
        return next((place for place, step in enumerate(self.steps) if step.name == name), None)


def plan_of(steps: Sequence[PlayStep], max_age: str) -> Plan:
    """The plan of the steps an account has. `max_age` is the playbook's own. For playbooks without problems."""
    count = range(len(steps))
    return Plan(
        tuple(steps),
        tuple(step.max_age or max_age for step in steps),
        tuple(follows(steps, place) for place in count),
        tuple(falls_back_to(steps, place) for place in count),
        tuple(parse_due(step.due).span is None for step in steps),
    )


def denial(condition: StepCondition) -> StepCondition:
    """The opposite of a condition."""
    return _DENIED.get(condition) or OPPOSITE[condition]
