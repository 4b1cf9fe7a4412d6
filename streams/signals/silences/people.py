"""Silences of people: who was heard when, and of whom something is missing.

Subjects are the contacts there whose role the rule names. A silence never begins before the contact had the role, nor before the
account was known to us. Contacts are known while an account is churned too: its return is what they are waited for from.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from plays.rules.detectors.silence import SilenceParameters
from schemas.records.trigger import Scalar, SourceRef
from streams.processing.account import CONTACTS, Contact
from streams.signals.calendar import Calendar
from streams.signals.context import Context
from streams.signals.detector import topics_of
from streams.signals.facts.engagement import ENGAGEMENT, INBOUND, NOBODY, Presence, Record
from streams.signals.facts.registry import CONTACT_TYPES
from streams.signals.silences.last import Away, Last, Silence
from streams.signals.timed import FOR_EVER

_TOPIC = "engagement"
_WHO = frozenset({*CONTACT_TYPES, "account.created", "account.updated", "account.reactivated"})


class _Person(NamedTuple):
    contact_id: str
    contact: Contact
    presence: Presence
    since_ms: int
    away: Away | None

    @property
    def facts(self) -> dict[str, Scalar]:
        return {"contact": self.contact.name or self.contact_id, "role": self.contact.role}


def _people(context: Context, parameters: SilenceParameters) -> Iterator[_Person]:
    """The contacts with one of the rule's roles who have not left, in the order in which we learned of them."""
    profile, presences, calendar = context.profile, context.cells[ENGAGEMENT].people, context.calendar
    if profile.known_ms is None:
        return
    for contact_id, contact in context.cells[CONTACTS].people.items():
        if contact.left_ms is None and contact.role in parameters.roles:
            presence = presences.get(contact_id, NOBODY)
            since_ms = max(contact.role_ms or 0, profile.known_ms)
            yield _Person(contact_id, contact, presence, since_ms, _away(contact, presence, calendar))


def _away(contact: Contact, presence: Presence, calendar: Calendar) -> Away | None:
    """The leave last announced; one without an end ends when they are heard."""
    if contact.leave_from_day is None:
        return None
    start_ms, until = calendar.midnight(contact.leave_from_day), contact.leave_until_day
    if until is None:
        return None if presence.heard_ms >= start_ms else Away(start_ms, FOR_EVER)
    return Away(start_ms, calendar.close(until))


def _inbound(context: Context, parameters: SilenceParameters) -> Iterable[Last]:
    for one in _people(context, parameters):
        last_ms = max(one.since_ms, one.presence.heard_ms)
        yield Last(one.contact_id, last_ms, gaps_days=one.presence.gaps_days, facts=one.facts, away=one.away)


def _contact(context: Context, parameters: SilenceParameters) -> Iterable[Last]:
    for one in _people(context, parameters):
        influence = one.contact.influence
        days = next((days for grade, days in parameters.by_influence.items() if grade == influence), None)
        facts: dict[str, Scalar] = {**one.facts, "influence": influence}
        yield Last(one.contact_id, max(one.since_ms, one.presence.contact_ms), days, facts=facts, away=one.away)


def _answer(context: Context, parameters: SilenceParameters) -> Iterable[Last]:
    for one in _people(context, parameters):
        asked = one.presence.asked
        if asked is not None and asked[0] >= one.since_ms:
            yield Last(one.contact_id, asked[0], facts=one.facts, away=one.away, told="we wrote on", sources=_refs([asked]))


def _attendance(context: Context, parameters: SilenceParameters) -> Iterable[Last]:
    times = parameters.times or 1
    for one in _people(context, parameters):
        missed = [at for at in one.presence.missed if at[0] >= one.since_ms and not _within(one.away, at[0])]
        if len(missed) >= times:
            run, what = missed[:times], f"absent from {times} meetings in a row"
            sources = _refs(run)
            yield Last(one.contact_id, run[-1][0], facts=one.facts, episode_ms=run[0][0], what=what, times=times, sources=sources)


def _within(away: Away | None, at_ms: int) -> bool:
    return away is not None and away.start_ms <= at_ms < away.end_ms


def _refs(records: Iterable[Record]) -> tuple[SourceRef, ...]:
    return tuple(SourceRef(topic=_TOPIC, partition=partition, offset=offset) for _, partition, offset in records)


def _gone(context: Context, parameters: SilenceParameters, contact_id: str) -> bool:
    """Has left, or has another role."""
    contact = context.cells[CONTACTS].people.get(contact_id)
    return contact is None or contact.left_ms is not None or contact.role not in parameters.roles


SILENCES = (
    Silence("inbound", "neither a mail nor a meeting attended", _inbound, _WHO | frozenset(INBOUND), topics_of(INBOUND), _gone),
    Silence("answer", "no answer to our mail", _answer, _WHO | {"email.sent", *INBOUND}, topics_of(INBOUND), _gone),
    Silence("attendance", "absent from meetings", _attendance, _WHO | {"meeting.held"}, topics_of(("meeting.held",)), _gone),
    Silence("contact", "no contact", _contact, _WHO | {"touch.logged", *INBOUND}, topics_of((*INBOUND, "touch.logged")), _gone),
)
