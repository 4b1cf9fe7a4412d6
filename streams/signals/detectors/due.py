"""Fires when a date of an item comes, or is past, and the item is still open."""

from msgspec.structs import replace

from plays.rules.book import CompiledRule
from plays.rules.detectors.due import DueParameters
from plays.rules.matcher import EventMatch
from schemas.events.event import Event
from schemas.records.trigger import Evidence
from streams.signals.calendar import day_name, day_number
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.detector import Detector, topics_of
from streams.signals.evidence import event_in_words, of_event, window
from streams.signals.standing import Over
from streams.signals.state import ITEMS, Item, Spell

MAX_ITEMS = 100


class DueDetector(Detector):
    """Items by id. Spell per item: `open` from the firing to the end of the item, `fired_ms` the time of what fired, `level` that
    of the end that closed it.
    """

    def __init__(self, compiled: CompiledRule) -> None:
        super().__init__(compiled)
        assert isinstance(compiled.rule.detector, DueParameters)
        self._parameters = compiled.rule.detector
        self.types = frozenset(match.type for match in self._parameters.matchers())
        self.silent_topics = topics_of(match.type for match in self._parameters.ended_by)
        self.follows = (compiled.rule.subject, self._parameters.opened_by, self._parameters.date, self._parameters.ended_by)
        self._kind = compiled.rule.subject
        self._field = f"{compiled.rule.subject}_id"

    def on_event(self, context: Context, event: Event) -> None:
        subject = event.data.get(self._field)
        if subject is None:
            return
        if _any(self._parameters.ended_by, event):
            self._ended(context, event, subject)
        elif _any(self._parameters.at_once, event):
            self._at_once(context, event, subject)
        elif _any(self._parameters.opened_by, event) and event.data.get(self._parameters.date) is not None:
            self._opened(context, event, subject)

    def on_deadline(self, context: Context, subject: str, at_ms: int) -> None:
        item = context.cells[ITEMS].by_rule.get(self.rule_id, {}).get(subject)
        spell = context.spell(self.rule_id, subject)
        path = context.path
        if item is None or item.day is None or (spell is not None and spell.open) or not context.in_scope(self.compiled, path):
            return
        due_ms = self._moment(context, item.day)
        if due_ms > at_ms:  # the account has passed to a segment with another figure since this was planned
            context.plan(self._name(subject), due_ms)
            return
        calendar, parameters = context.calendar, self._resolved(context)
        after = parameters.days_after
        episode_ms = at_ms if after is None else calendar.midnight(item.day + 1)
        spell = context.edit_spell(self.rule_id, subject)
        spell.open, spell.episode_ms, spell.fired_ms = True, episode_ms, at_ms
        when = f"{parameters.days_before} days ahead" if after is None else f"open {after} days after it"
        evidence = Evidence(
            summary=f"{self._kind} {subject}: {self._parameters.date} {day_name(item.day)}, {when}.",
            observed=after,
            unit="days",
            window=window(episode_ms, at_ms) if episode_ms < at_ms else None,
            facts={self._parameters.date: day_name(item.day)},
            clears_when="",
        )
        context.fire(self.compiled, path, subject, episode_ms, evidence)

    def plan_anew(self, context: Context) -> bool:
        self._take_over(context)
        late = False
        for subject, item in context.cells[ITEMS].by_rule.get(self.rule_id, {}).items():
            spell = context.spell(self.rule_id, subject)
            if item.day is None or item.ended_ms >= item.opened_ms or (spell is not None and spell.open):
                continue
            if context.plan_anew(self._name(subject), self._moment(context, item.day)):
                late = late or self._still(context, item.day, context.moment.now_ms)
        return late

    def activate(self, context: Context, at_ms: int, close: DayClose) -> None:  # noqa: ARG002 no matter of days
        for subject, item in context.cells[ITEMS].by_rule.get(self.rule_id, {}).items():
            if item.day is None or item.ended_ms >= item.opened_ms or context.planned(self._name(subject)):
                continue
            at = self._moment(context, item.day)
            if item.opened_ms < at <= at_ms and self._still(context, item.day, at_ms):
                self.on_deadline(context, subject, at)

    def replan(self, context: Context) -> None:
        for subject, item in context.cells[ITEMS].by_rule.get(self.rule_id, {}).items():
            if item.day is not None and context.planned(self._name(subject)):
                context.plan(self._name(subject), self._moment(context, item.day))

    def _name(self, subject: str) -> str:
        return f"{self.rule_id}:{subject}"

    def _resolved(self, context: Context) -> DueParameters:
        parameters = self.parameters(context)
        assert isinstance(parameters, DueParameters)
        return parameters

    def _moment(self, context: Context, day: int) -> int:
        parameters, calendar = self._resolved(context), context.calendar
        after, before = parameters.days_after, parameters.days_before
        return calendar.close(day + after) if after is not None else calendar.midnight(day - (before or 0))

    def _still(self, context: Context, day: int, at_ms: int) -> bool:
        """Days ahead of a date are of interest until the date; days after it for as long as the item is open."""
        return self._resolved(context).days_before is None or at_ms < context.calendar.close(day)

    def _take_over(self, context: Context) -> None:
        """A new rule knows of the items that a rule with the same beginning, date and end has followed."""
        by_rule = context.cells[ITEMS].by_rule
        older = next((by_rule[rule] for rule in self.alike if rule in by_rule), None)
        if self.rule_id not in by_rule and older is not None:
            context.cells.edit(ITEMS).by_rule[self.rule_id] = {name: replace(one) for name, one in older.items()}

    def _edit(self, context: Context, subject: str) -> Item:
        items = context.cells.edit(ITEMS).by_rule.setdefault(self.rule_id, {})
        item = items.get(subject)
        if item is None:
            if len(items) >= MAX_ITEMS:
                gone = next((name for name, old in items.items() if old.ended_ms >= old.opened_ms), next(iter(items)))
                del items[gone]
                context.unplan(self._name(gone))
            item = items[subject] = Item()
        return item

    def _opened(self, context: Context, event: Event, subject: str) -> None:
        item = self._edit(context, subject)
        spell = context.spell(self.rule_id, subject)
        if event.time_ms <= item.ended_ms or event.time_ms < item.opened_ms or (spell is not None and spell.open):
            return
        item.day, item.opened_ms = day_number(event.data[self._parameters.date]), event.time_ms
        at = self._moment(context, item.day)
        if at > event.time_ms:
            context.plan(self._name(subject), at)
        else:
            context.unplan(self._name(subject))

    def _at_once(self, context: Context, event: Event, subject: str) -> None:
        item = self._edit(context, subject)
        spell = context.spell(self.rule_id, subject)
        if event.time_ms < item.ended_ms or (spell is not None and (spell.open or _swallowed(spell, event.time_ms))):
            return
        path = context.path
        if not context.in_scope(self.compiled, path, event.time_ms):
            return
        spell = context.edit_spell(self.rule_id, subject)
        # Ended in the same millisecond: it was an episode, and it is over.
        spell.open = event.time_ms > item.ended_ms
        spell.episode_ms = spell.fired_ms = event.time_ms
        if spell.open:
            context.unplan(self._name(subject))
        reason = {name: event.data[name] for name in ("reason", "amount", "currency") if name in event.data}
        evidence = of_event(f"{self._kind} {subject}: {event.type.partition('.')[2].replace('_', ' ')}.", event, **reason)
        context.fire(self.compiled, path, subject, event.time_ms, evidence)
        if not spell.open:
            context.end(self.compiled, subject, event.time_ms, Over("ended in the same instant"))

    def _ended(self, context: Context, event: Event, subject: str) -> None:
        time_ms = event.time_ms
        item = self._edit(context, subject)
        item.ended_ms = max(item.ended_ms, time_ms)
        if time_ms >= item.opened_ms:
            context.unplan(self._name(subject))
        spell = context.spell(self.rule_id, subject)
        if spell is not None and spell.open and time_ms >= spell.episode_ms:
            spell = context.edit_spell(self.rule_id, subject)
            spell.open, spell.level = False, time_ms
            context.end(self.compiled, subject, time_ms, Over(event_in_words(event)))


def _swallowed(spell: Spell, time_ms: int) -> bool:
    """Whether the episode was open until this very instant: events of one instant may come in any order."""
    return spell.level == time_ms and spell.episode_ms < time_ms


def _any(matchers: tuple[EventMatch, ...], event: Event) -> bool:
    return any(match.type == event.type and match.holds(event.data) for match in matchers)
