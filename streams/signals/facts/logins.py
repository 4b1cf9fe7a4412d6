"""Takes logins into the days on which somebody signed in, and who did."""

import msgspec

from schemas.events.event import Event
from streams.processing.account import PROFILE
from streams.processing.bounded import drop_first
from streams.processing.cell import Cell
from streams.processing.cells import Cells
from streams.signals.calendar import calendar_of
from streams.signals.facts.past import keep_logins
from streams.signals.state import NEVER
from streams.signals.weeks import MAX_DAY_USERS, MAX_USERS, kept_from

KEPT_DAYS = 128
"""Days of the account with a login: three times thirty, and some for closes that were held."""
_CUT_DAYS = 32
USER = "user"
"""The role of everybody without another: not remembered."""
_BITS = 64


class LoginDay(msgspec.Struct, array_like=True, gc=False):
    """The newest day with a login: who, and the role the login stated ("": none). `[start_ms, end_ms)` are the day's own bounds."""

    day: int = -1
    start_ms: int = 0
    end_ms: int = 0
    users: dict[str, str] = {}


class Logins(msgspec.Struct, array_like=True, gc=False):
    """Days before that: of the account one bit a day from `base_day` on (little-endian), per user from `bits_day` on; the first
    day with a login; the role users stated last, but for `user`.
    """

    since_day: int = NEVER
    base_day: int = NEVER
    days: bytes = b""
    bits_day: int = NEVER
    users: dict[str, int] = {}
    roles: dict[str, str] = {}
    approximate: bool = False


def _trim(logins: Logins) -> int:
    logins.approximate = True
    return drop_first(logins.users if len(logins.users) >= len(logins.roles) else logins.roles)


LOGIN_DAY: Cell[LoginDay] = Cell("login_day", LoginDay, version=1, trim=lambda cell: drop_first(cell.users))
LOGINS: Cell[Logins] = Cell("logins", Logins, version=1, trim=_trim)


def fold_login(cells: Cells, event: Event) -> None:
    """user.login. The second login of somebody on a day changes nothing; of two roles stated on a day the greater word stands."""
    user, role, newest = event.data["user_id"], event.data.get("role", ""), cells[LOGIN_DAY]
    if not newest.start_ms <= event.time_ms < newest.end_ms:
        calendar = calendar_of(cells[PROFILE].timezone)
        day = calendar.day_of(event.time_ms)
        if day < newest.day:
            _mark(cells, day, {user: role})
            return
        newest = cells.edit(LOGIN_DAY)
        if day > newest.day:
            if newest.users:
                _mark(cells, newest.day, newest.users)
            newest.day, newest.users = day, {}
        newest.start_ms, newest.end_ms = calendar.midnight(day), calendar.close(day)
    known = newest.users.get(user)
    if (known is None and len(newest.users) < MAX_DAY_USERS) or (known is not None and role > known):
        cells.edit(LOGIN_DAY).users[user] = role


def change_zone(cells: Cells) -> None:
    """From now on days are those of another zone: the newest day gets new bounds with its next login."""
    if LOGIN_DAY in cells:
        newest = cells.edit(LOGIN_DAY)
        newest.start_ms = newest.end_ms = 0


def first_login(cells: Cells) -> int | None:
    """The first day with a login; None where there never was one."""
    newest = cells[LOGIN_DAY].day
    return None if newest < 0 else min(newest, cells[LOGINS].since_day)


def last_login(cells: Cells, at_most: int) -> int | None:
    """The last day with a login that is not after `at_most`, of the days that are kept."""
    newest = cells[LOGIN_DAY].day
    if 0 <= newest <= at_most:
        return newest
    logins = cells[LOGINS]
    days = _days(logins, at_most)
    return logins.base_day + days.bit_length() - 1 if days else None


def login_days(cells: Cells, first: int, last: int) -> int:
    """How many of the days first..last, both included, had a login."""
    logins, newest = cells[LOGINS], cells[LOGIN_DAY].day
    days = _days(logins, last)
    if first > logins.base_day:
        days >>= first - logins.base_day
    return days.bit_count() + (newest >= 0 and first <= newest <= last)


def last_login_of(cells: Cells, user: str) -> int | None:
    """The last day this user signed in; None where that was not within the last two months with logins, or never."""
    newest, logins = cells[LOGIN_DAY], cells[LOGINS]
    if user in newest.users:
        return newest.day
    bits = logins.users.get(user, 0)
    return logins.bits_day + bits.bit_length() - 1 if bits else None


def users_in_role(cells: Cells, role: str) -> set[str]:
    """The users whose logins say that they are in this role (any but `user`)."""
    newest = cells[LOGIN_DAY].users
    found = {user for user, known in cells[LOGINS].roles.items() if known == role and newest.get(user, "") in ("", role)}
    return found | {user for user, stated in newest.items() if stated == role}


def _days(logins: Logins, at_most: int) -> int:
    """Days with a login from `base_day` to `at_most`."""
    span = at_most - logins.base_day + 1
    return int.from_bytes(logins.days, "little") & ((1 << span) - 1) if span > 0 else 0


def _mark(cells: Cells, day: int, users: dict[str, str]) -> None:
    logins = cells.edit(LOGINS)
    logins.since_day = min(logins.since_day, day)
    _mark_day(logins, day)
    _mark_users(cells, logins, day, users)


def _mark_day(logins: Logins, day: int) -> None:
    days = int.from_bytes(logins.days, "little")
    if logins.base_day == NEVER:
        logins.base_day = day
    index = day - logins.base_day
    if index < 0:
        if days.bit_length() - index > KEPT_DAYS:
            return
        days, logins.base_day, index = days << -index, day, 0
    elif index >= KEPT_DAYS + _CUT_DAYS:
        cut = index - KEPT_DAYS + 1
        days, logins.base_day, index = days >> cut, logins.base_day + cut, index - cut
    days |= 1 << index
    logins.days = days.to_bytes((days.bit_length() + 7) // 8, "little")


def _mark_users(cells: Cells, logins: Logins, day: int, users: dict[str, str]) -> None:
    if logins.bits_day == NEVER:
        logins.bits_day = day
    index = day - logins.bits_day
    if index < 0:
        if max(map(int.bit_length, logins.users.values()), default=0) - index > _BITS:
            return  # late by more than two months
        logins.users = {user: bits << -index for user, bits in logins.users.items()}
        logins.bits_day, index = day, 0
    elif index >= _BITS:
        newest = logins.bits_day + max(map(int.bit_length, logins.users.values()), default=0) - 1
        keep_logins(cells, logins.bits_day, logins.users, day, newest)
        shift = kept_from(day) - logins.bits_day
        logins.users = {user: moved for user, bits in logins.users.items() if (moved := bits >> shift)}
        logins.roles = {user: role for user, role in logins.roles.items() if user in logins.users or user in users}
        logins.bits_day, index = kept_from(day), day - kept_from(day)
    for user, role in users.items():
        if user in logins.users or len(logins.users) < MAX_USERS:
            bits = logins.users[user] = logins.users.get(user, 0) | 1 << index
            if role == USER:
                if bits >> index == 1:
                    logins.roles.pop(user, None)
            elif role and (bits >> index == 1 or user not in logins.roles):
                logins.roles[user] = role
        else:
            logins.approximate = True
