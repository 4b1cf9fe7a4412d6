"""Launches that wait: kept whole, so that nothing is lost when they go."""

from collections.abc import Sequence

import msgspec

from plays.runs.run import trigger_digest
from plays.suppression.verdict import Cause, CauseKind
from schemas.records.trigger import Priority, Trigger

HELD_AT_MOST = 40
ENDED_AT_MOST = 100
KEPT_BYTES = 12_000
"""Of one trigger: forty of them stay far below the bound of a cell."""
_WORDS_AT_MOST = 400
_FACT_AT_MOST = 300
_FACTS_AT_MOST = 20


class HeldCause(msgspec.Struct, array_like=True):
    """A `Cause` as kept in state."""

    kind: CauseKind
    by: str
    detail: str
    until_ms: int | None


class Held(msgspec.Struct, array_like=True):
    """A launch that waits since `since_ms`. `until_ms`: when to judge it again, None when time alone changes nothing; from `expires_ms`
    it is not launched any more. The first of `causes` governs.
    """

    trigger_id: str
    rule: str
    priority: Priority
    since_ms: int
    until_ms: int | None
    expires_ms: int | None
    causes: list[HeldCause]
    kept: bytes

    def trigger(self) -> Trigger:
        """The trigger, but for what only its reader on `triggers` needs."""
        return Trigger.model_validate_json(self.kept)

    @property
    def next_ms(self) -> int | None:
        """When something becomes of it if nothing happens."""
        return min((ms for ms in (self.until_ms, self.expires_ms) if ms is not None), default=None)


class Holds(msgspec.Struct, omit_defaults=True):
    """All launches of an account that wait, in the order they came. `ended`: triggers of which it is said what became, oldest first."""

    held: list[Held] = []
    ended: list[int] = []

    def knows(self, trigger_id: str) -> bool:
        """Whether the trigger waits, or did and what became of it was said."""
        return any(one.trigger_id == trigger_id for one in self.held) or trigger_digest(trigger_id) in self.ended

    def end(self, one: Held) -> None:
        """It waits no more, and is not forgotten at once: the same trigger raised again is no other."""
        self.held.remove(one)
        self.note_ended(one.trigger_id)

    def note_ended(self, trigger_id: str) -> None:
        """What became of the trigger is said."""
        self.ended.append(trigger_digest(trigger_id))
        del self.ended[:-ENDED_AT_MOST]

    @property
    def next_ms(self) -> int | None:
        """When something becomes of any of them if nothing happens."""
        return min((ms for one in self.held if (ms := one.next_ms) is not None), default=None)


def causes_of(causes: Sequence[Cause], governing: Cause) -> list[HeldCause]:
    """As kept in state, the one that governs first."""
    ordered = (governing, *(cause for cause in causes if cause is not governing))
    return [HeldCause(cause.kind, cause.by, cause.detail, cause.until_ms) for cause in ordered]


def keep(trigger: Trigger) -> bytes:
    """The trigger as it is kept: without the records it rests on; where texts of others are out of all measure, cut."""
    lean: dict[str, object] = {"sources": (), "set_by": {}}
    kept = trigger.model_copy(update={"evidence": trigger.evidence.model_copy(update=lean)}).to_json()
    if len(kept) <= KEPT_BYTES:
        return kept
    facts = {
        name: value[:_FACT_AT_MOST] if isinstance(value, str) else value
        for name, value in [*trigger.evidence.facts.items()][:_FACTS_AT_MOST]
    }
    words = {name: getattr(trigger.evidence, name)[:_WORDS_AT_MOST] for name in ("summary", "clears_when")}
    return trigger.model_copy(update={"evidence": trigger.evidence.model_copy(update={**lean, **words, "facts": facts})}).to_json()
