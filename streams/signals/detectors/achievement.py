"""Fires when a counter of the account crosses a mark."""

from plays.rules.book import CompiledRule
from plays.rules.detectors.achievement import AchievementParameters
from schemas.events.event import Event
from streams.signals.context import Context
from streams.signals.detector import Detector
from streams.signals.evidence import of_event
from streams.signals.facts.counters import crossed_from


class AchievementDetector(Detector):
    """Looks before the value is taken in. Remembers nothing: how far a counter has come is a fact."""

    before_types = frozenset({"usage.counter"})

    def __init__(self, compiled: CompiledRule) -> None:
        super().__init__(compiled)
        assert isinstance(compiled.rule.detector, AchievementParameters)

    def on_event_before(self, context: Context, event: Event) -> None:
        parameters = self.parameters(context)
        assert isinstance(parameters, AchievementParameters)
        counter, value = event.data["counter"], float(event.data["value"])
        marks = parameters.marks.get(counter)
        before = None if marks is None else crossed_from(context.cells, event)
        if marks is None or before is None:
            return
        mark = max((mark for mark in marks if before < mark <= value), default=None)
        path = context.path
        if mark is None or not context.in_scope(self.compiled, path, event.time_ms):
            return
        evidence = of_event(f"{counter} reached {mark:,.10g}: {before:,.10g} before, {value:,.10g} now.", event, counter=counter)
        figures = {"observed": value, "threshold": mark, "baseline": before, "unit": counter}
        context.fire(self.compiled, path, context.cells.account_id, event.time_ms, evidence.model_copy(update=figures))
