"""Fires when events pile up within a window that ends with the newest of them."""

from plays.rules.book import CompiledRule
from plays.rules.detectors.count import CountParameters, Form
from schemas.events.event import Event
from schemas.records.decision import Reason
from schemas.records.trigger import Evidence, Scalar
from streams.signals.calendar import DAY_MS
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.detector import Detector, topics_of
from streams.signals.evidence import of_event, requester, window
from streams.signals.facts.support import SUPPORT, Ticket
from streams.signals.series import Found, records_of, series_key, within
from streams.signals.standing import Over, Standing

_SAID_COOLDOWN = 1
_ENDS_OF_TICKETS = frozenset({"ticket.resolved", "ticket.closed"})


class CountDetector(Detector):
    """Spell per subject: `fired_ms` is the event time of the last firing."""

    def __init__(self, compiled: CompiledRule) -> None:
        super().__init__(compiled)
        assert isinstance(compiled.rule.detector, CountParameters)
        self._parameters = compiled.rule.detector
        self.types = frozenset(match.type for match in self._parameters.matchers())
        of = self._parameters.of
        fields = {form.of: self._parameters.field_of(form) for form in self._parameters.forms if form.of != "account"}
        self._fields: dict[str, str | None] = {**fields, "account": next((fields[name] for name in sorted(fields)), None)}
        self._keys = {name: series_key(of, field) for name, field in self._fields.items()}
        used = {self._keys[form.of]: self._fields[form.of] for form in self._parameters.forms}
        self._of_tickets = of.type.startswith("ticket.")
        self.endings = frozenset({of.type}) | (_ENDS_OF_TICKETS if self._of_tickets else frozenset())
        self.ends_in_silence = topics_of((of.type,))
        self.series_of = tuple((key, of, field) for key, field in used.items())

    def on_event(self, context: Context, event: Event) -> None:
        parameters = self._parameters
        if event.type == parameters.of.type and parameters.of.holds(event.data):
            for form in self._forms(context):
                subject = event.data.get(self._fields[form.of] or "")
                if self._form(context, form, subject, event.time_ms, requester(event)) and parameters.first_form:
                    break
        if any(match.type == event.type and match.holds(event.data) for match in parameters.at_once):
            days = self.compiled.rule.cooldown or self._forms(context)[0].days
            evidence = of_event(f"{self.compiled.rule.title}: {event.type}.", event)
            self._fire(context, event.time_ms, "account", context.cells.account_id, days, event.time_ms, evidence, ())

    def ends(self, context: Context, one: Standing, at_ms: int, event: Event | None) -> Over | None:  # noqa: ARG002 the facts have taken it in
        if self._parameters.until_resolved:
            tickets = context.cells[SUPPORT].tickets.values()
            return None if any(_wait(ticket, one.episode_ms) for ticket in tickets) else Over("the tickets are resolved")
        quiet_ms = self.ends_by(context, one)
        return None if quiet_ms is None or at_ms < quiet_ms else Over(f"nothing more of it for {self._quiet(context, one)} days")

    def ends_by(self, context: Context, one: Standing) -> int | None:
        ticket = context.cells[SUPPORT].tickets.get(one.subject) if one.kind == "ticket" else None
        if self._parameters.until_resolved or (ticket is not None and ticket.open):
            return None
        key, last_ms = self._keys.get(one.kind, self._keys["account"]), one.episode_ms
        for found in reversed(context.times(key)):
            if one.kind == "account" or found.subject == one.subject:
                last_ms = max(last_ms, found.time_ms)
                break
        return last_ms + self._quiet(context, one) * DAY_MS

    def _quiet(self, context: Context, one: Standing) -> int:
        forms = self._forms(context)
        return self._parameters.quiet or next((form.days for form in forms if form.of == one.kind), forms[0].days)

    def plan_anew(self, context: Context) -> bool:
        days = max(form.days for form in self._forms(context))
        newest = [times[-1].time_ms for key, _, _ in self.series_of if (times := context.times(key))]
        return bool(newest) and max(newest) > context.moment.now_ms - days * DAY_MS

    def activate(self, context: Context, at_ms: int, close: DayClose) -> None:  # noqa: ARG002 counted by events
        for form in self._forms(context):
            newest = {one.subject: one.time_ms for one in context.times(self._keys[form.of])}  # in order: the last stands
            if form.of == "account":
                last = {"": max(newest.values(), default=0)}
            else:
                last = {subject: time for subject, time in newest.items() if subject}
            for subject, time in sorted(last.items()):
                name = f"{form.of}:{subject or context.cells.account_id}"
                spell = context.spell(self.rule_id, name)
                spoken = spell is not None and time < spell.fired_ms + (self.compiled.rule.cooldown or form.days) * DAY_MS
                if time > at_ms - form.days * DAY_MS and not spoken:
                    self._form(context, form, subject, time, {})

    def _forms(self, context: Context) -> tuple[Form, ...]:
        parameters = self.parameters(context)
        assert isinstance(parameters, CountParameters)
        return parameters.forms

    def _form(self, context: Context, form: Form, subject: str | None, at: int, facts: dict[str, Scalar]) -> bool:
        """The window that ends with an event at `at`: whether there are enough in it."""
        account = form.of == "account"
        if account:
            subject = context.cells.account_id
        if not subject:
            return False
        if form.rolling:
            start, end = at - form.days * DAY_MS + 1, at + 1
        else:
            calendar = context.calendar
            day = calendar.day_of(at)
            start, end = calendar.midnight(day - form.days + 1), calendar.close(day)
        found = [one for one in within(context.times(self._keys[form.of]), start, end) if account or one.subject == subject]
        if len(found) < form.at_least:
            return False
        episode_ms = found[0].time_ms if form.rolling else start
        event_type = self._parameters.of.type
        what = f"{event_type} {len(found)} times in {form.days} days"
        whose = "" if account else f" for {form.of} {subject}"
        evidence = Evidence(
            summary=f"{self.compiled.rule.title}: {what}{whose} (at least {form.at_least}).",
            observed=len(found),
            threshold=form.at_least,
            unit="events",
            window=window(start, end),
            facts={"event_type": event_type, **facts, "days": form.days},
            clears_when="",
        )
        days = self.compiled.rule.cooldown or form.days
        self._fire(context, at, form.of, subject, days, episode_ms, evidence, ((event_type, found),))
        return True

    def _fire(
        self,
        context: Context,
        time_ms: int,
        kind: str,
        subject: str,
        days: int,
        episode_ms: int,
        evidence: Evidence,
        found: tuple[Found, ...],
    ) -> None:
        path = context.path
        if not context.in_scope(self.compiled, path, time_ms):
            return
        name = f"{kind}:{subject}"
        spell = context.spell(self.rule_id, name)
        if spell is not None and time_ms < spell.fired_ms + days * DAY_MS:
            if not spell.said & _SAID_COOLDOWN:
                context.edit_spell(self.rule_id, name).said |= _SAID_COOLDOWN
                detail = f"fired within the last {days} days; {evidence.summary}"
                context.decide(self.compiled, Reason.COOLDOWN, kind, subject, detail, {"cooldown_days": days})
            return
        spell = context.edit_spell(self.rule_id, name)
        spell.fired_ms, spell.episode_ms, spell.said = time_ms, episode_ms, 0
        if found:
            sources, left_out = records_of(found)
            evidence = evidence.model_copy(update={"sources": sources, "facts": {**evidence.facts, **left_out}})
        context.fire(self.compiled, path, subject, episode_ms, evidence, kind=kind)


def _wait(ticket: Ticket, since_ms: int) -> bool:
    """Whether somebody waits for it who has asked since then."""
    opened = ticket.open and max(ticket.created_ms, ticket.reopened_ms) >= since_ms
    return opened or (ticket.escalated and ticket.escalated_ms >= since_ms)
