"""Measures of signing in."""

from math import ceil, floor

from plays.rules.parts import MeasurePart
from streams.processing.account import CONTACTS, Contact
from streams.signals.calendar import day_name
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.facts.logins import LOGIN_DAY, first_login, last_login, last_login_of, login_days, users_in_role
from streams.signals.measures.measure import UNKNOWN, Measure, Reading
from streams.signals.state import TODAY
from streams.signals.weeks import last_day

TEAM_LEAD = "team_lead"
_MONTH = 30


def last_sign_of_life(context: Context, close: DayClose) -> int | None:
    """The last complete day with a login or with human usage, which nobody has without being signed in; None: there was none."""
    found = (last_login(context.cells, close.day), last_day(close.weeks, close.day))
    return max((day for day in found if day is not None), default=None)


def team_lead_logins(context: Context, close: DayClose) -> tuple[tuple[str, int | None], ...]:
    """(user id, days since the last login at this close) of each team lead, by id; None where that is over two months or never.

    Team leads are the contacts in that role, who have the user id of their contact id, and users whose logins say so.
    """
    cells = context.cells
    people = cells[CONTACTS].people
    leads = {name for name, person in people.items() if person.role == TEAM_LEAD and person.left_ms is None}
    leads |= {user for user in users_in_role(cells, TEAM_LEAD) if not _gone(people.get(user))}
    return tuple((user, _since(last_login_of(cells, user), close.day)) for user in sorted(leads))


def _gone(person: Contact | None) -> bool:
    return person is not None and (person.left_ms is not None or person.role not in (None, TEAM_LEAD))


def _since(last: int | None, day: int) -> int | None:
    return None if last is None else max(0, day - last)


def _days_since_login(context: Context, close: DayClose) -> Reading:
    last = last_sign_of_life(context, close)
    if last is not None:
        return Reading(max(0, close.day - last), {"last_login": day_name(last)})
    began = _began(context)
    return UNKNOWN if began is None else Reading(max(0, close.day - began), {"last_login": None, "since": day_name(began)})


def _dormant_from(context: Context, close: DayClose, part: MeasurePart) -> int:
    """Days since a login grow by one a day at most."""
    days = part.at_least if part.at_least is not None else None if part.above is None else floor(part.above) + 1
    last = last_sign_of_life(context, close)
    last = _began(context) if last is None else last
    newest = max(context.cells[TODAY].day, context.cells[LOGIN_DAY].day)
    if days is None or last is None:
        return close.day + 1
    return max(close.day + 1, max(last, newest) + ceil(days))


def _began(context: Context) -> int | None:
    profile = context.profile
    known = (profile.created_ms, profile.handoff_ms, profile.known_ms)
    return next((context.calendar.day_of(at) for at in known if at is not None), None)


def _login_days_30d(context: Context, close: DayClose) -> Reading:
    return Reading(login_days(context.cells, close.day - _MONTH + 1, close.day))


def _login_share(context: Context, close: DayClose) -> Reading:
    cells, day = context.cells, close.day
    first = first_login(cells)
    if first is None or first > day - 3 * _MONTH + 1:
        return UNKNOWN
    now = login_days(cells, day - _MONTH + 1, day)
    before = login_days(cells, day - 3 * _MONTH + 1, day - 2 * _MONTH)
    if before == 0:
        return UNKNOWN
    return Reading(now / before, {"login_days_1_to_30": now, "login_days_61_to_90": before})


def _fallen_from(context: Context, close: DayClose, part: MeasurePart) -> int:
    """For two months on, the days to compare with are past already, and days with a login can only be added to the last 30."""
    bound = part.at_most if part.at_most is not None else part.below
    if bound is None:
        return close.day + 1
    cells, first = context.cells, first_login(context.cells)
    last = close.day + 2 * _MONTH
    if first is None:
        return last
    for day in range(max(close.day + 1, first + 3 * _MONTH - 1), last):
        before = login_days(cells, day - 3 * _MONTH + 1, day - 2 * _MONTH)
        if before and part.holds(login_days(cells, day - _MONTH + 1, day) / before):
            return day
    return last


_BEGINNINGS = frozenset({"account.created", "account.handoff"})

MEASURES = (
    Measure("days_since_login", _days_since_login, _BEGINNINGS, daily=True, not_before=_dormant_from),
    Measure("login_days_30d", _login_days_30d, daily=True),
    Measure("login_days_share", _login_share, daily=True, not_before=_fallen_from),
)
