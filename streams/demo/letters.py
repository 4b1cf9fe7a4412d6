"""The dead letters of a demonstration, and which of them nobody could have helped."""

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import orjson


class Letter(NamedTuple):
    """One dead letter. `topic` is the one it came from, `event_id` empty where none can be read."""

    topic: str
    reason: str
    error: str
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class Letters:
    """All of them. `crossed`: answers of the CRM about runs that had just ended by themselves; `others` should not be there.

    People act on what they have read, and the CRM reads of a slice of time when it is over. Who reports a step of a run that ended
    within that slice, because the customer recovered, is refused as `wrong_state`: so it is wherever a CRM is some minutes behind.
    """

    crossed: tuple[Letter, ...] = ()
    others: tuple[Letter, ...] = ()

    def __len__(self) -> int:
        return len(self.crossed) + len(self.others)

    def __str__(self) -> str:
        if not self:
            return "0 dead letters"
        counts = Counter(f"{one.reason} on {one.topic}" for one in self.others)
        parts = [f"{count} {what}" for what, count in sorted(counts.items())]
        if self.crossed:
            parts.append(f"{len(self.crossed)} answers of the CRM that crossed the end of their run")
        return f"{len(self)} dead letters ({', '.join(parts)})"


def sort_out(letters: Iterable[Letter], crossing: Container[str]) -> Letters:
    """`crossing`: the ids of the answers that were sent about a run after its end, before its end was read of."""
    found: tuple[list[Letter], list[Letter]] = ([], [])
    for one in letters:
        found[one.reason == "wrong_state" and one.event_id in crossing].append(one)
    return Letters(tuple(found[True]), tuple(found[False]))


def event_id_of(value: bytes | None) -> str:
    """Of the event a dead letter holds; empty where it says none."""
    try:
        body = orjson.loads(value or b"")
    except orjson.JSONDecodeError:
        return ""
    identity = body.get("event_id") if isinstance(body, dict) else None
    return identity if isinstance(identity, str) else ""
