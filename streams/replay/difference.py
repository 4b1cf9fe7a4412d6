"""What two libraries make of the same events: triggers gained, lost, and raised by both but not alike."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from schemas.records.trigger import Trigger
from schemas.records.wire import OutRecord, rfc3339

_COMPARED = ("time", "priority", "play", "owner_role", "first_action", "act_by", "concern", "outcome")
"""Besides who and what: when a trigger came and what is asked for. Versions and hashes differ with every edit."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The same episode of the same rule, raised by both."""

    old: Trigger
    new: Trigger

    @property
    def fields(self) -> dict[str, tuple[str, str]]:
        """What differs: (old, new) by name."""
        pairs = ((name, _text(getattr(self.old, name)), _text(getattr(self.new, name))) for name in _COMPARED)
        return {name: (old, new) for name, old, new in pairs if old != new}


@dataclass(frozen=True, slots=True)
class Difference:
    """Triggers are the same if rule, account, subject and episode are: that is what their id is made of. In order of time."""

    gained: tuple[Trigger, ...]
    lost: tuple[Trigger, ...]
    changed: tuple[Changed, ...]
    same: int

    @property
    def empty(self) -> bool:
        """Nothing gained, lost or changed."""
        return not (self.gained or self.lost or self.changed)

    def by_rule(self) -> dict[str, tuple[int, int, int]]:
        """(gained, lost, changed) of every rule that has any, by id."""
        counts = (
            Counter(trigger.rule for trigger in self.gained),
            Counter(trigger.rule for trigger in self.lost),
            Counter(one.new.rule for one in self.changed),
        )
        return {rule: (counts[0][rule], counts[1][rule], counts[2][rule]) for rule in sorted({*counts[0], *counts[1], *counts[2]})}


def triggers_of(records: Iterable[OutRecord]) -> list[Trigger]:
    """The triggers among the records of a replay."""
    return [Trigger.model_validate_json(record.value or b"") for record in records if record.topic == Trigger.TOPIC]


def compare(old: Iterable[Trigger], new: Iterable[Trigger]) -> Difference:
    """What became of each trigger from the old library to the new one."""
    before = {trigger.trigger_id: trigger for trigger in old}
    after = {trigger.trigger_id: trigger for trigger in new}
    both = [Changed(before[identity], trigger) for identity, trigger in after.items() if identity in before]
    changed = [one for one in both if one.fields]
    return Difference(
        tuple(sorted((trigger for identity, trigger in after.items() if identity not in before), key=_order)),
        tuple(sorted((trigger for identity, trigger in before.items() if identity not in after), key=_order)),
        tuple(sorted(changed, key=lambda one: _order(one.new))),
        len(both) - len(changed),
    )


def _order(trigger: Trigger) -> tuple[str, str, str, str]:
    return rfc3339(trigger.time), trigger.rule, trigger.account_id, trigger.trigger_id


def _text(value: object) -> str:
    return rfc3339(value) if isinstance(value, datetime) else str(value)
