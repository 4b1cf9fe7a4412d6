"""Fires when events pile up within a window that ends with the newest of them."""

from bisect import bisect_left

from plays.rules.book import CompiledRule
from plays.rules.detectors.count import CountParameters, Form
from schemas.events.event import Event
from schemas.records.decision import Reason
from schemas.records.trigger import Evidence, Scalar, SourceRef
from streams.signals.calendar import DAY_MS
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.detector import Detector
from streams.signals.evidence import of_event, requester, source, window
from streams.signals.series import series_key

_SAID_COOLDOWN = 1


class CountDetector(Detector):
    """Spell per subject: `fired_ms` is the event time of the last firing."""

    def __init__(self, compiled: CompiledRule) -> None:
        super().__init__(compiled)
        assert isinstance(compiled.rule.detector, CountParameters)
        self._parameters = compiled.rule.detector
        self.types = frozenset(match.type for match in self._parameters.matchers())
        named = sorted({form.of for form in self._parameters.forms} - {"account"})
        field = f"{named[0]}_id" if named else None
        self._field = field
        self._key = series_key(self._parameters.of, field)
        self.series_of = ((self._key, self._parameters.of, field),)

    def on_event(self, context: Context, event: Event) -> None:
        parameters = self._parameters
        if event.type == parameters.of.type and parameters.of.holds(event.data):
            subject = event.data.get(self._field or "")
            for form in self._forms(context):
                self._form(context, form, subject, event.time_ms, requester(event), source(event))
        if any(match.type == event.type and match.holds(event.data) for match in parameters.at_once):
            days = self.compiled.rule.cooldown or self._forms(context)[0].days
            evidence = of_event(f"{self.compiled.rule.title}: {event.type}.", event)
            self._fire(context, event.time_ms, "account", context.cells.account_id, days, event.time_ms, evidence)

    def plan_anew(self, context: Context) -> bool:
        times = context.times(self._key)
        days = max(form.days for form in self._forms(context))
        return bool(times) and times[-1][0] > context.moment.now_ms - days * DAY_MS

    def activate(self, context: Context, at_ms: int, close: DayClose) -> None:  # noqa: ARG002 counted by events
        newest = {subject: time for time, subject in context.times(self._key)}  # in order: the last of each subject stands
        for form in self._forms(context):
            if form.of == "account":
                last = {"": max(newest.values(), default=0)}
            else:
                last = {subject: time for subject, time in newest.items() if subject}
            for subject, time in sorted(last.items()):
                name = f"{form.of}:{subject or context.cells.account_id}"
                spell = context.spell(self.rule_id, name)
                spoken = spell is not None and time < spell.fired_ms + (self.compiled.rule.cooldown or form.days) * DAY_MS
                if time > at_ms - form.days * DAY_MS and not spoken:
                    self._form(context, form, subject, time, {}, ())

    def _forms(self, context: Context) -> tuple[Form, ...]:
        parameters = self.parameters(context)
        assert isinstance(parameters, CountParameters)
        return parameters.forms

    def _form(
        self, context: Context, form: Form, subject: str | None, at: int, facts: dict[str, Scalar], sources: tuple[SourceRef, ...]
    ) -> None:
        """The window that ends with an event at `at`."""
        account = form.of == "account"
        if account:
            subject = context.cells.account_id
        if subject is None:
            return
        times = context.times(self._key)
        if form.rolling:
            start, end = at - form.days * DAY_MS + 1, at + 1
        else:
            calendar = context.calendar
            day = calendar.day_of(at)
            start, end = calendar.midnight(day - form.days + 1), calendar.close(day)
        low, high = bisect_left(times, (start, "")), bisect_left(times, (end, ""))
        found = [time for time, name in times[low:high] if account or name == subject]
        if len(found) < form.at_least:
            return
        episode_ms = found[0] if form.rolling else start
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
            sources=sources,
            clears_when="",
        )
        self._fire(context, at, form.of, subject, self.compiled.rule.cooldown or form.days, episode_ms, evidence)

    def _fire(self, context: Context, time_ms: int, kind: str, subject: str, days: int, episode_ms: int, evidence: Evidence) -> None:
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
        if kind == "account":
            context.fire_for_account(self.compiled, path, episode_ms, evidence)
        else:
            context.fire(self.compiled, path, subject, episode_ms, evidence)
