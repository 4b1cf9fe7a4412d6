"""Fires when a known attribute changes away from what it was."""

from typing import Any

from plays.rules.book import CompiledRule
from plays.rules.detectors.change import ChangeParameters
from schemas.events.event import Event
from schemas.records.trigger import Evidence, Scalar
from streams.processing.account import CONTACTS, Contact
from streams.signals.calendar import day_name, day_number
from streams.signals.changed_back import BACK, is_lower, leave_ends, memory_of, there
from streams.signals.context import Context
from streams.signals.detector import Detector
from streams.signals.evidence import of_event
from streams.signals.facts.contacts import leave_begins
from streams.signals.facts.contracts import contract_meant
from streams.signals.facts.subscriptions import FIGURES, figure_before
from streams.signals.standing import Over, Standing


class ChangeDetector(Detector):
    """Looks before the change is taken in: afterwards nobody knows what was. Each change is an episode of its own."""

    def __init__(self, compiled: CompiledRule) -> None:
        super().__init__(compiled)
        assert isinstance(compiled.rule.detector, ChangeParameters)
        self._parameters = compiled.rule.detector
        self.before_types = frozenset(match.type for match in self._parameters.matchers())
        self._back, self.endings = BACK[self._parameters.attribute]

    def ends(self, context: Context, one: Standing, at_ms: int, event: Event | None) -> Over | None:
        return self._back(context, self._resolved(context), one, at_ms, event)

    def ends_by(self, context: Context, one: Standing) -> int | None:
        return leave_ends(context, one) if self._parameters.attribute == "contact_leave" else None

    def _fire(self, context: Context, path: tuple[str, ...], subject: str, at_ms: int, evidence: Evidence) -> None:
        memory = memory_of(self._parameters.attribute, evidence.facts, evidence.baseline)
        context.fire(self.compiled, path, subject, at_ms, evidence, memory=memory)

    def on_event_before(self, context: Context, event: Event) -> None:
        match self._parameters.attribute:
            case "contact_role":
                self._role(context, event)
            case "contact_leave":
                self._leave(context, event)
            case "contact_profile":
                self._profile(context, event)
            case "contract":
                self._contract(context, event)
            case _:
                self._figure(context, event)

    def _role(self, context: Context, event: Event) -> None:
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
            if role not in away_from or event.data["role"] == role:
                return
            what = f"is now {event.data['role']}"
        self._tell(context, event, known, f"{role} of this account, {what}", role=role)

    def _leave(self, context: Context, event: Event) -> None:
        people, roles, calendar = context.cells[CONTACTS].people, self._resolved(context).away_from, context.calendar
        known, begins, until = people.get(event.data["contact_id"]), leave_begins(context.cells, event), event.data.get("until")
        if known is None or known.role not in roles or not there(known, event.time_ms):
            return
        if until is not None and day_number(until) < max(begins, calendar.day_of(event.time_ms)):
            return  # over before anybody told us
        if any(other is not known and other.role in roles and there(other, event.time_ms, begins) for other in people.values()):
            return
        from_, to = day_name(begins), None if until is None else day_name(day_number(until))
        what = f"the only {known.role} of this account, is away from {from_}{'' if to is None else f' until {to}'}"
        self._tell(context, event, known, what, **{"role": known.role, "from": from_, "until": to})

    def _profile(self, context: Context, event: Event) -> None:
        known, data = context.cells[CONTACTS].people.get(event.data["contact_id"]), event.data
        before = Contact() if known is None else known
        now = {name: data[name] for name in ("employer", "title") if name in data and data[name] != getattr(before, name)}
        if now and (known is None or known.left_ms is None):
            what = ", ".join(f"{name} {_changed(getattr(before, name), value)}" for name, value in now.items())
            self._tell(context, event, known, f"public profile: {what}", role=before.role, **now)

    def _tell(self, context: Context, event: Event, known: Contact | None, what: str, **facts: Scalar) -> None:
        path, contact_id = context.path, event.data["contact_id"]
        if context.in_scope(self.compiled, path, event.time_ms):
            name = contact_id if known is None or known.name is None else known.name
            self._fire(context, path, contact_id, event.time_ms, of_event(f"{name}, {what}.", event, contact=name, **facts))

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
                if is_lower(plans, now, before):
                    said.append(f"{name} from {_word(before)} to {_word(now)}")
        path = context.path
        if not said or not context.in_scope(self.compiled, path, event.time_ms):
            return
        subject = contract_meant(context.cells, event)
        facts = {name: value for name, value in facts.items() if value is not None}
        self._fire(context, path, subject, event.time_ms, of_event(f"Contract {subject}: {', '.join(said)}.", event, **facts))

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
                self._fire(context, path, subject, event.time_ms, evidence)


def _word(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _changed(before: str | None, now: str) -> str:
    return f"now {now}" if before is None else f"{before} -> {now}"
