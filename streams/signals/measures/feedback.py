"""Measures of what customers say when asked. Windows are complete local days and what is known of the day that runs."""

from bisect import bisect_left
from math import fsum

from streams.signals.calendar import day_name
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.facts.feedback import FEEDBACK, Answer
from streams.signals.facts.support import SUPPORT
from streams.signals.measures.measure import UNKNOWN, Measure, Reading

_DAYS, _MONTH = 90, 30
_DAYS = 90
_FINE = 4
_SURVEY = frozenset({"survey.responded"})


def _answers(context: Context, close: DayClose) -> list[Answer]:
    csat = context.cells[FEEDBACK].csat
    return csat[bisect_left(csat, Answer(close.calendar.midnight(close.day - _DAYS + 1), 0.0)) :]


def _csat(context: Context, close: DayClose) -> Reading:
    answers = _answers(context, close)
    if not answers:
        return UNKNOWN
    scores = [answer.score for answer in answers]
    return Reading(fsum(scores) / len(scores), {"csat_answers": len(scores), "csat_lowest": min(scores)})


def _csat_answers(context: Context, close: DayClose) -> Reading:
    return Reading(len(_answers(context, close)))


def _support_sentiment(context: Context, close: DayClose) -> Reading:
    """Tickets and the answers about them, each as -1 to 1."""
    since_ms = close.calendar.midnight(close.day - _MONTH + 1)
    csat = context.cells[FEEDBACK].csat
    answers = [(answer.score - 3) / 2 for answer in csat[bisect_left(csat, Answer(since_ms, 0.0)) :]]
    tickets = [one.score for one in context.cells[SUPPORT].sentiments.values() if one.at_ms >= since_ms]
    if not answers and not tickets:
        return UNKNOWN
    facts = {"sentiment_tickets": len(tickets), "sentiment_answers": len(answers)}
    return Reading(fsum((*answers, *tickets)) / (len(answers) + len(tickets)), facts)


def _csat_fine(context: Context, close: DayClose) -> Reading:
    """Who says nothing is not unhappy."""
    mean = _csat(context, close)
    return Reading(not isinstance(mean.value, float | int) or mean.value >= _FINE, {"csat_90d": mean.value, **mean.facts})


def _nps(context: Context, close: DayClose) -> Reading:  # noqa: ARG001 no matter of days
    """Mean of the latest answer of each contact; all without a name count as one."""
    scores = [answer.score for answer in context.cells[FEEDBACK].nps.values()]
    if not scores:
        return UNKNOWN
    return Reading(fsum(scores) / len(scores), {"nps_contacts": len(scores), "nps_lowest": min(scores)})


def _qbr(context: Context, close: DayClose) -> Reading:  # noqa: ARG001 no matter of days
    feedback = context.cells[FEEDBACK]
    if feedback.qbr is None:
        return UNKNOWN
    return Reading(feedback.qbr, {"qbr_sentiment_since": day_name(context.calendar.day_of(feedback.qbr_ms))})


MEASURES = (
    Measure("csat_90d", _csat, _SURVEY, daily=True),
    Measure("csat_fine", _csat_fine, _SURVEY, daily=True),
    Measure("csat_answers_90d", _csat_answers, _SURVEY, daily=True),
    Measure("support_sentiment_30d", _support_sentiment, _SURVEY | {"ticket.sentiment"}, daily=True),
    Measure("nps_latest", _nps, _SURVEY),
    Measure("qbr_sentiment", _qbr, frozenset({"qbr.completed"})),
)
