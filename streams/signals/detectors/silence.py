"""Fires when nothing was heard of something for a while."""

from collections.abc import Iterable
from math import ceil

from plays.rules.book import CompiledRule
from plays.rules.detectors.silence import SilenceParameters
from schemas.events.event import Event
from schemas.records.trigger import Evidence, Scalar
from streams.signals.calendar import DAY_MS, day_name
from streams.signals.context import Context
from streams.signals.evidence import window
from streams.signals.silences.last import Last
from streams.signals.silences.registry import SILENCES
from streams.signals.standing import Over, Standing
from streams.signals.statistics import median_twice
from streams.signals.timed import FOR_EVER, Due, Timed

_LEAST_GAPS = 3


class SilenceDetector(Timed):
    """Moments: so many days after each subject was last heard."""

    def __init__(self, compiled: CompiledRule) -> None:
        super().__init__(compiled)
        assert isinstance(compiled.rule.detector, SilenceParameters)
        self._silence = SILENCES[compiled.rule.detector.of]
        self.types = self._silence.types
        self.silent_topics = self._silence.topics
        self.ends_daily = "product-usage" in self._silence.topics
        self.over = f"{self._silence.what}: not so any more"

    def dues(self, context: Context) -> Iterable[Due]:
        parameters = self._resolved(context)
        for last in self._silence.heard(context, parameters):
            since_ms = self._since(parameters, last)
            if since_ms < FOR_EVER:
                episode_ms = since_ms if last.episode_ms is None else last.episode_ms
                span_ms = self._days(parameters, last) * DAY_MS
                at_ms = since_ms + span_ms if last.by_ms is None else min(since_ms + span_ms, last.by_ms)
                at_ms = at_ms if last.idle_ms is None else self._again(context, last, at_ms, span_ms)
                yield Due(last.subject, at_ms, episode_ms, about=last.about)

    def ends(self, context: Context, one: Standing, at_ms: int, event: Event | None) -> Over | None:
        over = super().ends(context, one, at_ms, event)
        gone = over is not None and self._silence.gone(context, self._resolved(context), one.subject)
        return over._replace(expired=True) if over is not None and gone else over

    def judge(self, context: Context, due: Due) -> Evidence | None:
        parameters = self._resolved(context)
        last = next(one for one in self._silence.heard(context, parameters) if one.subject == due.subject)
        if last.idle_ms is not None and due.at_ms >= last.idle_ms:
            return None
        days, day_of = self._days(parameters, last), context.calendar.day_of
        what = self._silence.what if last.what is None else last.what
        silent = days if last.by_ms is None else (due.at_ms - last.last_ms) // DAY_MS
        span = f" for {silent} days" if last.times is None else ""
        whose = (
            "" if self.compiled.rule.subject == "account" else f" ({self.compiled.rule.subject} {last.facts.get('contact', due.subject)})"
        )
        since = day_name(day_of(last.last_ms) if last.on_day is None else last.on_day)
        facts: dict[str, Scalar] = {"last": since, "days": days, **last.facts}
        if last.away is not None and last.away.end_ms <= due.at_ms:
            facts["away_until"] = day_name(day_of(last.away.end_ms - 1))
        if parameters.rhythm is not None and len(last.gaps_days) >= _LEAST_GAPS:
            facts["usual_gap_days"] = median_twice(last.gaps_days) / 2
        return Evidence(
            summary=f"{what[:1].upper()}{what[1:]}{span}{whose}: {last.told} {since}.",
            observed=silent if last.times is None else last.times,
            threshold=days if last.times is None else last.times,
            unit="days" if last.times is None else "times",
            window=window(min(self._since(parameters, last), due.episode_ms), due.at_ms),
            facts=facts,
            sources=last.sources,
            clears_when="",
        )

    def _days(self, parameters: SilenceParameters, last: Last) -> int:
        days = parameters.days if last.days is None else last.days
        if parameters.rhythm is None or len(last.gaps_days) < _LEAST_GAPS:
            return days
        return max(days, ceil(parameters.rhythm * median_twice(last.gaps_days) / 2))

    def _again(self, context: Context, last: Last, at_ms: int, span_ms: int) -> int:
        """The moment after those that were passed over."""
        spell = context.spell(self.rule_id, last.subject)
        return at_ms if spell is None or spell.open or spell.fired_ms < at_ms else spell.fired_ms + span_ms

    def _since(self, parameters: SilenceParameters, last: Last) -> int:
        """Where the silence begins: at the end of an absence that it would reach into."""
        away = last.away
        if away is None or last.last_ms >= away.end_ms or last.last_ms + self._days(parameters, last) * DAY_MS <= away.start_ms:
            return last.last_ms
        return away.end_ms

    def _resolved(self, context: Context) -> SilenceParameters:
        parameters = self.parameters(context)
        assert isinstance(parameters, SilenceParameters)
        return parameters
