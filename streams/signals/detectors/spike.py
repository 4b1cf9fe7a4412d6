"""Fires when a week has unusually many events of one kind."""

from plays.rules.book import CompiledRule
from plays.rules.detectors.spike import SpikeParameters
from schemas.events.event import Event
from schemas.records.decision import Reason
from schemas.records.trigger import Evidence, Scalar
from streams.signals.calendar import DAY_MS, Calendar
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.detector import Detector, topics_of
from streams.signals.evidence import window
from streams.signals.series import records_of, series_key, within
from streams.signals.standing import Memory, Over, Standing
from streams.signals.state import Occurrence
from streams.signals.statistics import median_twice, poisson_tail

_SAID_COOLDOWN = 1


class SpikeDetector(Detector):
    """Spell of the account: `fired_ms` holds the day number of the last firing, `open` that there was one."""

    def __init__(self, compiled: CompiledRule) -> None:
        super().__init__(compiled)
        assert isinstance(compiled.rule.detector, SpikeParameters)
        match = compiled.rule.detector.of
        self.types = frozenset({match.type})
        self._key = series_key(match, None)
        self.series_of = ((self._key, match, None),)
        self._cooldown = compiled.rule.cooldown or 7
        self._match = match
        self.endings = self.types
        self.ends_in_silence = topics_of(self.types)

    def on_event(self, context: Context, event: Event) -> None:
        if self._match.holds(event.data):
            self._judge(context, event.time_ms)

    def ends(self, context: Context, one: Standing, at_ms: int, event: Event | None) -> Over | None:  # noqa: ARG002 the series has taken it in
        return Over("a week is as usual again") if at_ms >= self.ends_by(context, one) else None

    def ends_by(self, context: Context, one: Standing) -> int:
        """The first close, from the day of the spike on, at which the seven days are as usual if nothing more comes."""
        calendar, times = context.calendar, context.times(self._key)
        day = calendar.day_of(one.episode_ms) + 6
        while 2 * len(_week(times, calendar, day)) > round(2 * (one.level or 0)):
            day += 1
        return calendar.close(day)

    def plan_anew(self, context: Context) -> bool:
        times = context.times(self._key)
        return bool(times) and times[-1].time_ms >= context.moment.now_ms - 7 * DAY_MS

    def activate(self, context: Context, at_ms: int, close: DayClose) -> None:  # noqa: ARG002 counted by events
        times, calendar = context.times(self._key), context.calendar
        spell = context.spell(self.rule_id, context.cells.account_id)
        day = calendar.day_of(times[-1].time_ms) if times else 0
        spoken = spell is not None and spell.open and day < spell.fired_ms + self._cooldown
        if times and day > calendar.day_of(at_ms) - 7 and not spoken:
            self._judge(context, times[-1].time_ms)

    def _judge(self, context: Context, time_ms: int) -> None:
        """The seven days that end with that of an event at `time_ms`."""
        path = context.path
        parameters = self.compiled.parameters(path)
        assert isinstance(parameters, SpikeParameters)
        calendar = context.calendar
        day = calendar.day_of(time_ms)
        times = context.times(self._key)
        found = _week(times, calendar, day)
        n = len(found)
        if n < parameters.at_least:
            return
        known_ms = context.profile.known_ms
        known_day = day if known_ms is None else calendar.day_of(known_ms)
        ends = [day - 7 * week for week in range(1, parameters.weeks + 1)]
        recorded_ms = context.recorded_since(self._key)
        if recorded_ms and calendar.day_of(recorded_ms) >= max(known_day, ends[-1] - 6):
            return  # of a past that was not recorded nobody can say how usual this week is
        weekly = [len(_week(times, calendar, end)) for end in ends if end - 6 >= known_day]
        twice = median_twice(weekly)
        if 2 * n < parameters.times * twice:
            return
        mean = max(parameters.least_mean, sum(weekly) / len(weekly) if weekly else 0.0)
        tail = poisson_tail(n, mean)
        if (tail > parameters.probability and not parameters.exact) or not context.in_scope(self.compiled, path):
            return
        account_id = context.cells.account_id
        spell = context.spell(self.rule_id, account_id)
        if spell is not None and spell.open and day < spell.fired_ms + self._cooldown:
            if not spell.said & _SAID_COOLDOWN:
                context.edit_spell(self.rule_id, account_id).said |= _SAID_COOLDOWN
                detail = f"{n} in 7 days, but the rule fired within the last {self._cooldown} days"
                facts: dict[str, Scalar] = {"observed": n, "cooldown_days": self._cooldown}
                context.decide(self.compiled, Reason.COOLDOWN, "account", account_id, detail, facts)
            return
        spell = context.edit_spell(self.rule_id, account_id)
        spell.open, spell.fired_ms, spell.said = True, day, 0
        start = calendar.midnight(day - 6)
        sources, left_out = records_of(((self._match.type, found),))
        evidence = Evidence(
            summary=f"{n} x {self._match.type} in 7 days; a usual week of this account has {twice / 2:g}.",
            observed=n,
            baseline=twice / 2,
            threshold=max(float(parameters.at_least), float(parameters.times * twice / 2)),
            unit="events",
            window=window(start, calendar.close(day)),
            baseline_window=window(calendar.midnight(ends[len(weekly) - 1] - 6), start) if weekly else None,
            facts={"weeks": len(weekly), "mean": mean, "probability": tail, **left_out},
            sources=sources,
            clears_when="",
        )
        context.fire(self.compiled, path, account_id, start, evidence, memory=Memory(level=twice / 2))


def _week(times: list[Occurrence], calendar: Calendar, last: int) -> list[Occurrence]:
    return within(times, calendar.midnight(last - 6), calendar.close(last))
