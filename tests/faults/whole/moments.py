"""What happened to runs while they were hurt: how many of each, between the first fault and the last, by the time of the partition."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tests.faults.seen import Seen, ms

WANTED = (
    "launches", "acknowledgements", "warnings", "breaches", "levels of a ladder", "recoveries that ended a play", "launches held back",
    "releases", "messages held back", "snoozes", "pauses", "resumptions", "reassignments", "steps due", "steps done", "steps overdue",
    "steps cancelled", "joined triggers", "upgrades", "closures by people", "dead letters of updates",
)  # fmt: skip
"""A run that shows none of one of these shows nothing of it."""

_KINDS = {
    "launched": "launches", "acknowledged": "acknowledgements", "sla_warning": "warnings", "sla_breach": "breaches",
    "escalated": "levels of a ladder", "snoozed": "snoozes", "paused": "pauses", "resumed": "resumptions", "reassigned": "reassignments",
    "step_due": "steps due", "completed": "steps done", "step_overdue": "steps overdue", "step_cancelled": "steps cancelled",
    "joined": "joined triggers", "upgraded": "upgrades", "replied": "replies",
}  # fmt: skip
_HELD = ("inhibited", "silenced", "maintenance")
_RECOVERED = "the account has recovered"

Place = Mapping[int, int]
"""How far each partition was: its time in ms."""


class Span(NamedTuple):
    """From the first fault to the last."""

    first: Place
    last: Place

    def holds(self, partition: int, at_ms: int) -> bool:
        """Whether a moment of this partition lies within."""
        return self.first[partition] <= at_ms <= self.last[partition]


def happened(seen: Seen, span: Span) -> Counter[str]:
    """Moments by what they were, of those within."""
    return Counter(what for partition, at_ms, what in _all(seen) if span.holds(partition, at_ms))


def open_runs(seen: Seen, places: Sequence[Place]) -> list[int]:
    """How many runs were open at each of these places."""
    opened: dict[str, tuple[int, int]] = {}
    closed: dict[str, int] = {}
    for record in seen.outputs["play-launches"]:
        message = json.loads(record.value or b"{}")
        if message["kind"] == "launched":
            opened[message["run_id"]] = record.partition, _at(message)
        elif message["kind"] == "closed":
            closed[message["run_id"]] = _at(message)
    return [sum(at_ms <= place[p] < closed.get(run, 1 << 62) for run, (p, at_ms) in opened.items()) for place in places]


def _all(seen: Seen) -> Iterator[tuple[int, int, str]]:
    for record in seen.outputs["play-launches"]:
        message = json.loads(record.value or b"{}")
        if what := _KINDS.get(message["kind"]):
            yield record.partition, _at(message), what
        elif message["kind"] == "closed":
            what = "closures by people" if message["actor"] != "playcall" else "closures by themselves"
            recovered = (message["note"] or "").startswith(_RECOVERED)  # it may go on: what of it only ran out
            yield record.partition, _at(message), "recoveries that ended a play" if recovered else what
    for record in seen.outputs["decisions"]:
        decision = json.loads(record.value or b"{}")
        reason = decision["reason"]
        if reason in _HELD:
            yield record.partition, _at(decision), "launches held back"
        elif reason in ("released", "step_held", "expired"):
            yield record.partition, _at(decision), {"released": "releases", "step_held": "messages held back"}.get(reason, reason)


def _at(said: Mapping[str, Any]) -> int:
    at_ms = ms(said["time"])
    assert at_ms is not None
    return at_ms
