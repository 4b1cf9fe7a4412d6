"""Asks of the episodes that fired whether they are over: after what may end them, at day closes, and when their time has come.

Where a detector itself notices the end it says so (`Context.end`); this is for all else: kinds that remember nothing after they
fired, what a rule names in `cleared_by`, what a rule holds for no longer. An account without such an episode costs one look-up.
"""

from collections.abc import Iterable, Mapping

from plays.rules.parts import Part
from plays.rules.subjects import field_of
from schemas.events.event import Event
from streams.processing.deadline import Deadline
from streams.processing.effects import CancelDeadline, Raise, SetDeadline
from streams.processing.proof import Topics
from streams.signals.calendar import DAY_MS
from streams.signals.context import Context
from streams.signals.detector import Detector
from streams.signals.evidence import event_in_words
from streams.signals.parts import Parts
from streams.signals.standing import GONE, LEDGER, Over, Standing, end, of_rule

PREFIX = "clears_"
"""First letters of the deadlines' names, before the rule's id."""

_HOT = "feature.used"


class Ending:
    """What ends the episodes of one rule."""

    def __init__(self, detector: Detector, health_types: frozenset[str]) -> None:
        rule = detector.compiled.rule
        stated = rule.cleared_by
        parts: tuple[Part, ...] = () if stated is None else stated.parts
        self._detector = detector
        self._events = () if stated is None else stated.events
        self._parts = Parts(parts) if parts else None
        self._hold_ms = rule.max_hold * DAY_MS if isinstance(rule.max_hold, int) and not detector.holds_itself else None
        self._held = f"held for {rule.max_hold} days, and no longer"
        self._subject = rule.subject
        self._field = field_of(rule.subject)
        types = set(detector.endings).union(match.type for match in self._events)
        if self._parts is not None:
            types |= self._parts.types
        if detector.with_health or (self._parts is not None and self._parts.of_health):
            types |= health_types
        self.types = frozenset(types - {_HOT})
        self.daily = detector.ends_daily or (self._parts is not None and self._parts.daily)
        self.topics = detector.ends_in_silence
        self.series_of = () if self._parts is None else self._parts.series_of

    def look(self, context: Context, one: Standing, at_ms: int, event: Event | None) -> Over | None:
        """Whether it is over at `at_ms`."""
        over = self._named(context, one, event) or self._detector.ends(context, one, at_ms, event)
        if over is None and one.source and one.source in context.cells[LEDGER].ended:
            over = Over("what brought it up is over")
        if over is None and self._parts is not None and self._parts.all_hold(context, at_ms) is not None:
            over = Over(self._detector.compiled.rule.clears_when)
        if over is not None:
            return over._replace(expired=True) if event is not None and event.type in GONE else over
        if self._hold_ms is not None and at_ms >= one.fired_ms + self._hold_ms:
            return Over(self._held, expired=True)
        return None

    def by(self, context: Context, one: Standing) -> tuple[int, bool] | None:
        """When to look although nothing happens, and whether nothing must have happened until then."""
        found = [] if self._hold_ms is None else [(one.fired_ms + self._hold_ms, False)]
        at_ms = self._detector.ends_by(context, one)
        if at_ms is not None:
            found.append((at_ms, bool(self.topics)))
        return min(found, default=None)

    def _named(self, context: Context, one: Standing, event: Event | None) -> Over | None:
        """Of events of the same instant none is before the other: what ends it comes later than what began it."""
        if event is None or event.time_ms <= one.episode_ms:
            return None
        if one.subject != context.cells.account_id or one.kind != "account":
            subject = event.data.get(self._field if one.kind == self._subject else field_of(one.kind))
            if subject != one.subject:
                return None
        if any(match.type == event.type and match.holds(event.data) for match in self._events):
            return Over(event_in_words(event))
        return None


class Clearing:
    """The endings of all rules, by what they are asked after."""

    def __init__(self, detectors: Iterable[Detector], health_types: frozenset[str]) -> None:
        self._endings = {one.rule_id: Ending(one, health_types) for one in detectors if one.compiled.clears}
        by_type: dict[str, list[str]] = {}
        for rule_id, ending in self._endings.items():
            for name in sorted(ending.types):
                by_type.setdefault(name, []).append(rule_id)
        self._by_type: Mapping[str, tuple[str, ...]] = {name: tuple(rules) for name, rules in by_type.items()}
        self._daily = tuple(rule_id for rule_id, ending in self._endings.items() if ending.daily)
        self.types = frozenset(by_type)
        self.series_of = tuple(series for ending in self._endings.values() for series in ending.series_of)

    def after_event(self, context: Context, event: Event) -> None:
        """The event is part of the state, and the rules have looked at it."""
        self._look(context, self._by_type.get(event.type, ()), event.time_ms, event)

    def after_close(self, context: Context, at_ms: int) -> None:
        """A day is complete since `at_ms`."""
        self._look(context, self._daily, at_ms)

    def after(self, context: Context, at_ms: int) -> None:
        """Some rule has looked at the account."""
        self._look(context, (), at_ms)

    def on_deadline(self, context: Context, deadline: Deadline) -> None:
        """The time of an episode has come."""
        rule_id = deadline.name.removeprefix(PREFIX)
        if context.cells[LEDGER].planned.get(rule_id) == deadline.at_ms:
            del context.cells.edit(LEDGER).planned[rule_id]
            self._look(context, (rule_id,), deadline.at_ms)

    def silent_topics(self, name: str) -> Topics:
        """Where what would have gone on arrives."""
        ending = self._endings.get(name.removeprefix(PREFIX))
        return () if ending is None else ending.topics

    def replan(self, context: Context) -> None:
        """Another library, or other days: what was planned is planned anew."""
        if LEDGER in context.cells:
            ledger = context.cells[LEDGER]
            for rule_id in sorted({*ledger.by_rule, *ledger.planned}):
                self._plan(context, rule_id, -1)  # what is past is looked at now

    def drop(self, context: Context) -> None:
        """The account has churned."""
        context.effects.extend(CancelDeadline(PREFIX + rule_id) for rule_id in context.cells[LEDGER].planned)

    def _look(self, context: Context, rules: tuple[str, ...], at_ms: int, event: Event | None = None) -> None:
        if LEDGER not in context.cells:
            return
        raised = dict.fromkeys(effect.trigger.rule for effect in context.effects if isinstance(effect, Raise))
        for rule_id in dict.fromkeys((*rules, *raised)):
            ending = self._endings.get(rule_id)
            if ending is None:
                continue
            for one in of_rule(context.cells, rule_id):
                over = ending.look(context, one, at_ms, event)
                if over is not None:
                    end(context.cells, context.effects, rule_id, one, max(at_ms, one.episode_ms), over)
            self._plan(context, rule_id, at_ms)

    def _plan(self, context: Context, rule_id: str, after_ms: int) -> None:
        """Be woken at the earliest moment after `after_ms` at which time alone may end an episode of the rule."""
        ending = self._endings.get(rule_id)
        standing = of_rule(context.cells, rule_id) if ending is not None else ()
        moments = [by for one in standing if ending is not None and (by := ending.by(context, one)) is not None and by[0] > after_ms]
        first, planned_ms = min(moments, default=None), context.cells[LEDGER].planned.get(rule_id)
        if first is None:
            if planned_ms is not None:
                del context.cells.edit(LEDGER).planned[rule_id]
                context.effects.append(CancelDeadline(PREFIX + rule_id))
        elif first[0] != planned_ms:
            context.cells.edit(LEDGER).planned[rule_id] = first[0]
            context.effects.append(SetDeadline(PREFIX + rule_id, first[0], silence=first[1]))
