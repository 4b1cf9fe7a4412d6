"""Arithmetic on complete days of usage: adding, summing, counting distinct users."""

from collections.abc import Iterable
from struct import pack, pack_into, unpack_from

from streams.signals.state import NEVER, Today, Weeks

MAX_DAY_USERS = 2_000
MAX_USERS = 10_000
MAX_DAY_FEATURES = 200
MAX_FEATURES = 500
NEVER_USED = -1 << 31
KEPT_DAYS = 98  # totals; cut back to 70 when reached, so that the bytes are moved once in four weeks
_CUT_DAYS = 28
_BITS = 64  # what an encoded whole number holds
MONTH_DAYS = 28
KEPT_MONTHS = 40
KEPT_USER_DAYS = 62  # five weeks before a week and twenty days for the late and for closes that were held; or eight weeks and six days


def roll(today: Today, weeks: Weeks) -> None:
    """Move what the newest day has gathered into the complete days; may be repeated as more of the day arrives."""
    add(weeks, today.day, today.count, today.users, today.features)
    weeks.approximate |= today.approximate
    today.count = 0
    today.users = {}
    today.features = {}


def add(weeks: Weeks, day: int, count: int, users: Iterable[str], features: Iterable[str]) -> None:
    """Add usage of a day, whichever day that is. A day beyond what is kept is forgotten, but for its features."""
    if weeks.base_day == NEVER:
        weeks.base_day = weeks.bits_day = day
    add_features(weeks, day, features)
    _add_month(weeks, day // MONTH_DAYS, count)
    if _make_room(weeks, day):
        totals = bytearray(weeks.totals)
        at = 4 * (day - weeks.base_day)
        if at >= len(totals):
            totals.extend(bytes(at + 4 - len(totals)))
        (had,) = unpack_from("<I", totals, at)
        pack_into("<I", totals, at, min(had + count, 0xFFFFFFFF))
        weeks.totals = bytes(totals)
        _mark(weeks, day, users)


def add_features(weeks: Weeks, day: int, features: Iterable[str], *, used: bool = True) -> None:
    """Note the first day of features, and the last they were used (not where they were only activated).

    Beyond the bound, new ones are left out.
    """
    known, last = weeks.features, last_used(weeks)
    for feature in features:
        first = known.get(feature)
        if first is None:
            if len(known) >= MAX_FEATURES:
                continue
            known[feature] = day
        elif day < first:
            known[feature] = day
        last[feature] = max(last.get(feature, NEVER_USED), day if used else NEVER_USED)
    weeks.used = pack(f"<{len(last)}i", *last.values())


def last_used(weeks: Weeks) -> dict[str, int]:
    """The last day each feature was used, in the order of `features`; `NEVER_USED` where it was only activated.

    Of state from before this was kept the newest day stands in: nothing is called unused that is only not known.
    """
    used, features = weeks.used, weeks.features
    kept = len(used) // 4
    last = dict(zip(features, unpack_from(f"<{kept}i", used), strict=False))
    if kept < len(features):
        for feature in features:
            last.setdefault(feature, newest_day(weeks))
    return last


def moves_on(weeks: Weeks, day: int) -> bool:
    """Whether adding this day makes room by forgetting who was there on the oldest days."""
    return weeks.bits_day != NEVER and day - weeks.bits_day >= _BITS


def kept_from(day: int) -> int:
    """The oldest day of which users are kept after `moves_on`."""
    return day - KEPT_USER_DAYS + 1


def total_of_months(weeks: Weeks, first: int) -> int:
    """Usage events of the 28-day months from number `first` on; day d is in number d // 28."""
    return sum(count for month, count in weeks.months.items() if month >= first)


def newest_day(weeks: Weeks) -> int:
    """The last day with usage; a day before every day when there is none."""
    return -NEVER if weeks.base_day == NEVER else weeks.base_day + len(weeks.totals) // 4 - 1


def last_day(weeks: Weeks, at_most: int) -> int | None:
    """The last day with usage that is not after `at_most`, of the days that are kept; None: there is none."""
    for index in range(min(at_most - weeks.base_day, len(weeks.totals) // 4 - 1), -1, -1):
        if any(weeks.totals[4 * index : 4 * index + 4]):
            return weeks.base_day + index
    return None


def total(weeks: Weeks, first: int, last: int) -> int:
    """Usage events of days first..last, both included."""
    low = max(first - weeks.base_day, 0)
    high = min(last - weeks.base_day + 1, len(weeks.totals) // 4)
    return sum(unpack_from(f"<{high - low}I", weeks.totals, 4 * low)) if low < high else 0


def daily(weeks: Weeks, first: int, last: int) -> list[int]:
    """Usage events of each day first..last, both included; 0 where nothing is kept."""
    low = max(first - weeks.base_day, 0)
    high = min(last - weeks.base_day + 1, len(weeks.totals) // 4)
    if low >= high:
        return [0] * (last - first + 1)
    known = unpack_from(f"<{high - low}I", weeks.totals, 4 * low)
    return [0] * (weeks.base_day + low - first) + list(known) + [0] * (last - weeks.base_day + 1 - high)


def distinct(weeks: Weeks, first: int, last: int) -> int:
    """Distinct users of days first..last, both included."""
    low = max(first - weeks.bits_day, 0)
    high = last - weeks.bits_day + 1
    if low >= high:
        return 0
    mask = (1 << high) - (1 << low)
    return sum([1 for bits in weeks.users.values() if bits & mask])


def _add_month(weeks: Weeks, month: int, count: int) -> None:
    months = weeks.months
    had = months.get(month)
    if had is None and len(months) >= KEPT_MONTHS:
        oldest = min(months)
        if month < oldest:
            return
        del months[oldest]
    months[month] = count + (had or 0)


def _make_room(weeks: Weeks, day: int) -> bool:
    index = day - weeks.base_day
    if index < 0:
        if newest_day(weeks) - day >= KEPT_DAYS:
            return False
        weeks.totals = bytes(-4 * index) + weeks.totals
        weeks.base_day = day
    elif index >= KEPT_DAYS:
        cut = max(_CUT_DAYS, index - KEPT_DAYS + 1)
        weeks.totals = weeks.totals[4 * cut :]
        weeks.base_day = weeks.base_day + cut
    return True


def _mark(weeks: Weeks, day: int, users: Iterable[str]) -> None:
    index = day - weeks.bits_day
    if index < 0:
        newest = newest_day(weeks)
        if newest - day >= _BITS:
            return
        weeks.users = {user: bits << -index for user, bits in weeks.users.items() if bits.bit_length() - index <= _BITS}
        weeks.bits_day, index = day, 0
    elif index >= _BITS:
        shift = index - KEPT_USER_DAYS + 1
        weeks.users = {user: moved for user, bits in weeks.users.items() if (moved := bits >> shift)}
        weeks.bits_day, index = weeks.bits_day + shift, KEPT_USER_DAYS - 1
    bit = 1 << index
    known = weeks.users
    for user in users:
        bits = known.get(user)
        if bits is not None:
            known[user] = bits | bit
        elif len(known) < MAX_USERS:
            known[user] = bit
        else:
            weeks.approximate = True
