"""The shape of a silence."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from plays.rules.detectors.silence import SilenceParameters
from schemas.records.trigger import Scalar, SourceRef
from streams.processing.proof import Topics
from streams.signals.context import Context
from streams.signals.timed import FOR_EVER


class Away(NamedTuple):
    """[start, end) in which nothing is expected of a subject, ms; `FOR_EVER` where no end is known."""

    start_ms: int
    end_ms: int = FOR_EVER


class Last(NamedTuple):
    """When something of a subject was last heard, event time in ms: the silence, and its episode, begin there.

    `days`: this subject's own number of days, where it differs from the rule's. `gaps_days`: days between its last occasions.
    `away`: a silence that would reach into it begins anew at its end. `about`: whom the trigger is about, where several silences
    are about one. `what`, `told`: the words of the evidence where they are other than the silence's; `times`: what counted was so
    many occasions, not days. `sources`: the records it rests on. `on_day`: the day it is told of, where only days are known.
    `by_ms`: something made the silence count from that moment on, however short it is. `idle_ms`: from then on the account itself
    was silent; a moment after that is passed over, and comes again as many days later.
    """

    subject: str
    last_ms: int
    days: int | None = None
    gaps_days: tuple[int, ...] = ()
    by_ms: int | None = None
    facts: Mapping[str, Scalar] = {}
    away: Away | None = None
    episode_ms: int | None = None
    about: str | None = None
    what: str | None = None
    told: str = "the last on"
    times: int | None = None
    sources: tuple[SourceRef, ...] = ()
    on_day: int | None = None
    idle_ms: int | None = None


def _never(_context: Context, _parameters: SilenceParameters, _subject: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Silence:
    """`heard` is a pure function of the account's cells, in a fixed order; subjects nobody waits for are left out.

    `types`: events after which a subject may be waited for that was not before, or from an earlier moment on; where it has fired, that
    is every event that ends the silence. `topics`: where
    what would end the silence arrives, sorted. `what` goes into the evidence: "no business review". `gone`:
    whether a subject that is not waited for any more is gone, and has not been heard of.
    """

    name: str
    what: str
    heard: Callable[[Context, SilenceParameters], Iterable[Last]]
    types: frozenset[str]
    topics: Topics
    gone: Callable[[Context, SilenceParameters, str], bool] = _never
