"""Signals: events in, triggers and decisions out."""

from collections.abc import Callable, Iterable

from plays.policy.health import HealthPolicy
from plays.policy.segments import SegmentIndex
from plays.rules.book import CompiledRule, RuleBook
from plays.rules.matcher import EventMatch
from schemas.events.event import Event
from schemas.events.registry import KINDS, TOPICS_OF
from schemas.records.decision import Decision, Reason, decision_id
from schemas.records.trigger import Scalar
from schemas.records.wire import rfc3339, utc
from streams.processing.account import CONTACTS, PROFILE
from streams.processing.cells import Cells
from streams.processing.deadline import Deadline
from streams.processing.effects import CancelDeadline, Decide, Effect, Raise
from streams.processing.library import Change
from streams.processing.moment import Moment
from streams.processing.proof import Topics
from streams.signals import activation, clearing, standing, usage
from streams.signals.clearing import Clearing
from streams.signals.context import Context
from streams.signals.detector import Detector
from streams.signals.facts import registry as facts
from streams.signals.facts.account import churn
from streams.signals.health.keeper import HealthKeeper
from streams.signals.health.state import HEALTH
from streams.signals.logic import LOGIC
from streams.signals.measures.registry import MEASURES
from streams.signals.series import record
from streams.signals.state import ACTIVATING, EPISODES, FIRED, OF_RULES, PENDING, TODAY
from streams.signals.timed import Timed

OF_THE_RELATION = (*OF_RULES, *facts.CELLS, HEALTH)
"""Everything that ends when the account churns."""

_USAGE_TOPIC = "product-usage"
_USAGE = (_USAGE_TOPIC,)
_FEEDS_SHOWN = 10
_ACCOUNT_TYPES = frozenset(facts.PROFILE_TYPES)
_CONTACT_TYPES = frozenset(facts.CONTACT_TYPES)
_SEGMENT_TYPES = frozenset({"account.created", "account.updated", "subscription.changed", "contract.started", "contract.renewed"})
_WHILE_CHURNED = frozenset({"account.created", "account.updated", "account.reactivated"}) | _CONTACT_TYPES
_BACK = frozenset({"account.created", "account.reactivated"})


