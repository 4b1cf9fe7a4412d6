"""Fires when the last of several conditions becomes true."""

from collections.abc import Sequence

from streams.signals.calendar import DAY_MS
from streams.signals.composite import Composite
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.parts import Look, Parts

_AWAKE_MS = 2 * DAY_MS  # while the slow part holds, and the others do not, the next look is at the close of the day


class AllOfDetector(Composite):
    """All parts. With one that moves slowly the other days are of no interest: while that one does not hold, nothing does."""

    over = "not all of its conditions hold any more"

    def looks_daily(self, parts: Parts) -> bool:
        return not parts.sleeps and parts.daily

    def looks(self, context: Context, at_ms: int, close: DayClose | None) -> list[Look] | None:
        return self.parts.of(context).all_hold(context, at_ms, close)

    def wakes(self, days: Sequence[int]) -> int:
        return max(days)

    def sleeps_through(self, context: Context, at_ms: int) -> bool:
        planned_ms = context.planned_at(self.name)
        if planned_ms is None or planned_ms - at_ms < _AWAKE_MS:
            return False
        spell = context.spell(self.rule_id, context.cells.account_id)
        return spell is None or not spell.open
