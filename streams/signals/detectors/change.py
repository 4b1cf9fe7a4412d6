"""Fires when a known attribute changes away from what it was."""

from typing import Any

from plays.rules.book import CompiledRule
from plays.rules.detectors.change import ChangeParameters
from schemas.events.event import Event
from schemas.records.trigger import Scalar
from streams.processing.account import CONTACTS
from streams.signals.context import Context
from streams.signals.detector import Detector
from streams.signals.evidence import of_event
from streams.signals.facts.contracts import contract_meant
from streams.signals.facts.subscriptions import FIGURES, figure_before


class ChangeDetector(Detector):
    """Looks before the change is taken in: afterwards nobody knows what was. Each change is an episode of its own."""

    def __init__(self, compiled: CompiledRule) -> None:
        super().__init__(compiled)
        assert isinstance(compiled.rule.detector, ChangeParameters)
        self._parameters = compiled.rule.detector
        self.before_types = frozenset(match.type for match in self._parameters.matchers())

    def on_event_before(self, context: Context, event: Event) -> None:
        if self._parameters.attribute == "contact_role":
            self._contact(context, event)
        elif self._parameters.attribute == "contract":
            self._contract(context, event)
        else:
            self._figure(context, event)

    def _contact(self, context: Context, event: Event) -> None:
        contact_id = event.data["contact_id"]
        known = context.cells[CONTACTS].people.get(contact_id)
        role = None if known is None else known.role
        away_from = self._resolved(context).away_from
        if event.type == "contact.left":
            if known is None or known.left_ms is not None or role not in away_from:
                return
            what = "left"
        else:
            role = event.data.get("role_before", role)
            if role not in away_from or event.data["role"] in away_from:
                return
            what = f"is now {event.data['role']}"
        path = context.path
        if context.in_scope(self.compiled, path, event.time_ms):
            name = contact_id if known is None or known.name is None else known.name
            summary = f"{name}, {role} of this account, {what}."
            context.fire(self.compiled, path, contact_id, event.time_ms, of_event(summary, event, role=role, contact=name))

    def _contract(self, context: Context, event: Event) -> None:
        said: list[str] = []
        facts: dict[str, Scalar] = {}
        if event.type == "contraction.signal":
            kind, strength = event.data.get("kind"), event.data.get("strength")
            said.append(
                f"a signal of contraction ({', '.join(str(word) for word in (kind, strength) if word is not None) or 'no details'})"
            )
            facts |= {"kind": kind, "strength": strength}
        else:
            plans = [plan.lower() for plan in self._resolved(context).plans]
            for name in FIGURES:
                before, now = figure_before(context.cells, event, name), event.data.get(name)
                if before is None or now is None:
                    continue
                facts |= {name: now, f"{name}_before": before}
                if _is_lower(plans, now, before):
                    said.append(f"{name} from {_word(before)} to {_word(now)}")
        path = context.path
        if not said or not context.in_scope(self.compiled, path, event.time_ms):
            return
        subject = contract_meant(context.cells, event)
        facts = {name: value for name, value in facts.items() if value is not None}
        context.fire(self.compiled, path, subject, event.time_ms, of_event(f"Contract {subject}: {', '.join(said)}.", event, **facts))

    def _resolved(self, context: Context) -> ChangeParameters:
        parameters = self.parameters(context)
        assert isinstance(parameters, ChangeParameters)
        return parameters

    def _figure(self, context: Context, event: Event) -> None:
        attribute, ratio = self._parameters.attribute, self._resolved(context).ratio
        now, before = event.data.get(attribute), event.data.get(f"{attribute}_before")
        if before is None and attribute == "seats":
            before = context.profile.seats
        elif before is None:
            before = context.profile.mrr
        if now is None or not before or ratio is None or now * ratio.denominator > ratio.numerator * before:
            return
        path = context.path
        if context.in_scope(self.compiled, path, event.time_ms):
            figures = {"observed": float(now), "baseline": float(before), "threshold": float(ratio), "unit": attribute}
            evidence = of_event(f"{attribute} went from {before:g} to {now:g}.", event).model_copy(update=figures)
            subject = context.cells.account_id if self.compiled.rule.subject == "account" else event.data.get("contract_id")
            if subject is not None:
                context.fire(self.compiled, path, subject, event.time_ms, evidence)


def _is_lower(plans: list[str], now: Any, before: Any) -> bool:
    """A figure, or a plan that stands earlier among `plans`; one that is not there is neither lower nor higher."""
    if not isinstance(now, str):
        return bool(now < before)
    return now.lower() in plans and before.lower() in plans and plans.index(now.lower()) < plans.index(before.lower())


def _word(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}"
