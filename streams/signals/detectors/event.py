"""Fires on an event itself; with `ended_by`, once while the subject stays open."""

from datetime import datetime

from plays.rules.book import CompiledRule
from plays.rules.detectors.any_kind import AnyParameters
from plays.rules.detectors.event import EventParameters
from plays.rules.matcher import EventMatch
from plays.rules.parts import Part
from plays.rules.subjects import field_of
from schemas.events.event import Event
from schemas.records.trigger import Evidence, Scalar, Trigger
from schemas.records.wire import epoch_ms
from streams.signals.calendar import DAY_MS
from streams.signals.context import Context
from streams.signals.detector import Detector
from streams.signals.evidence import asked_by, event_in_words, of_event
from streams.signals.facts.firsts import is_first
from streams.signals.facts.plan import open_risks
from streams.signals.parts import PartsBySegment, with_looks
from streams.signals.standing import GONE, Memory, Over, Standing, number_of
from streams.signals.state import Spell

_TOLD = (
    "priority", "priority_before", "kind", "category", "channel", "score", "scale", "sentiment", "level", "context_link", "name", "role",
)  # fmt: skip
"""Fields that are said in the summary, and facts."""
_CARRIED = ("ticket_id", "chat_id", "contact_id", "user_id", "comment", "note")
"""Fields that are facts, but for the one that names the subject."""
_LONGEST = 1_000
_ENDED_KEPT_DAYS = 37


