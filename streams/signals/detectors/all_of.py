"""Fires when the last of several conditions becomes true."""

from plays.rules.book import CompiledRule
from plays.rules.detectors.all_of import AllOfParameters
from streams.signals.composite import Composite
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.parts import Look, Parts


class AllOfDetector(Composite):
    """All parts."""

    def __init__(self, compiled: CompiledRule) -> None:
        assert isinstance(compiled.rule.detector, AllOfParameters)
        super().__init__(compiled, Parts(compiled.rule.detector.parts))

    def looks(self, context: Context, at_ms: int, close: DayClose | None) -> list[Look] | None:
        return self.parts_of(context).all_hold(context, at_ms, close)
