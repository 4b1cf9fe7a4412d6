"""Fires when what was promised for a day is not there at its close."""

from collections.abc import Iterable

from plays.rules.book import CompiledRule
from plays.rules.detectors.overdue import OverdueParameters
from schemas.events.event import Event
from schemas.records.trigger import Evidence, Scalar
from streams.signals.calendar import day_name
from streams.signals.context import Context
from streams.signals.detector import topics_of
from streams.signals.evidence import event_in_words
from streams.signals.promises import PROMISES, Owed
from streams.signals.standing import Memory, Over, Standing
from streams.signals.timed import Due, Timed


class OverdueDetector(Timed):
    """Moments: the close of each promised day, and, where that is told too, of what was kept the moment it was."""

    def __init__(self, compiled: CompiledRule) -> None:
        super().__init__(compiled)
        assert isinstance(compiled.rule.detector, OverdueParameters)
        self._promises = PROMISES[compiled.rule.detector.of]
        self.types = self._promises.types
        self.silent_topics = topics_of(self.types)

    def dues(self, context: Context) -> Iterable[Due]:
        parameters, calendar = self._resolved(context), context.calendar
        for owed in self._promises.find(context, parameters):
            if owed.day is not None:
                at = calendar.close(owed.day + parameters.days_after)
                if owed.kept_ms is None or owed.kept_ms >= at:
                    yield Due(owed.subject, at, at, owed.known_ms)
            if parameters.kept and owed.kept_ms is not None:
                yield Due(owed.subject, owed.kept_ms, owed.kept_ms, until_ms=owed.kept_ms + 1)

    over = "it is there now, or promised for another day"

    def memory(self, context: Context, due: Due) -> Memory | None:
        """The day it was promised for; what was reached has no end."""
        owed = self._owed(context, due.subject)
        return None if owed is None or owed.day is None or owed.kept_ms == due.episode_ms else Memory(level=owed.day)

    def ends(self, context: Context, one: Standing, at_ms: int, event: Event | None) -> Over | None:  # noqa: ARG002 at any time
        owed = self._owed(context, one.subject)
        return (
            None
            if owed is not None and owed.kept_ms is None and owed.day == one.level
            else Over(self.over if event is None else event_in_words(event))
        )

    def _owed(self, context: Context, subject: str) -> Owed | None:
        return next((one for one in self._promises.find(context, self._resolved(context)) if one.subject == subject), None)

    def judge(self, context: Context, due: Due) -> Evidence | None:
        parameters = self._resolved(context)
        owed = self._owed(context, due.subject)
        assert owed is not None
        facts: dict[str, Scalar] = {**owed.facts, **({} if owed.day is None else {"due": day_name(owed.day)})}
        about = f"{self._promises.what} {due.subject}"
        if owed.kept_ms == due.episode_ms:
            return Evidence(summary=f"Reached: {about}.", facts=facts | {"reached": True}, clears_when="")
        assert owed.day is not None
        summary = f"Not there by the close of {day_name(owed.day + parameters.days_after)}: {about}{_words(owed)}."
        return Evidence(summary=summary, observed=parameters.days_after, unit="days", facts=facts, clears_when="")

    def _resolved(self, context: Context) -> OverdueParameters:
        parameters = self.parameters(context)
        assert isinstance(parameters, OverdueParameters)
        return parameters


def _words(owed: Owed) -> str:
    """What an outcome stands at, or who promised an item."""
    target, value, owner = (owed.facts.get(name) for name in ("target", "value", "owner"))
    if target is not None:
        return f" (target {target:g}, " + (f"at {value:g})" if isinstance(value, int | float) else "never measured)")
    return f" (promised by {owner})" if owner else ""
