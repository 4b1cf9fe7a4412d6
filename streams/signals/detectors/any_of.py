"""Fires when the first of several conditions becomes true."""

from collections.abc import Sequence

from streams.signals.composite import Composite
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.parts import Look, Parts


class AnyOfDetector(Composite):
    """One of the parts."""

    over = "none of its conditions holds any more"

    def looks_daily(self, parts: Parts) -> bool:
        return parts.daily_awake

    def looks(self, context: Context, at_ms: int, close: DayClose | None) -> list[Look] | None:
        return self.parts.of(context).any_holds(context, at_ms, close)

    def on_close(self, context: Context, close: DayClose) -> None:
        spell = context.spell(self.rule_id, context.cells.account_id)
        if spell is None or not spell.open:
            at_ms = close.calendar.close(close.day)
            if self.parts.of(context).any_holds(context, at_ms, close, slow=False) is None:
                return  # parts that move slowly have a deadline of their own
        super().on_close(context, close)

    def wakes(self, days: Sequence[int]) -> int:
        return min(days)
