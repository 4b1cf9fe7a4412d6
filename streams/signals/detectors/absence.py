"""Fires when something has not happened some days after a beginning."""

from plays.rules.book import CompiledRule
from plays.rules.detectors.absence import AbsenceParameters
from schemas.events.event import Event
from schemas.records.trigger import Evidence
from streams.signals.calendar import Calendar, day_name
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.detector import Detector, topics_of
from streams.signals.evidence import window
from streams.signals.series import series_key, within
from streams.signals.standing import Over, Standing
from streams.signals.state import NEVER, TODAY, WEEKS

_ACCOUNT = "account"
_WORDS = {"account_created": "the account was created", "handoff": "the handoff", "contract_start": "the contract began"}


class AbsenceDetector(Detector):
    """Spell per subject: `run` 1 once judged (and by that done with), `open` if it fired. Handoff rules are done when they fired."""

    def __init__(self, compiled: CompiledRule) -> None:
        super().__init__(compiled)
        assert isinstance(compiled.rule.detector, AbsenceParameters)
        self._parameters = compiled.rule.detector
        since = self._parameters.since
        if since == "account_created":
            self.types = frozenset({"account.created"})
        elif since == "handoff":
            self.types = frozenset({"account.handoff", "contract.started"})
        else:
            self.types = frozenset({"contract.started", "account.created", "account.updated"})
        self.series_of = tuple((series_key(match, None), match, None) for match in self._parameters.unless)
        self.silent_topics = topics_of(match.type for match in self._parameters.unless) or ("product-usage",)
        self._by_feature = self._parameters.unless_signal == "feature_activated"
        signs = {"activity": {"user.login"}, "feature_activated": {"feature.activated", "account.updated"}}
        self.endings = frozenset({match.type for match in self._parameters.unless} | signs.get(self._parameters.unless_signal or "", set()))
        self.ends_daily = self._parameters.unless_signal is not None

    def on_event(self, context: Context, event: Event) -> None:
        if self._parameters.since == "handoff" and event.type == "contract.started" and context.profile.handoff_ms is not None:
            return
        calendar = context.calendar
        beginning = self._beginning(context, calendar)
        if beginning is None:
            return
        at = calendar.close(beginning + self._days(context))
        if at <= event.time_ms:
            return
        subjects = context.profile.key_features if self._by_feature else [_ACCOUNT]
        for subject in subjects:
            spell = context.spell(self.rule_id, subject)
            if spell is None or not (spell.open or (spell.run and self._parameters.since != "handoff")):
                context.plan(f"{self.rule_id}:{subject}", at)

    def on_deadline(self, context: Context, subject: str, at_ms: int) -> None:
        if self._by_feature and subject not in context.profile.key_features:
            return
        calendar = context.calendar
        beginning = self._beginning(context, calendar)
        if beginning is None or not self._known(context, calendar, beginning):
            return
        context.edit_spell(self.rule_id, subject).run = 1
        if not self._happened(context, calendar, subject, beginning, at_ms):
            self._fire(context, calendar, subject, beginning, at_ms)

    def ends(self, context: Context, one: Standing, at_ms: int, event: Event | None) -> Over | None:  # noqa: ARG002 the facts have taken it in
        if self._by_feature and one.subject not in context.profile.key_features:
            return Over("it is no key feature any more", expired=True)
        calendar = context.calendar
        beginning = self._beginning(context, calendar)
        subject = one.subject if self._by_feature else _ACCOUNT
        until_ms = calendar.close(calendar.day_of(at_ms))
        if beginning is None or not self._happened(context, calendar, subject, beginning, until_ms):
            return None
        return Over("the first sign of it has come")

    def plan_anew(self, context: Context) -> bool:
        calendar = context.calendar
        beginning = self._beginning(context, calendar)
        if beginning is None or not self._known(context, calendar, beginning):
            return False
        at, missed = calendar.close(beginning + self._days(context)), False
        for subject in context.profile.key_features if self._by_feature else [_ACCOUNT]:
            spell = context.spell(self.rule_id, subject)
            if spell is not None and spell.open:
                continue
            if context.plan_anew(f"{self.rule_id}:{subject}", at):
                missed = missed or not self._happened(context, calendar, subject, beginning, calendar.close(_today(context, calendar)))
        return missed

    def activate(self, context: Context, at_ms: int, close: DayClose) -> None:  # noqa: ARG002 no matter of days
        calendar = context.calendar
        beginning = self._beginning(context, calendar)
        if beginning is None or not self._known(context, calendar, beginning):
            return
        at = calendar.close(beginning + self._days(context))
        if at <= (context.profile.known_ms or 0):
            return  # past when we first heard of the account: there was never a plan
        for subject in context.profile.key_features if self._by_feature else [_ACCOUNT]:
            spell = context.spell(self.rule_id, subject)
            # Late is not never: what happened after its day, but by now, is no longer worth a word.
            until = calendar.close(_today(context, calendar))
            if at > at_ms or context.planned(f"{self.rule_id}:{subject}") or (spell is not None and spell.open):
                continue
            if not self._happened(context, calendar, subject, beginning, until):
                context.edit_spell(self.rule_id, subject).run = 1
                self._fire(context, calendar, subject, beginning, at)

    def _fire(self, context: Context, calendar: Calendar, subject: str, beginning: int, at_ms: int) -> None:
        path = context.path
        if not context.in_scope(self.compiled, path):
            return
        spell = context.edit_spell(self.rule_id, subject)
        spell.open = True
        spell.episode_ms = calendar.midnight(beginning)
        days = calendar.day_of(at_ms) - 1 - beginning
        evidence = Evidence(
            summary=f"{self._what(subject)} by the close of day {days} since {_WORDS[self._parameters.since]} ({day_name(beginning)}).",
            observed=0,
            threshold=1,
            window=window(spell.episode_ms, at_ms),
            facts={"day_0": day_name(beginning), "days": days, **({"feature": subject} if self._by_feature else {})},
            clears_when="",
        )
        context.fire(self.compiled, path, subject if self._by_feature else context.cells.account_id, spell.episode_ms, evidence)

    def replan(self, context: Context) -> None:
        calendar = context.calendar
        beginning = self._beginning(context, calendar)
        if beginning is None:
            return
        at = calendar.close(beginning + self._days(context))
        for subject in context.profile.key_features if self._by_feature else [_ACCOUNT]:
            if context.planned(f"{self.rule_id}:{subject}"):
                context.plan(f"{self.rule_id}:{subject}", at)

    def _days(self, context: Context) -> int:
        return self._resolved(context).days

    def _resolved(self, context: Context) -> AbsenceParameters:
        parameters = self.parameters(context)
        assert isinstance(parameters, AbsenceParameters)
        return parameters

    def _beginning(self, context: Context, calendar: Calendar) -> int | None:
        profile = context.profile
        if self._parameters.since == "account_created":
            return None if profile.created_ms is None else calendar.day_of(profile.created_ms)
        if self._parameters.since == "handoff" and profile.handoff_ms is not None:
            return calendar.day_of(profile.handoff_ms)
        return profile.first_contract_start_day

    def _known(self, context: Context, calendar: Calendar, beginning: int) -> bool:
        """Whether the events that would tell were recorded for as long as they count."""
        start = calendar.midnight(beginning - self._resolved(context).days_before)
        return all(context.recorded_since(key) <= start for key, _, _ in self.series_of)

    def _happened(self, context: Context, calendar: Calendar, subject: str, beginning: int, at_ms: int) -> bool:
        signal = self._parameters.unless_signal
        last_day = calendar.day_of(at_ms) - 1
        today = context.cells[TODAY]
        if signal == "activity":
            return today.active_day <= last_day
        if signal == "feature_activated":
            first = context.cells[WEEKS].features.get(subject, NEVER)
            if subject in today.features:
                first = min(first, today.day)
            return first <= last_day
        start = calendar.midnight(beginning - self._resolved(context).days_before)
        series = [context.times(key) for key, _, _ in self.series_of]
        return any(within(times, start, at_ms) for times in series)

    def _what(self, subject: str) -> str:
        if self._by_feature:
            return f"Key feature {subject} not activated"
        if self._parameters.unless_signal == "activity":
            return "No login and no usage"
        match = self._parameters.unless[0]
        return f"No {' '.join((*(str(value) for value in match.where.values()), match.type.partition('.')[0]))}"


def _today(context: Context, calendar: Calendar) -> int:
    return calendar.day_of(context.moment.now_ms)
