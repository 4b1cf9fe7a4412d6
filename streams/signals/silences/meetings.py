"""Silences of meetings."""

from collections.abc import Iterable

from plays.rules.detectors.silence import SilenceParameters
from streams.signals.context import Context
from streams.signals.detector import topics_of
from streams.signals.facts.meetings import MEETINGS
from streams.signals.silences.last import Last, Silence


def _qbr(context: Context, parameters: SilenceParameters) -> Iterable[Last]:  # noqa: ARG001 one subject, the account
    profile = context.profile
    since_ms = profile.created_ms if profile.created_ms is not None else profile.known_ms
    if since_ms is not None:
        yield Last(context.cells.account_id, max(since_ms, context.cells[MEETINGS].last.get("qbr", since_ms)))


SILENCES = (
    Silence(
        "qbr",
        "no business review",
        _qbr,
        frozenset({"account.created", "account.updated", "qbr.completed", "meeting.held"}),
        topics_of(("qbr.completed", "meeting.held")),
    ),
)
