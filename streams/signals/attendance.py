"""Who was there when: logins and human usage of each user taken together, day by day."""

from collections.abc import Mapping

from streams.processing.cells import Cells
from streams.signals.facts.logins import LOGIN_DAY, LOGINS
from streams.signals.facts.past import PAST
from streams.signals.state import TODAY, WEEKS

SPAN = 150
"""Days that are complete, back from any that a close may be about."""

_LEAST = 2
_SHARE = 5


def attendance(cells: Cells, first: int, last: int) -> dict[str, int]:
    """Per user one bit for each of the days first..last with a login or human usage, `first` being bit 0; users without are left out."""
    found: dict[str, int] = {}
    past, weeks, logins = cells[PAST], cells[WEEKS], cells[LOGINS]
    _gather(found, {user: int.from_bytes(bits, "little") for user, bits in past.users.items()}, first - past.first_day)
    _gather(found, weeks.users, first - weeks.bits_day)
    _gather(found, logins.users, first - logins.bits_day)
    today, login_day = cells[TODAY], cells[LOGIN_DAY]
    for day, users in ((today.day, today.users), (login_day.day, login_day.users)):
        if first <= day:
            _gather(found, dict.fromkeys(users, 1), first - day)
    mask = (1 << (last - first + 1)) - 1
    return {user: there for user, bits in found.items() if (there := bits & mask)}


def power_users(days_there: Mapping[str, int]) -> tuple[str, ...]:
    """The fifth of the users (at least two) who were there on most days, by name; who shares the least of these counts is one too.

    Nobody, where fewer than two were there at all.
    """
    there = {user: days for user, days in days_there.items() if days}
    if len(there) < _LEAST:
        return ()
    wanted = max(_LEAST, -(-len(there) // _SHARE))
    least = sorted(there.values(), reverse=True)[wanted - 1]
    return tuple(sorted(user for user, days in there.items() if days >= least))


def _gather(found: dict[str, int], users: Mapping[str, int], later: int) -> None:
    """Add days of users, bit 0 of which is `later` days before bit 0 of what is found."""
    for user, bits in users.items():
        moved = bits >> later if later >= 0 else bits << -later
        if moved:
            found[user] = found.get(user, 0) | moved
