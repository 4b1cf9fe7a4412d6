"""Fires when the last of several conditions becomes true."""

from collections.abc import Sequence

from plays.rules.book import CompiledRule
from plays.rules.detectors.all_of import AllOfParameters
from streams.signals.composite import Composite
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.parts import Look, Parts


class AllOfDetector(Composite):
    """All parts. With one that moves slowly the other days are of no interest: while that one does not hold, nothing does."""

    def __init__(self, compiled: CompiledRule) -> None:
        assert isinstance(compiled.rule.detector, AllOfParameters)
        parts = Parts(compiled.rule.detector.parts)
        super().__init__(compiled, parts, daily=not parts.sleeps and parts.daily)

    def looks(self, context: Context, at_ms: int, close: DayClose | None) -> list[Look] | None:
        return self.parts_of(context).all_hold(context, at_ms, close)

    def wakes(self, days: Sequence[int]) -> int:
        return max(days)
