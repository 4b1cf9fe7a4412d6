"""Rules over several conditions at once, about the account."""

from plays.rules.book import CompiledRule
from plays.rules.detectors.all_of import AllOfParameters
from plays.rules.detectors.any_of import AnyOfParameters
from schemas.events.event import Event
from schemas.records.trigger import Evidence
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.detector import Detector
from streams.signals.parts import Look, Parts, with_looks


class Composite(Detector):
    """Spell of the account: `open` while the condition holds, `episode_ms` since when. A subclass says how parts combine."""

    def __init__(self, compiled: CompiledRule, parts: Parts) -> None:
        super().__init__(compiled)
        self._parts = parts
        self._by_path: dict[tuple[str, ...], Parts] = {}
        self.types = parts.types
        self.series_of = parts.series_of
        self.daily = parts.daily

    def parts_of(self, context: Context) -> Parts:
        """The parts with the bounds of the account's segments."""
        if not self.compiled.layers:
            return self._parts
        path = context.path
        found = self._by_path.get(path)
        if found is None:
            parameters = self.compiled.parameters(path)
            assert isinstance(parameters, AllOfParameters | AnyOfParameters)
            found = self._by_path[path] = Parts(parameters.parts)
        return found

    def looks(self, context: Context, at_ms: int, close: DayClose | None) -> list[Look] | None:
        """What makes the condition hold at `at_ms`; None where it does not."""
        raise NotImplementedError

    def on_event(self, context: Context, event: Event) -> None:
        spell = context.spell(self.rule_id, context.cells.account_id)
        if spell is not None and spell.open and self.series_of and self.looks(context, event.time_ms - 1, None) is None:
            context.edit_spell(self.rule_id, context.cells.account_id).open = False  # an event had gone out of its days unnoticed
        self._judge(context, event.time_ms, None)

    def on_close(self, context: Context, close: DayClose) -> None:
        self._judge(context, close.calendar.close(close.day), close)

    def plan_anew(self, context: Context) -> bool:
        spell = context.spell(self.rule_id, context.cells.account_id)
        return (spell is None or not spell.open) and self.looks(context, context.moment.now_ms, None) is not None

    def activate(self, context: Context, at_ms: int, close: DayClose) -> None:
        self._judge(context, at_ms, close)

    def _judge(self, context: Context, at_ms: int, close: DayClose | None) -> None:
        account_id = context.cells.account_id
        looks = self.looks(context, at_ms, close)
        spell = context.spell(self.rule_id, account_id)
        if looks is None or (spell is not None and spell.open):
            if looks is None and spell is not None and spell.open:
                context.edit_spell(self.rule_id, account_id).open = False
            return
        path = context.path
        if not context.in_scope(self.compiled, path, at_ms):
            return
        spell = context.edit_spell(self.rule_id, account_id)
        spell.open, spell.episode_ms, spell.fired_ms = True, at_ms, at_ms
        summary = f"{self.compiled.rule.title}: {'; '.join(look.words for look in looks)}."
        context.fire(self.compiled, path, account_id, at_ms, with_looks(Evidence(summary=summary, clears_when=""), looks))
