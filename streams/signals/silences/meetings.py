"""Silences of meetings and touches."""

from collections.abc import Iterable

from plays.rules.detectors.silence import SilenceParameters
from streams.signals.calendar import DAY_MS
from streams.signals.context import Context
from streams.signals.detector import topics_of
from streams.signals.facts.engagement import ENGAGEMENT
from streams.signals.facts.meetings import MEETINGS
from streams.signals.silences.last import Last, Silence


def _qbr(context: Context, parameters: SilenceParameters) -> Iterable[Last]:  # noqa: ARG001 one subject, the account
    since_ms = _begun(context)
    if since_ms is not None:
        yield Last(context.cells.account_id, max(since_ms, context.cells[MEETINGS].last.get("qbr", since_ms)))


def _touch(context: Context, parameters: SilenceParameters) -> Iterable[Last]:  # noqa: ARG001 as above
    since_ms = _begun(context)
    if since_ms is not None:
        yield Last(context.cells.account_id, max((since_ms, *context.cells[ENGAGEMENT].touches.values())))


def _cadence(context: Context, parameters: SilenceParameters) -> Iterable[Last]:
    """One memory per kind, all about the account. Episode: when the kind counted as skipped, so that no two are the same."""
    meetings, account_id = context.cells[MEETINGS], context.cells.account_id
    for kind, days in sorted(parameters.meetings.items()):
        last_ms = meetings.last.get(kind, meetings.first.get(kind))
        if last_ms is not None:
            told = "the last on" if kind in meetings.last else "the first was planned for"
            facts, what = {"meeting": kind}, f"no meeting of kind {kind}"
            yield Last(kind, last_ms, days, facts=facts, episode_ms=last_ms + days * DAY_MS, about=account_id, what=what, told=told)


def _begun(context: Context) -> int | None:
    profile = context.profile
    return profile.created_ms if profile.created_ms is not None else profile.known_ms


_RELATION = frozenset({"account.created", "account.updated", "account.handoff", "account.reactivated", "contract.started"})

SILENCES = (
    Silence(
        "qbr",
        "no business review",
        _qbr,
        _RELATION | {"qbr.completed", "meeting.held"},
        topics_of(("qbr.completed", "meeting.held")),
    ),
    Silence("touch", "no touch", _touch, _RELATION | {"touch.logged"}, topics_of(("touch.logged",))),
    Silence(
        "cadence", "no meeting", _cadence, frozenset({"meeting.scheduled", "meeting.held", "qbr.completed"}), topics_of(("meeting.held",))
    ),
)
