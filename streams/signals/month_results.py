"""Month ends of an account, as moments: for months with a measured result."""

from datetime import date

from plays.rules.detectors.anniversary import AnniversaryParameters
from schemas.records.trigger import Evidence, Scalar
from streams.signals.calendar import DAY_MS, Calendar, day_number, months_after
from streams.signals.context import Context
from streams.signals.evidence import window
from streams.signals.facts.results import RESULTS, Result
from streams.signals.timed import Due

TYPES = frozenset({"value.measured"})


def month_end(context: Context, parameters: AnniversaryParameters, after_ms: int) -> Due | None:
    """The first moment after `after_ms` at which a month with a result is over, in the account's days: its last instant's end, or
    when the result was first told, where that is in the month that follows.
    """
    calendar, found = context.calendar, None
    for month, results in context.cells[RESULTS].by_month.items():
        told = [result.first_ms for metric, result in results.items() if _counts(parameters, metric, result)]
        if told:
            start_ms, end_ms, late_ms = _bounds(calendar, month)
            at_ms = max(end_ms, min(told))
            if after_ms < at_ms < late_ms and (found is None or at_ms < found.at_ms):
                found = Due(context.cells.account_id, at_ms, start_ms, 0, at_ms + parameters.late * DAY_MS)
    return found


def evidence_of(context: Context, parameters: AnniversaryParameters, due: Due) -> Evidence | None:
    """What the month brought: the metric named first in the rule, else first by name, as the figure; all of them as facts."""
    calendar = context.calendar
    for month, results in context.cells[RESULTS].by_month.items():
        start_ms, end_ms, _ = _bounds(calendar, month)
        if start_ms != due.episode_ms:
            continue
        counted = sorted(
            (metric for metric, result in results.items() if _counts(parameters, metric, result)),
            key=lambda metric: (parameters.metrics.index(metric) if metric in parameters.metrics else len(parameters.metrics), metric),
        )
        if counted:
            return _evidence(month, [(metric, results[metric]) for metric in counted], start_ms, end_ms)
    return None


def _evidence(month: str, counted: list[tuple[str, Result]], start_ms: int, end_ms: int) -> Evidence:
    metric, result = counted[0]
    facts: dict[str, Scalar] = {"metric": metric, "value": result.value, "unit": result.unit, "period": month}
    facts |= {name: other.value for name, other in counted[1:]}
    words = [f"{name.replace('_', ' ')} {one.value:,.10g}{'' if one.unit is None else ' ' + one.unit}" for name, one in counted]
    return Evidence(
        summary=f"Measured in {month}: {', '.join(words)}.",
        observed=result.value,
        unit=result.unit,
        window=window(start_ms, end_ms),
        facts=facts,
        sources=tuple(source for _, one in counted for source in one.sources()),
        clears_when="",
    )


def _counts(parameters: AnniversaryParameters, metric: str, result: Result) -> bool:
    return result.value > parameters.above and (not parameters.metrics or metric in parameters.metrics)


def _bounds(calendar: Calendar, month: str) -> tuple[int, int, int]:
    """First instants of the month, of the next, and of the one after that."""
    first = day_number(date.fromisoformat(f"{month}-01"))
    return calendar.midnight(first), calendar.midnight(months_after(first, 1)), calendar.midnight(months_after(first, 2))
