"""Takes what customers say when asked into answers of three months, the latest word of each person, and of the last review."""

from bisect import bisect_left, insort

import msgspec

from plays.rules.scales import scale_of, scaled
from schemas.events.event import Event
from streams.processing.bounded import drop_first
from streams.processing.cell import Cell
from streams.processing.cells import Cells
from streams.signals.calendar import DAY_MS

MAX_ANSWERS = 500
MAX_CONTACTS = 200
KEPT_DAYS = 100  # ninety days, and some for the late and for closes that were held
NOBODY = ""
"""Stands for all who answered without a name."""

_CSAT, _NPS = "1-5", "0-10"
_WORSE_FIRST = ("negative", "neutral", "positive")


class Answer(msgspec.Struct, array_like=True, gc=False, order=True):
    """A score on the usual scale of its survey, and when it was given."""

    at_ms: int
    score: float


class Feedback(msgspec.Struct, array_like=True, gc=False):
    """CSAT answers in the order of time, on 1-5; the latest NPS by contact, on 0-10; the latest review that said how it went."""

    csat: list[Answer] = []
    nps: dict[str, Answer] = {}
    qbr_ms: int = -1
    qbr: str | None = None


def _trim(feedback: Feedback) -> int:
    return drop_first(feedback.nps) or drop_first(feedback.csat)


FEEDBACK: Cell[Feedback] = Cell("feedback", Feedback, version=1, trim=_trim)


def fold_answer(cells: Cells, event: Event) -> None:
    """survey.responded: CSAT and NPS; a score beyond its scale says nothing."""
    data, at_ms, kind = event.data, event.time_ms, event.data["kind"]
    if kind not in ("csat", "nps"):
        return
    score = scaled(data["score"], scale_of(data), _CSAT if kind == "csat" else _NPS)
    if score is None:
        return
    feedback = cells.edit(FEEDBACK)
    if kind == "csat":
        insort(feedback.csat, Answer(at_ms, score))
        del feedback.csat[: bisect_left(feedback.csat, Answer(feedback.csat[-1].at_ms - KEPT_DAYS * DAY_MS, 0.0))]
        del feedback.csat[:-MAX_ANSWERS]
        return
    contact = data.get("contact_id", NOBODY)
    known = feedback.nps.get(contact)
    if known is None or (at_ms, -score) > (known.at_ms, -known.score):  # of one instant the lower stands
        feedback.nps[contact] = Answer(at_ms, score)
    if len(feedback.nps) > MAX_CONTACTS:
        del feedback.nps[min(feedback.nps, key=lambda name: feedback.nps[name].at_ms)]


def fold_review(cells: Cells, event: Event) -> None:
    """qbr.completed: one that says nothing of how it went leaves the word that stands."""
    sentiment = event.data.get("sentiment")
    if sentiment not in _WORSE_FIRST:
        return
    known = cells[FEEDBACK]
    worse = known.qbr is not None and _WORSE_FIRST.index(sentiment) < _WORSE_FIRST.index(known.qbr)
    if event.time_ms > known.qbr_ms or (event.time_ms == known.qbr_ms and worse):
        feedback = cells.edit(FEEDBACK)
        feedback.qbr_ms, feedback.qbr = event.time_ms, sentiment
