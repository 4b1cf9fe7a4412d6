"""Fires on an event itself; with `ended_by`, once while the subject stays open."""

from datetime import datetime

from plays.rules.book import CompiledRule
from plays.rules.detectors.event import EventParameters
from schemas.events.event import Event
from schemas.records.trigger import Evidence, Scalar, Trigger
from schemas.records.wire import epoch_ms
from streams.signals.context import Context
from streams.signals.detector import Detector
from streams.signals.evidence import of_event
from streams.signals.parts import Parts
from streams.signals.state import Spell

_TOLD = ("priority", "priority_before", "kind", "category", "channel")


class EventDetector(Detector):
    """Spell: `open`; `level` is the latest event time at which the subject was ended, plus one (0: never)."""

    def __init__(self, compiled: CompiledRule) -> None:
        super().__init__(compiled)
        assert isinstance(compiled.rule.detector, EventParameters)
        self._parameters = compiled.rule.detector
        self._also = Parts(self._parameters.also)
        self._also_by_path: dict[tuple[str, ...], Parts] = {}
        self.types = frozenset(match.type for match in self._parameters.on + self._parameters.ended_by)
        self.series_of = self._also.series_of
        self.after_rules = frozenset(self._parameters.on_rules)
        self._subject = compiled.rule.subject

    def on_event(self, context: Context, event: Event) -> None:
        parameters = self._parameters
        subject = context.cells.account_id if self._subject == "account" else event.data.get(f"{self._subject}_id")
        if subject is None:
            return
        data = event.data
        if any(match.type == event.type and match.holds(data) for match in parameters.on):
            self._opened(context, event, subject)
        elif any(match.type == event.type and match.holds(data) for match in parameters.ended_by):
            self._ended(context, event, subject)

    def on_trigger(self, context: Context, trigger: Trigger) -> None:
        path = context.path
        subject = context.cells.account_id if self._subject == "account" else trigger.subject.id
        episode_ms = epoch_ms(datetime.fromisoformat(trigger.episode))
        looks = self._also_of(context).all_hold(context, episode_ms)
        if looks is None or not context.in_scope(self.compiled, path):
            return
        facts: dict[str, Scalar] = {"rule": trigger.rule, "trigger_id": trigger.trigger_id}
        for look in looks:
            facts |= look.facts
        summary = f"{self.compiled.rule.title}: {trigger.rule}, {trigger.evidence.summary}"
        evidence = Evidence(summary=summary, facts=facts, sources=trigger.evidence.sources, clears_when="")
        context.fire(self.compiled, path, subject, episode_ms, evidence)

    def _also_of(self, context: Context) -> Parts:
        """The further conditions with the bounds of the account's segments."""
        if not (self.compiled.layers and self._parameters.also):
            return self._also
        path = context.path
        found = self._also_by_path.get(path)
        if found is None:
            parameters = self.compiled.parameters(path)
            assert isinstance(parameters, EventParameters)
            found = self._also_by_path[path] = Parts(parameters.also)
        return found

    def _opened(self, context: Context, event: Event, subject: str) -> None:
        spell: Spell | None = None
        if self._parameters.ended_by:
            spell = context.spell(self.rule_id, subject)
            if spell is not None and (spell.open or event.time_ms < spell.level - 1):
                return
        path = context.path
        looks = self._also_of(context).all_hold(context, event.time_ms)
        if looks is None or not context.in_scope(self.compiled, path, event.time_ms):
            return
        if self._parameters.ended_by:
            spell = context.edit_spell(self.rule_id, subject)
            # Ended in the same millisecond: it was an episode, and it is over.
            spell.open = event.time_ms >= spell.level
            spell.episode_ms = spell.fired_ms = event.time_ms
        title = self.compiled.rule.title
        about = "" if self._subject == "account" else f" ({self._subject} {subject})"
        words = {name: str(event.data[name]) for name in _TOLD if name in event.data}
        detail = f": {', '.join(f'{name} {value}' for name, value in words.items())}" if words else ""
        facts: dict[str, Scalar] = {**words}
        for look in looks:
            facts |= look.facts
        evidence = of_event(f"{title}{about}{detail}.", event, **facts)
        context.fire(self.compiled, path, subject, event.time_ms, evidence)

    def _ended(self, context: Context, event: Event, subject: str) -> None:
        spell = context.spell(self.rule_id, subject)
        if spell is not None and spell.open and event.time_ms < spell.episode_ms:
            return  # older than the opening: it ended something before
        if spell is None or spell.open or event.time_ms >= spell.level:
            spell = context.edit_spell(self.rule_id, subject)
            spell.open = False
            spell.level = max(spell.level, event.time_ms + 1)
