"""Fires when a renewal comes near and nobody is confident of it."""

from plays.rules.book import CompiledRule
from plays.rules.detectors.checkpoint import CheckpointParameters
from schemas.events.event import Event
from schemas.records.decision import Reason
from schemas.records.trigger import Evidence, Scalar
from streams.signals.calendar import day_name
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.detector import Detector, topics_of
from streams.signals.evidence import source, window
from streams.signals.facts.contracts import confidence_of
from streams.signals.state import CONTRACTS, EPISODES, Spell


class CheckpointDetector(Detector):
    """Spell per contract: `level` the renewal day it is about, `fired_ms` the renewal before it, `open` if its window fired."""

    types = frozenset({"contract.started", "contract.renewed", "contract.ended", "renewal.confidence"})
    silent_topics = topics_of(types)

    def __init__(self, compiled: CompiledRule) -> None:
        super().__init__(compiled)
        assert isinstance(compiled.rule.detector, CheckpointParameters)

    def on_event(self, context: Context, event: Event) -> None:
        contract_id = event.data.get("contract_id")
        if event.type != "renewal.confidence":
            assert contract_id is not None
            self._dated(context, event, contract_id)
            return
        known = context.cells[CONTRACTS].by_id
        for subject in sorted(known) if contract_id is None else [contract_id]:
            if subject in known:
                self._stated(context, event, subject)

    def on_deadline(self, context: Context, subject: str, at_ms: int) -> None:
        spell = context.spell(self.rule_id, subject)
        if spell is None or spell.open:
            return
        start, end = self._window(context, spell)
        if at_ms < start:  # the account has passed to a segment with another window since this was planned
            context.plan(f"{self.rule_id}:{subject}", start)
        elif at_ms < end:
            self._judge(context, subject, spell, None)

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

    def activate(self, context: Context, at_ms: int, close: DayClose) -> None:  # noqa: ARG002 no matter of days
        for subject in sorted(context.cells[CONTRACTS].by_id):
            spell = context.spell(self.rule_id, subject)
            if spell is None or spell.open or self._confidence(context, subject) not in self._resolved(context).confidence:
                continue
            start, end = self._window(context, spell)
            if not context.planned(f"{self.rule_id}:{subject}") and start <= at_ms < end:
                self._judge(context, subject, spell, None)

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
            if spell is not None:
                del context.cells.edit(EPISODES).spells[self.rule_id][subject]
            return
        if spell is not None and (spell.level, spell.fired_ms) == (contract.renewal_day, contract.renewed_ms):
            return
        spell = context.edit_spell(self.rule_id, subject)
        spell.open, spell.level, spell.fired_ms = False, contract.renewal_day, contract.renewed_ms
        start, end = self._window(context, spell)
        if event.time_ms < start:
            context.plan(name, start)
            return
        context.unplan(name)
        if event.time_ms < end:
            self._judge(context, subject, spell, event)

    def _stated(self, context: Context, event: Event, subject: str) -> None:
        spell = context.spell(self.rule_id, subject)
        if spell is None or spell.open or self._confidence(context, subject) not in self._resolved(context).confidence:
            return
        start, end = self._window(context, spell)
        if start <= event.time_ms < end and event.data["confidence"] in self._resolved(context).confidence:
            self._judge(context, subject, spell, event)

    def _judge(self, context: Context, subject: str, spell: Spell, event: Event | None) -> None:
        path = context.path
        if not context.in_scope(self.compiled, path):
            return
        confidence = self._confidence(context, subject)
        stated = "not stated" if confidence is None else confidence
        parameters = self._resolved(context)
        where = f"the renewal of {day_name(spell.level)} is {parameters.from_days} to {parameters.until_days} days away"
        if confidence not in parameters.confidence:
            facts: dict[str, Scalar] = {"confidence": confidence, "renewal_date": day_name(spell.level)}
            detail = f"confidence {stated}; {where}"
            context.decide(self.compiled, Reason.UNCONFIRMED, self.compiled.rule.subject, subject, detail, facts)
            return
        start, end = self._window(context, spell)
        context.edit_spell(self.rule_id, subject).open = True
        evidence = Evidence(
            summary=f"Confidence in the renewal of {subject} is {stated}; {where}.",
            window=window(start, end),
            facts={"confidence": confidence, "renewal_date": day_name(spell.level)},
            sources=() if event is None else source(event),
            clears_when="",
        )
        context.fire(self.compiled, path, subject, start, evidence, act_by_ms=end)

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