class SignalsProcessor:
    """The rule book at work. Stateless: everything remembered is in the account's cells."""

    name = "signals"
    cells = (PROFILE, CONTACTS, FIRED, standing.LEDGER, *OF_THE_RELATION)

    def __init__(self, rule_book: RuleBook, segments: SegmentIndex, health: HealthPolicy | None = None) -> None:
        """Without a health policy there is no score, and rules that ask for it are silent."""
        self._segments = segments
        self._health = None if health is None else HealthKeeper(health, MEASURES)
        self._detectors = {compiled.rule.id: _logic(compiled) for compiled in rule_book}
        detectors = tuple(self._detectors.values())
        for one in [one for one in detectors if one.follows is not None]:
            one.alike = tuple(other.rule_id for other in detectors if other is not one and other.follows == one.follows)
        self._daily = tuple(one for one in detectors if one.daily)
        self._for_ever = any(one.without_usage for one in detectors)
        self._chained = {
            rule: tuple(one for one in detectors if rule in one.after_rules)
            for rule in sorted({rule for one in detectors for rule in one.after_rules})
        }
        self._with_health = tuple(one for one in detectors if one.with_health)
        # Who asks for health at an event gets it as of that event.
        asking = {name for one in self._with_health for name in one.types if TOPICS_OF[name][0] != _USAGE_TOPIC}
        self._health_types = frozenset() if self._health is None else self._health.types | asking
        self._before = _by_type(detectors, lambda one: one.before_types)
        self._after = _by_type(detectors, lambda one: one.types | one.begins_with)
        self._clearing = Clearing(detectors, self._health_types)
        every = (*(series for one in detectors for series in one.series_of), *self._clearing.series_of)
        series = {key: (match, field) for key, match, field in every}
        self.recorded = tuple(sorted(series))
        self._series: dict[str, list[tuple[str, EventMatch, str | None]]] = {}
        for key, (match, field) in sorted(series.items()):
            self._series.setdefault(match.type, []).append((key, match, field))
        listened = set(self._before) | set(self._after) | set(self._series)
        known = {kind.name for kind in KINDS if kind.topic in _SOURCE_TOPICS and kind.name != "feed.heartbeat"}
        self._usage_types = {kind.name for kind in KINDS if kind.topic == _USAGE_TOPIC}
        self.event_types = frozenset(known)  # not by rule: what counts as read must not change with the library
        self._plain_usage = "feature.used" not in listened

    def on_event(self, cells: Cells, event: Event, moment: Moment) -> Iterable[Effect]:
        """Take the event into the account's state, then let the rules that care look at it."""
        if event.type == "feature.used" and self._plain_usage:
            return usage.feature_used(cells, event, moment)
        return self._general(cells, event, moment)

    def on_deadline(self, cells: Cells, deadline: Deadline, moment: Moment) -> Iterable[Effect]:
        """A day is complete, or a rule's own moment has come."""
        context = Context(cells, moment, self._segments)
        if deadline.name == usage.DAY_CLOSE:
            if TODAY in cells:
                waiting = activation.before_close(context, self._detectors, deadline.at_ms) if ACTIVATING in cells else ()
                close = usage.close_day(cells, deadline, context.effects, self._for_ever)
                if self._health is not None:
                    self._health.on_close(context, close)
                for daily in self._daily:
                    if daily.rule_id not in waiting:
                        daily.on_close(context, close)
                self._passed_on(context)
                self._clearing.after_close(context, deadline.at_ms)
            return context.effects
        if deadline.name.startswith(clearing.PREFIX):
            self._clearing.on_deadline(context, deadline)
            return context.effects
        if cells[PENDING].at.get(deadline.name) != deadline.at_ms:
            return context.effects  # the account was planned anew when it came due: it is planned for another moment, or not at all
        del cells.edit(PENDING).at[deadline.name]
        rule_id, _, subject = deadline.name.partition(":")
        if (detector := self._detector(activation.owner_of(deadline.name))) is None:  # of a rule that is retired since
            return context.effects
        if rule_id in activation.NAMES:
            activation.activate(context, self._detectors, deadline.name, deadline.at_ms)
            self._passed_on(context)
            self._clearing.after(context, deadline.at_ms)
            return context.effects
        detector.on_deadline(context, subject, deadline.at_ms)
        if moment.proof is not None and moment.proof.held_ms is not None and not any(isinstance(e, Raise) for e in context.effects):
            detail = f"{rule_id} was held since {rfc3339(utc(moment.proof.held_ms))} and does not hold now that the feed has returned"
            self._decide(context, detector.compiled, Reason.CLEARED, subject, detail, {})
        self._passed_on(context)
        self._clearing.after(context, deadline.at_ms)
        return context.effects

    def silent_topics(self, name: str) -> Topics:
        """A rule's own deadline is about what would have prevented it; day closes, and what is judged by days alone, about usage."""
        if name == usage.DAY_CLOSE:
            return _USAGE
        if name.startswith(clearing.PREFIX):
            return self._clearing.silent_topics(name)
        detector = self._detector(activation.owner_of(name))
        if detector is None:
            return ()
        return detector.silent_topics or (_USAGE if detector.daily else ())

    def on_held(self, cells: Cells, deadline: Deadline, moment: Moment) -> Iterable[Effect]:
        """A rule's own deadline that cannot be believed is a decision; a day that is not complete yet is nobody's."""
        rule_id, _, subject = deadline.name.partition(":")
        detector = self._detector(rule_id)
        if detector is None or moment.proof is None or cells[PENDING].at.get(deadline.name) != deadline.at_ms:
            return ()
        context = Context(cells, moment, self._segments)
        proof, compiled = moment.proof, detector.compiled
        about = detector.about(context, subject, deadline.at_ms)
        if not about or not context.in_scope(compiled, context.path):
            return ()
        facts: dict[str, Scalar] = {
            feed: rfc3339(utc(time_ms)) for feed, time_ms in sorted(proof.heard(proof.topics).items())[:_FEEDS_SHOWN]
        }
        if about != (subject,):
            facts |= {"subjects": ", ".join(about[:_FEEDS_SHOWN])}
        detail = f"{rule_id} is due, but nobody can say that nothing came: a feed of {', '.join(proof.topics)} is silent itself"
        self._decide(context, compiled, Reason.HELD, subject, detail, facts)
        return context.effects

    def _decide(
        self, context: Context, compiled: CompiledRule, reason: Reason, subject: str, detail: str, facts: dict[str, Scalar]
    ) -> None:
        kind = compiled.rule.subject if subject else "account"  # a deadline without a subject stands for all of the account's
        context.decide(compiled, reason, kind, context.cells.account_id if kind == "account" else subject, detail, facts)

    def _detector(self, rule_id: str) -> Detector | None:
        return self._detectors.get(rule_id)

    def replan(self, cells: Cells, change: Change, moment: Moment) -> Iterable[Effect]:
        """Another rule book: see `streams.signals.activation`. Nothing is known of the course of an account that has churned."""
        context = Context(cells, moment, self._segments)
        profile = cells[PROFILE]
        if profile.churned_ms is None:
            activation.replan(context, self._detectors, change, self.recorded)
            self._clearing.replan(context)
            if self._for_ever and not cells[TODAY].closing and profile.known_ms is not None:
                context.effects.extend(usage.start_closing(cells, moment.now_ms))
        return context.effects

    def _general(self, cells: Cells, event: Event, moment: Moment) -> list[Effect]:
        context = Context(cells, moment, self._segments)
        profile = cells[PROFILE]
        event_type = event.type
        if profile.churned_ms is not None:
            if event_type not in _WHILE_CHURNED:
                return context.effects
            if event_type in _BACK:
                cells.edit(PROFILE).churned_ms = None
            else:
                self._tell(cells, event)
                return context.effects
        elif event_type == "account.churned":
            self._churn(context, event)
            return context.effects
        for detector in self._before.get(event_type, ()):
            detector.on_event_before(context, event)
        self._fold(context, event)
        if event_type in self._health_types and self._health is not None and self._health.on_event(context, event):
            for detector in self._with_health:
                detector.on_health(context, event)
        for detector in self._after.get(event_type, ()):
            detector.on_event(context, event)
        self._passed_on(context)
        self._clearing.after_event(context, event)
        return context.effects

    def _passed_on(self, context: Context) -> None:
        """Rules that listen to other rules make of the triggers among the effects what they will."""
        if self._chained:
            for effect in context.effects:  # grows on the way: a chain may have several links
                if isinstance(effect, Raise):
                    for detector in self._chained.get(effect.trigger.rule, ()):
                        detector.on_trigger(context, effect.trigger)

    def _fold(self, context: Context, event: Event) -> None:
        cells, event_type = context.cells, event.type
        if event_type == "feature.used":
            context.effects.extend(usage.feature_used(cells, event, context.moment))
        elif event_type not in self._usage_types:
            known_ms = cells[PROFILE].known_ms
            if known_ms is None or event.time_ms < known_ms:
                cells.edit(PROFILE).known_ms = event.time_ms
        zone = cells[PROFILE].timezone if event_type in _ACCOUNT_TYPES else None
        self._tell(cells, event)
        if event_type in _ACCOUNT_TYPES and cells[PROFILE].timezone != zone:
            context.effects.extend(usage.change_zone(cells, event, cells[PROFILE].timezone))
            for detector in self._detectors.values() if PENDING in cells else ():
                detector.replan(context)
            self._clearing.replan(context)
        for key, match, field in self._series.get(event_type, ()):
            if match.holds(event.data):
                record(cells, key, event, "" if field is None else event.data.get(field, ""))
        if self._for_ever and not cells[TODAY].closing:
            context.effects.extend(usage.start_closing(cells, max(event.time_ms, context.moment.now_ms)))

    @staticmethod
    def _tell(cells: Cells, event: Event) -> None:
        for fold in facts.FOLDS.get(event.type, ()):
            fold(cells, event)

    def _churn(self, context: Context, event: Event) -> None:
        cells = context.cells
        names = list(cells[PENDING].at)
        episodes = sum(spell.open for subjects in cells[EPISODES].spells.values() for spell in subjects.values())
        context.effects.extend(CancelDeadline(name) for name in names)
        if cells[TODAY].closing:
            context.effects.append(CancelDeadline(usage.DAY_CLOSE))
        churn(cells.edit(PROFILE), event.time_ms)
        self._clearing.drop(context)
        standing.end_all(cells)
        for cell in OF_THE_RELATION:
            cells.drop(cell)
        if names or episodes:
            account_id, time = cells.account_id, utc(context.moment.now_ms)
            decision = Decision(
                decision_id=decision_id(account_id, time, Reason.CHURNED, "signals"),
                account_id=account_id,
                time=time,
                reason=Reason.CHURNED,
                detail=f"the account churned: {episodes} open episodes and {len(names)} pending deadlines dropped",
                facts={"episodes": episodes, "deadlines": len(names)},
            )
            context.effects.append(Decide(decision))


_SOURCE_TOPICS = ("product-usage", "tickets", "billing", "accounts", "feedback", "engagement")


def _logic(compiled: CompiledRule) -> Detector:
    detector = LOGIC[compiled.rule.detector.kind](compiled)
    if isinstance(detector, Timed) and compiled.layers:
        detector.types |= _SEGMENT_TYPES  # in another segment its moments may be nearer
    return detector


def _by_type(detectors: Iterable[Detector], types: Callable[[Detector], frozenset[str]]) -> dict[str, tuple[Detector, ...]]:
    index: dict[str, list[Detector]] = {}
    for detector in detectors:
        for name in sorted(types(detector)):
            index.setdefault(name, []).append(detector)
    return {name: tuple(found) for name, found in index.items()}