class EventDetector(Detector):
    """Spell: `open`; `level` is the latest event time at which the subject was ended, plus one (0: never). That of the account,
    where the subject is not known, has no name: it could be somebody's.
    """

    def __init__(self, compiled: CompiledRule) -> None:
        super().__init__(compiled)
        assert isinstance(compiled.rule.detector, EventParameters)
        self._parameters = compiled.rule.detector
        self._also = PartsBySegment(compiled, _also)
        self.types = frozenset(match.type for match in self._parameters.on + self._parameters.ended_by)
        self.series_of = self._also.stated.series_of
        self.after_rules = frozenset(self._parameters.on_rules)
        self._subject = compiled.rule.subject
        self._field = field_of(self._subject)

    def on_event(self, context: Context, event: Event) -> None:
        parameters, data = self._parameters, event.data
        subject = context.cells.account_id if self._subject == "account" else data.get(self._field)
        if subject is None:
            if not parameters.else_account:
                return
            subject = ""
        match = next((match for match in parameters.on if match.type == event.type and match.holds(data)), None)
        if match is not None:
            if parameters.first and not is_first(context, event):
                return
            self._opened(context, event, subject, match)
        elif any(match.type == event.type and match.holds(data) for match in parameters.ended_by):
            self._ended(context, event, subject)

    def on_trigger(self, context: Context, trigger: Trigger) -> None:
        path = context.path
        subjects = (
            open_risks(context.cells, context.moment.now_ms)
            if self._subject == "risk"
            else [context.cells.account_id if self._subject == "account" else trigger.subject.id]
        )
        episode_ms = epoch_ms(datetime.fromisoformat(trigger.episode))
        looks = self._also.of(context).all_hold(context, episode_ms)
        if looks is None or not context.in_scope(self.compiled, path):
            return
        facts: dict[str, Scalar] = {"rule": trigger.rule, "trigger_id": trigger.trigger_id}
        summary = f"{self.compiled.rule.title}: {trigger.rule}, {trigger.evidence.summary}"
        evidence = Evidence(summary=summary, facts=facts, sources=trigger.evidence.sources, clears_when="")
        memory = Memory(number_of(trigger.trigger_id)) if self._parameters.ends_with_source else Memory()
        for subject in subjects:
            if self._rested(context, subject, episode_ms):
                context.fire(self.compiled, path, subject, episode_ms, with_looks(evidence, looks), memory=memory)

    def _rested(self, context: Context, subject: str, episode_ms: int) -> bool:
        """Whether the rule's cooldown, where it has one, is over for a subject that other rules bring up."""
        cooldown = self.compiled.rule.cooldown
        if cooldown is None:
            return True
        spell = context.spell(self.rule_id, subject)
        if spell is not None and episode_ms < spell.fired_ms + cooldown * DAY_MS:
            return False
        context.edit_spell(self.rule_id, subject).fired_ms = episode_ms
        return True

    def _opened(self, context: Context, event: Event, subject: str, match: EventMatch) -> None:
        spell: Spell | None = None
        if self._parameters.ended_by:
            spell = context.spell(self.rule_id, subject)
            if spell is not None and (self._lasting(spell, event.time_ms) or event.time_ms < spell.level - 1):
                return
        path = context.path
        looks = self._also.of(context).all_hold(context, event.time_ms)
        if looks is None or not context.in_scope(self.compiled, path, event.time_ms):
            return
        if self._parameters.ended_by:
            spell = context.edit_spell(self.rule_id, subject)
            if spell.open:  # for longer than the rule holds it
                self._end(context, subject, event.time_ms, Over(self._held, expired=True))
            # Ended in the same millisecond: it was an episode, and it is over.
            spell.open = event.time_ms >= spell.level
            spell.episode_ms = spell.fired_ms = event.time_ms
        kind = self._subject if subject else "account"
        evidence = with_looks(self._evidence(context, event, match, "" if kind == "account" else f" ({kind} {subject})"), looks)
        context.fire(self.compiled, path, subject or context.cells.account_id, event.time_ms, evidence, kind=kind)
        if spell is not None and not spell.open:
            self._end(context, subject, event.time_ms, Over("ended in the same instant"))

    def ends(self, context: Context, one: Standing, at_ms: int, event: Event | None) -> Over | None:  # noqa: ARG002 others are ended at once
        by_ms = self.ends_by(context, one)
        return Over(self._held, expired=True) if by_ms is not None and at_ms >= by_ms else None

    def ends_by(self, context: Context, one: Standing) -> int | None:  # noqa: ARG002 a matter of time alone
        lasts = self._parameters.lasts
        return None if lasts is None else one.episode_ms + lasts * DAY_MS

    @property
    def _held(self) -> str:
        return f"{self._parameters.lasts} days have passed"

    def _evidence(self, context: Context, event: Event, match: EventMatch, about: str) -> Evidence:
        data = event.data
        words = {name: _said(data[name]) for name in _TOLD if name in data}
        parts = [f"{name.replace('_', ' ')} {value}" for name, value in words.items()]
        detail = f": {', '.join(parts)}" if parts else ""
        carried = {name: _said(data[name]) for name in _CARRIED if name in data and name != self._field}
        facts: dict[str, Scalar] = {**asked_by(context, event), **carried, **words}
        evidence = of_event(f"{self.compiled.rule.title}{about}{detail}.", event, **facts)
        figure = match.figure(data)
        if figure is None:
            return evidence
        observed, threshold, unit = figure
        return evidence.model_copy(update={"observed": observed, "threshold": threshold, "unit": unit})

    def _lasting(self, spell: Spell, at_ms: int) -> bool:
        lasts = self._parameters.lasts
        return spell.open and (lasts is None or at_ms < spell.episode_ms + lasts * DAY_MS)

    def _ended(self, context: Context, event: Event, subject: str) -> None:
        spell = context.spell(self.rule_id, subject)
        if spell is not None and spell.open and event.time_ms < spell.episode_ms:
            return  # older than the opening: it ended something before
        if spell is None:
            self._forget_ended(context, event.time_ms)
        if spell is None or spell.open or event.time_ms >= spell.level:
            spell = context.edit_spell(self.rule_id, subject)
            spell.open = False
            spell.level = max(spell.level, event.time_ms + 1)
            self._end(context, subject, event.time_ms, Over(event_in_words(event), event.type in GONE))

    def _end(self, context: Context, subject: str, at_ms: int, over: Over) -> None:
        context.end(self.compiled, subject or context.cells.account_id, at_ms, over, None if subject else "account")

    def _forget_ended(self, context: Context, at_ms: int) -> None:
        """Most that ends never was an episode, and is remembered for what arrives late about it alone."""
        spells, old_ms = context.spells(self.rule_id), at_ms - _ENDED_KEPT_DAYS * DAY_MS
        gone = [name for name, one in spells.items() if max(one.level, one.fired_ms) < old_ms and not self._lasting(one, at_ms)]
        for name in gone:
            context.drop_spell(self.rule_id, name)


def _said(value: str | float | bool) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)[:_LONGEST]


def _also(parameters: AnyParameters) -> tuple[Part, ...]:
    assert isinstance(parameters, EventParameters)
    return parameters.also
