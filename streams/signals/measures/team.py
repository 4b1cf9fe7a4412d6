"""Measures of the people a renewal hangs on: team leads who sign in, the executive sponsor who is heard."""

from streams.processing.account import CONTACTS
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.facts.engagement import ENGAGEMENT, INBOUND
from streams.signals.measures.logins import team_lead_logins
from streams.signals.measures.measure import UNKNOWN, Measure, Reading

SPONSOR = "executive_sponsor"
_WEEKLY, _MONTHLY = 7, 30


def _team_lead_login(context: Context, close: DayClose) -> Reading:
    """Mean over team leads of 100 (signed in within a week), 50 (within a month), 0."""
    leads = team_lead_logins(context, close)
    if not leads:
        return UNKNOWN
    points = [0 if days is None or days > _MONTHLY else 50 if days > _WEEKLY else 100 for _, days in leads]
    longest = max((days for _, days in leads if days is not None), default=None)
    return Reading(sum(points) / len(points), {"team_leads": len(leads), "longest_days_since_login": longest})


def _sponsor_contact_days(context: Context, close: DayClose) -> Reading:
    sponsors = [name for name, person in context.cells[CONTACTS].people.items() if person.role == SPONSOR and person.left_ms is None]
    people = context.cells[ENGAGEMENT].people
    heard = max((people[name].heard_ms for name in sponsors if name in people), default=-1)
    if heard < 0:
        return UNKNOWN
    return Reading(max(0, close.day + 1 - close.calendar.day_of(heard)), {"sponsors": len(sponsors)})


_ROLES = frozenset({"contact.added", "contact.updated", "contact.left", "contact.role_changed"})

MEASURES = (
    Measure("team_lead_login", _team_lead_login, _ROLES, daily=True),
    Measure("sponsor_contact_days", _sponsor_contact_days, _ROLES | frozenset(INBOUND), daily=True),
)
