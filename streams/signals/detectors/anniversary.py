"""Fires at a time of the relation: so long after it began, every so often, so long before a renewal, at a month's end."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from plays.rules.amounts import Span, span
from plays.rules.book import CompiledRule
from plays.rules.detectors.anniversary import AnniversaryParameters
from plays.rules.detectors.any_kind import AnyParameters
from schemas.events.event import Event
from schemas.records.trigger import Evidence, Scalar
from streams.signals import month_results
from streams.signals.calendar import DAY_MS, day_name, months_after
from streams.signals.context import Context
from streams.signals.detector import topics_of
from streams.signals.facts.milestones import PLANNED
from streams.signals.standing import Over, Standing
from streams.signals.state import CONTRACTS
from streams.signals.timed import Due, Timed

_BEGINS = {
    "first_contract_start": (("contract.started",), "the first contract began"),
    "account_created": (("account.created",), "the account was created"),
    "handoff": (("account.handoff",), "the handoff"),
    "month_end": ((), ""),
}
_DATES = ("contract.started", "contract.renewed", "contract.ended")
_MILESTONES = ("milestone.started", "milestone.moved", "milestone.completed")
_MONTH = 30.436875  # days, over the 400 years after which the calendar repeats
_TRIES = 6


class _Moment(NamedTuple):
    at_ms: int
    known_ms: int  # event time of the fact it follows from
    subject: str
    words: str
    date: str  # the day the words are about


class AnniversaryDetector(Timed):
    """Of each subject the next moment not judged yet. The spell holds the last one."""

    def __init__(self, compiled: CompiledRule, parameters: AnyParameters | None = None) -> None:
        """With `parameters`, those of one segment; without, the rule's own."""
        super().__init__(compiled)
        self._by_segment: dict[tuple[str, ...], AnniversaryDetector] | None = {} if parameters is None and compiled.layers else None
        parameters = compiled.rule.detector if parameters is None else parameters
        assert isinstance(parameters, AnniversaryParameters)
        self._parameters = parameters
        self._at = tuple(span(text) for text in parameters.at)
        self._every = None if parameters.every is None else span(parameters.every)
        self._of_months = parameters.since == "month_end"
        begins, self._beginning_words = _BEGINS[parameters.since]
        dates = (*(_DATES if parameters.days_before_renewal else ()), *(_MILESTONES if parameters.milestones else ()))
        self.types = month_results.TYPES if self._of_months else frozenset((*begins, *dates))
        self.silent_topics = topics_of(self.types)

    @property
    def endings(self) -> frozenset[str]:  # type: ignore[override]
        """None: a date that has come does not go."""
        return frozenset()

    def ends(self, context: Context, one: Standing, at_ms: int, event: Event | None) -> Over | None:  # noqa: ARG002 as above
        return None

    def dues(self, context: Context) -> Iterable[Due]:
        return self._here(context).dues_here(context)

    def judge(self, context: Context, due: Due) -> Evidence | None:
        return self._here(context).judge_here(context, due)

    def _here(self, context: Context) -> "AnniversaryDetector":
        if self._by_segment is None:
            return self
        path = context.path
        if path not in self._by_segment:
            self._by_segment[path] = AnniversaryDetector(self.compiled, self.compiled.parameters(path))
        return self._by_segment[path]

    def dues_here(self, context: Context) -> Iterable[Due]:
        """The moments under the parameters of this object."""
        if self._of_months:
            found = month_results.month_end(context, self._parameters, self._after(context, context.cells.account_id))
            yield from () if found is None else (found,)
            return
        first: dict[str, _Moment] = {}
        for one in self._moments(context, None):
            if one.at_ms > self._after(context, one.subject) and one.at_ms >= one.known_ms:
                first[one.subject] = min(one, first.get(one.subject, one))
        for subject, one in sorted(first.items()):
            yield Due(subject, one.at_ms, one.at_ms, one.known_ms, one.at_ms + self._parameters.late * DAY_MS)

    def judge_here(self, context: Context, due: Due) -> Evidence | None:
        """The evidence under the parameters of this object."""
        if self._of_months:
            return month_results.evidence_of(context, self._parameters, due)
        about = (one for one in self._moments(context, due.at_ms - 1) if (one.at_ms, one.subject) == (due.at_ms, due.subject))
        moment = min(about)
        day = context.calendar.day_of(due.at_ms) - self._parameters.at_close
        facts: dict[str, Scalar] = {"day_0": moment.date, "date": day_name(day), "moment": moment.words}
        return Evidence(summary=f"{moment.words[:1].upper()}{moment.words[1:]}, on {moment.date}.", facts=facts, clears_when="")

    def _moments(self, context: Context, after_ms: int | None) -> Iterator[_Moment]:
        """The moments named one by one; of the endless ones the first after `after_ms` (None: the last one judged) that may be heard."""
        named = list(self._planned(context)) if self._parameters.milestones else []
        yield from named or self._since_beginning(context, after_ms)
        for contract_id, contract in context.cells[CONTRACTS].by_id.items() if self._parameters.days_before_renewal else ():
            day = contract.renewal_day
            for days in () if day is None else self._parameters.days_before_renewal:
                assert day is not None
                words = f"{days} days before the renewal of {contract_id}"
                yield _Moment(self._instant(context, day - days), contract.dated_ms, context.cells.account_id, words, day_name(day))

    def _since_beginning(self, context: Context, after_ms: int | None) -> Iterator[_Moment]:
        beginning = self._beginning(context)
        if beginning is None:
            return
        day_0, known_ms = beginning
        subject = self._parameters.milestones[0] if self._parameters.milestones else context.cells.account_id
        since = f"since {self._beginning_words}"
        for after in self._at:
            at_ms = self._instant(context, _moved(day_0, after, 1))
            yield _Moment(at_ms, known_ms, subject, f"{_in_words(after, 1)} {since}", day_name(day_0))
        if self._every is not None:
            after_ms = self._after(context, subject) if after_ms is None else after_ms
            least = _least_nth(context.calendar.day_of(max(after_ms, known_ms)) - day_0, self._every)
            for nth in range(least, least + _TRIES):
                at_ms = self._instant(context, _moved(day_0, self._every, nth))
                if at_ms > after_ms and at_ms >= known_ms:
                    yield _Moment(at_ms, known_ms, subject, f"{_in_words(self._every, nth)} {since}", day_name(day_0))
                    break

    def _planned(self, context: Context) -> Iterator[_Moment]:
        """Milestones of the plan, done or to come; one that was done by its day has no moment any more."""
        for name, milestone in context.cells[PLANNED].by_id.items():
            day = milestone.due_day
            if milestone.kind in self._parameters.milestones and day is not None:
                at_ms = self._instant(context, day)
                over = 0 <= milestone.completed_ms < at_ms
                words = f"the plan's milestone {name} ({milestone.kind}) is due"
                yield _Moment(at_ms, at_ms + 1 if over else milestone.dated_ms, name, words, day_name(day))

    def _after(self, context: Context, subject: str) -> int:
        spell = context.spell(self.rule_id, subject)
        return -1 if spell is None else spell.fired_ms

    def _instant(self, context: Context, day: int) -> int:
        calendar = context.calendar
        return calendar.close(day) if self._parameters.at_close else calendar.midnight(day)

    def _beginning(self, context: Context) -> tuple[int, int] | None:
        """Day 0, and the event time of what says so."""
        profile, calendar = context.profile, context.calendar
        if self._parameters.since == "first_contract_start":
            day, known_ms = profile.first_contract_start_day, profile.first_contract_known_ms
            return None if day is None else (day, known_ms if known_ms is not None else profile.known_ms or 0)
        begun_ms = profile.created_ms if self._parameters.since == "account_created" else profile.handoff_ms
        return None if begun_ms is None else (calendar.day_of(begun_ms), begun_ms)


def _moved(day: int, by: Span, times: int) -> int:
    return months_after(day, by.months * times) + by.days * times


def _least_nth(days: int, every: Span) -> int:
    """From which time on to look for the first that lies `days` days on: one of the next six, as a month is never two days off."""
    return max(1, int(days / (every.days + _MONTH * every.months)) - 2)


def _in_words(length: Span, times: int) -> str:
    months, days = length.months * times, length.days * times
    count, unit = (days, "day") if days else (months // 12, "year") if months % 12 == 0 else (months, "month")
    return f"{count} {unit}{'' if count == 1 else 's'}"
