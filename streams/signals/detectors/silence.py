"""Fires when nothing was heard of something for a while."""

from collections.abc import Iterable
from math import ceil

from plays.rules.book import CompiledRule
from plays.rules.detectors.silence import SilenceParameters
from schemas.records.trigger import Evidence
from streams.signals.calendar import DAY_MS, day_name
from streams.signals.context import Context
from streams.signals.evidence import window
from streams.signals.silences.last import Last
from streams.signals.silences.registry import SILENCES
from streams.signals.statistics import median_twice
from streams.signals.timed import Due, Timed

_LEAST_GAPS = 3


class SilenceDetector(Timed):
    """Moments: so many days after each subject was last heard."""

    def __init__(self, compiled: CompiledRule) -> None:
        super().__init__(compiled)
        assert isinstance(compiled.rule.detector, SilenceParameters)
        self._silence = SILENCES[compiled.rule.detector.of]
        self.types = self._silence.types
        self.silent_topics = self._silence.topics

    def dues(self, context: Context) -> Iterable[Due]:
        parameters = self._parameters(context)
        for last in self._silence.heard(context, parameters):
            yield Due(last.subject, last.last_ms + self._days(parameters, last) * DAY_MS, last.last_ms)

    def judge(self, context: Context, due: Due) -> Evidence | None:
        parameters = self._parameters(context)
        last = next(one for one in self._silence.heard(context, parameters) if one.subject == due.subject)
        days, calendar = self._days(parameters, last), context.calendar
        whose = "" if due.subject == context.cells.account_id else f" ({self.compiled.rule.subject} {due.subject})"
        since = day_name(calendar.day_of(last.last_ms))
        return Evidence(
            summary=f"{self._silence.what[:1].upper()}{self._silence.what[1:]} for {days} days{whose}: the last on {since}.",
            observed=days,
            threshold=days,
            unit="days",
            window=window(last.last_ms, due.at_ms),
            facts={"last": since, "days": days, **last.facts},
            clears_when="",
        )

    def _days(self, parameters: SilenceParameters, last: Last) -> int:
        days = parameters.days if last.days is None else last.days
        if parameters.rhythm is None or len(last.gaps_days) < _LEAST_GAPS:
            return days
        return max(days, ceil(parameters.rhythm * median_twice(last.gaps_days) / 2))

    def _parameters(self, context: Context) -> SilenceParameters:
        parameters = self.compiled.rule.detector if not self.compiled.has_overrides else self.compiled.parameters(context.path)
        assert isinstance(parameters, SilenceParameters)
        return parameters
