"""Fires when a renewal comes near, or when one does and there is doubt."""

from plays.rules.book import CompiledRule
from plays.rules.detectors.checkpoint import CheckpointParameters
from schemas.events.event import Event
from schemas.records.decision import Reason
from schemas.records.trigger import Evidence, Scalar
from streams.signals.calendar import day_name
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.detector import Detector, topics_of
from streams.signals.evidence import event_in_words, source, window
from streams.signals.facts.contracts import confidence_of
from streams.signals.facts.engagement import ENGAGEMENT, INBOUND
from streams.signals.parts import Look, Parts
from streams.signals.standing import GONE, Over, Standing
from streams.signals.state import CONTRACTS, EPISODES, Spell
from streams.signals.term import in_words, usage_of_term

_CONTRACTS = frozenset({"contract.started", "contract.renewed", "contract.ended"})
_STATED = "renewal.confidence"


class CheckpointDetector(Detector):
    """Spell per contract: `level` the renewal day it is about, `fired_ms` the renewal before it, `open` if its window fired."""

    silent_topics = topics_of({*_CONTRACTS, _STATED})

    def __init__(self, compiled: CompiledRule) -> None:
        super().__init__(compiled)
        assert isinstance(compiled.rule.detector, CheckpointParameters)
        self._parts = Parts(compiled.rule.detector.any_of)
        self.types = _CONTRACTS | {_STATED} | self._parts.types
        self.with_health = self._parts.of_health
        self.series_of = self._parts.series_of
        self.daily = self._parts.daily
        if compiled.rule.detector.quiet_from_days is not None:
            self.silent_topics = topics_of({*_CONTRACTS, _STATED, *INBOUND})
        self.endings = self.types if compiled.rule.detector.quiet_from_days is None else self.types.union(INBOUND)
        self.ends_daily = self.daily

    def on_event(self, context: Context, event: Event) -> None:
        if event.type in _CONTRACTS:
            self._dated(context, event, event.data["contract_id"])
        elif event.type == _STATED:
            contract_id = event.data.get("contract_id")
            known = context.cells[CONTRACTS].by_id
            for subject in sorted(known) if contract_id is None else [contract_id]:
                if subject in known:
                    self._stated(context, event, subject)
        if event.type in self._parts.types:
            self._look(context, event.time_ms, None, event)

    def on_health(self, context: Context, event: Event) -> None:
        if event.type not in self.types:
            self._look(context, event.time_ms, None, event)

    def on_close(self, context: Context, close: DayClose) -> None:
        self._look(context, close.calendar.close(close.day), close, None)

    def on_deadline(self, context: Context, subject: str, at_ms: int) -> None:
        spell = context.spell(self.rule_id, subject)
        if spell is None or spell.open:
            return
        start, end = self._window(context, spell)
        if at_ms < start:  # the account has passed to a segment with another window since this was planned
            context.plan(f"{self.rule_id}:{subject}", start)
        elif at_ms < end:
            self._judge(context, subject, spell, at_ms, None)

    def ends(self, context: Context, one: Standing, at_ms: int, event: Event | None) -> Over | None:  # noqa: ARG002 the facts have taken it in
        spell = context.spell(self.rule_id, one.subject)
        if spell is None or not spell.open:
            return None  # what became of the contract is said by `_dated`
        if self._quiet(context, spell) is None:
            return Over("somebody there wrote or came to a meeting")
        return Over("nothing speaks against the renewal any more") if self._doubt(context, one.subject, at_ms, None) is None else None

    def plan_anew(self, context: Context) -> bool:
        now_ms, running = context.moment.now_ms, False
        for subject, contract in context.cells[CONTRACTS].by_id.items():
            if contract.renewal_day is None:
                continue
            spell = context.spell(self.rule_id, subject)
            if spell is None or (spell.level, spell.fired_ms) != (contract.renewal_day, contract.renewed_ms):
                spell = context.edit_spell(self.rule_id, subject)
                spell.open, spell.level, spell.fired_ms = False, contract.renewal_day, contract.renewed_ms
            if spell.open:
                continue
            start, end = self._window(context, spell)
            if context.plan_anew(f"{self.rule_id}:{subject}", start):
                running = running or now_ms < end
        return running

    def activate(self, context: Context, at_ms: int, close: DayClose) -> None:
        for subject in sorted(context.cells[CONTRACTS].by_id):
            spell = context.spell(self.rule_id, subject)
            if spell is None or spell.open or context.planned(f"{self.rule_id}:{subject}"):
                continue
            start, end = self._window(context, spell)
            if start <= at_ms < end and self._doubt(context, subject, at_ms, close) is not None:
                self._judge(context, subject, spell, at_ms, None, close)

    def replan(self, context: Context) -> None:
        calendar = context.calendar
        for subject, contract in context.cells[CONTRACTS].by_id.items():
            name = f"{self.rule_id}:{subject}"
            if contract.renewal_day is not None and context.planned(name):
                context.plan(name, calendar.midnight(contract.renewal_day - self._resolved(context).from_days))

    def _dated(self, context: Context, event: Event, subject: str) -> None:
        name = f"{self.rule_id}:{subject}"
        contract = context.cells[CONTRACTS].by_id.get(subject)
        spell = context.spell(self.rule_id, subject)
        if contract is None or contract.renewal_day is None:
            context.unplan(name)
            context.end(self.compiled, subject, event.time_ms, Over(event_in_words(event), event.type in GONE))
            if spell is not None:
                del context.cells.edit(EPISODES).spells[self.rule_id][subject]
            return
        if spell is not None and (spell.level, spell.fired_ms) == (contract.renewal_day, contract.renewed_ms):
            return
        parameters = self._resolved(context)
        renewed = event.type == "contract.renewed"
        # A date that moves is good news for nobody who doubted; a plain reminder is over with it.
        doubted = bool(parameters.confidence or parameters.any_of)
        how = event_in_words(event) if renewed else f"it is to be renewed on {day_name(contract.renewal_day)} now"
        context.end(self.compiled, subject, event.time_ms, Over(how, expired=doubted and not renewed))
        spell = context.edit_spell(self.rule_id, subject)
        spell.open, spell.level, spell.fired_ms = False, contract.renewal_day, contract.renewed_ms
        start, end = self._window(context, spell)
        if event.time_ms < start:
            context.plan(name, start)
            return
        if event.time_ms < end and self._resolved(context).quiet_from_days is not None:
            context.plan(name, event.time_ms)  # inside already; that nobody wrote has to be believed all the same
            return
        context.unplan(name)
        if event.time_ms < end:
            self._judge(context, subject, spell, event.time_ms, event)

    def _stated(self, context: Context, event: Event, subject: str) -> None:
        spell, confidence = context.spell(self.rule_id, subject), self._resolved(context).confidence
        if spell is None or spell.open or self._confidence(context, subject) not in confidence:
            return
        start, end = self._window(context, spell)
        if start <= event.time_ms < end and event.data["confidence"] in confidence:
            self._judge(context, subject, spell, event.time_ms, event)

    def _look(self, context: Context, at_ms: int, close: DayClose | None, event: Event | None) -> None:
        """Whether a part holds by now, for contracts inside their window that have not fired."""
        found = context.cells.get(EPISODES)
        spells = None if found is None else found.spells.get(self.rule_id)
        if not spells:
            return
        parameters = self._resolved(context)
        if parameters.stated_only:
            return
        day = context.calendar.day_of(at_ms) if close is None else close.day + 1
        low, high = day + parameters.until_days, day + parameters.from_days
        inside = sorted(subject for subject, spell in spells.items() if not spell.open and low < spell.level <= high)
        if inside and self._parts.any_holds(context, at_ms, close) is not None:
            for subject in inside:
                if subject in context.cells[CONTRACTS].by_id:
                    self._judge(context, subject, spells[subject], at_ms, event, close)

    def _judge(self, context: Context, subject: str, spell: Spell, at_ms: int, event: Event | None, close: DayClose | None = None) -> None:
        path = context.path
        if not context.in_scope(self.compiled, path):
            return
        parameters, confidence = self._resolved(context), self._confidence(context, subject)
        date = day_name(spell.level)
        where = f"the renewal of {date} is {parameters.from_days} to {parameters.until_days} days away"
        facts: dict[str, Scalar] = {"confidence": confidence, "renewal_date": date}
        doubt = self._doubt(context, subject, at_ms, close)
        if doubt is None:
            stated = "not stated" if confidence is None else confidence
            context.decide(self.compiled, Reason.UNCONFIRMED, self.compiled.rule.subject, subject, f"confidence {stated}; {where}", facts)
            return
        quiet = self._quiet(context, spell)
        if quiet is None:
            return
        start, end = self._window(context, spell)
        context.edit_spell(self.rule_id, subject).open = True
        facts |= quiet
        for look in doubt:
            facts |= look.facts
        facts |= usage_of_term(context, subject, at_ms)
        if doubt:
            summary = f"{self.compiled.rule.title}: {'; '.join(look.words for look in doubt)}; contract {subject}, {where}."
        elif confidence in parameters.confidence:
            summary = f"Confidence in the renewal of {subject} is {confidence}; {where}."
        else:
            days = spell.level - context.calendar.day_of(at_ms)
            summary = f"Contract {subject} is to be renewed on {date}, in {days} days{in_words(facts)}."
        if quiet:
            summary = f"{summary[:-1]}; nobody there wrote or came to a meeting since {quiet['quiet_since']}."
        evidence = Evidence(
            summary=summary,
            window=window(start, end),
            facts=facts,
            sources=() if event is None else source(event),
            clears_when="",
        )
        until = self.compiled.rule.sla.startswith("until")
        context.fire(self.compiled, path, subject, start, evidence, act_by_ms=end if until else None)

    def _doubt(self, context: Context, subject: str, at_ms: int, close: DayClose | None) -> list[Look] | None:
        """What makes it fire: nothing more for a low confidence, or where no doubt is asked for; None where it does not."""
        parameters = self._resolved(context)
        if self._confidence(context, subject) in parameters.confidence or not (parameters.confidence or parameters.any_of):
            return []
        return self._parts.any_holds(context, at_ms, close) if parameters.any_of and not parameters.stated_only else None

    def _quiet(self, context: Context, spell: Spell) -> dict[str, Scalar] | None:
        """Of the customer's silence, where the rule asks for it; None where it was broken, or where we have not been listening for
        all of it.
        """
        days = self._resolved(context).quiet_from_days
        if days is None:
            return {}
        since_ms, last_ms = context.calendar.midnight(spell.level - days), context.cells[ENGAGEMENT].inbound_ms
        known_ms = context.profile.known_ms
        if last_ms >= since_ms or known_ms is None or known_ms > since_ms:
            return None
        last = day_name(context.calendar.day_of(last_ms)) if last_ms >= 0 else None
        return {"quiet_since": day_name(spell.level - days), "last_inbound": last}

    def _window(self, context: Context, spell: Spell) -> tuple[int, int]:
        calendar, parameters = context.calendar, self._resolved(context)
        return calendar.midnight(spell.level - parameters.from_days), calendar.midnight(spell.level - parameters.until_days)

    def _resolved(self, context: Context) -> CheckpointParameters:
        parameters = self.parameters(context)
        assert isinstance(parameters, CheckpointParameters)
        return parameters

    def _confidence(self, context: Context, subject: str) -> str | None:
        contracts = context.cells[CONTRACTS]
        contract = contracts.by_id.get(subject)
        return None if contract is None else confidence_of(contracts, contract)
