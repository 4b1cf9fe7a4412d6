"""Fires at a time of the relation: so long after it began, every so often, so long before a renewal."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from plays.rules.amounts import Span, span
from plays.rules.book import CompiledRule
from plays.rules.detectors.anniversary import AnniversaryParameters
from schemas.records.trigger import Evidence, Scalar
from streams.signals.calendar import DAY_MS, day_name, months_after
from streams.signals.context import Context
from streams.signals.detector import topics_of
from streams.signals.state import CONTRACTS
from streams.signals.timed import Due, Timed

_BEGINS = {
    "first_contract_start": (("contract.started",), "the first contract began"),
    "account_created": (("account.created",), "the account was created"),
    "handoff": (("account.handoff",), "the handoff"),
}
_DATES = ("contract.started", "contract.renewed", "contract.ended")
_MONTH = 30.436875  # days, over the 400 years after which the calendar repeats
_TRIES = 6


class _Moment(NamedTuple):
    at_ms: int
    known_ms: int  # event time of the fact it follows from
    day_0: int
    words: str


class AnniversaryDetector(Timed):
    """One subject, the account: its next moment not judged yet. The spell holds the last one."""

    def __init__(self, compiled: CompiledRule) -> None:
        super().__init__(compiled)
        parameters = compiled.rule.detector
        assert isinstance(parameters, AnniversaryParameters)
        self._parameters = parameters
        self._at = tuple((text, span(text)) for text in parameters.at)
        self._every = None if parameters.every is None else span(parameters.every)
        begins, self._beginning_words = _BEGINS[parameters.since]
        self.types = frozenset(begins + (_DATES if parameters.days_before_renewal else ()))
        self.silent_topics = topics_of(self.types)

    def dues(self, context: Context) -> Iterable[Due]:
        subject = context.cells.account_id
        spell = context.spell(self.rule_id, subject)
        after_ms = -1 if spell is None else spell.fired_ms
        ahead = [one for one in self._moments(context, after_ms) if one.at_ms > after_ms and one.at_ms >= one.known_ms]
        if ahead:
            first = min(ahead)
            yield Due(subject, first.at_ms, first.at_ms, first.known_ms, first.at_ms + self._parameters.late * DAY_MS)

    def judge(self, context: Context, due: Due) -> Evidence | None:
        moment = min(one for one in self._moments(context, due.at_ms - 1) if one.at_ms == due.at_ms)
        facts: dict[str, Scalar] = {
            "day_0": day_name(moment.day_0),
            "date": day_name(context.calendar.day_of(due.at_ms) - self._parameters.at_close),
            "moment": moment.words,
        }
        return Evidence(summary=f"{self.compiled.rule.title}: {moment.words} ({day_name(moment.day_0)}).", facts=facts, clears_when="")

    def _moments(self, context: Context, after_ms: int) -> Iterator[_Moment]:
        """The moments named one by one, and of the endless ones the first after `after_ms` that somebody may hear of."""
        calendar = context.calendar
        beginning = self._beginning(context)
        if beginning is not None:
            day_0, known_ms = beginning
            for text, after in self._at:
                yield _Moment(self._instant(context, _moved(day_0, after, 1)), known_ms, day_0, f"{text} after {self._beginning_words}")
            if self._every is not None:
                least = _least_nth(calendar.day_of(max(after_ms, known_ms)) - day_0, self._every)
                for nth in range(least, least + _TRIES):
                    at_ms = self._instant(context, _moved(day_0, self._every, nth))
                    if at_ms > after_ms and at_ms >= known_ms:
                        yield _Moment(at_ms, known_ms, day_0, f"{nth} x {self._parameters.every} after {self._beginning_words}")
                        break
        if self._parameters.days_before_renewal:
            for contract_id, contract in context.cells[CONTRACTS].by_id.items():
                for days in self._parameters.days_before_renewal if contract.renewal_day is not None else ():
                    day = contract.renewal_day
                    assert day is not None
                    words = f"{days} days before the renewal of {contract_id}"
                    yield _Moment(self._instant(context, day - days), contract.dated_ms, day, words)

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
