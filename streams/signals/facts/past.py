"""Who was there on days older than `Weeks` and `Logins` keep: written about every two months, so that daily cells stay small."""

from collections.abc import Mapping

import msgspec

from streams.processing.bounded import drop_first
from streams.processing.cell import Cell
from streams.processing.cells import Cells
from streams.signals.state import NEVER, Weeks
from streams.signals.weeks import MAX_USERS, kept_from, newest_day

KEPT_DAYS = 176
"""150 days for whoever asks how things were, 20 for closes that were held, rounded up to whole bytes."""


class Past(msgspec.Struct, array_like=True, gc=False):
    """Per user one bit a day from `first_day` on, little-endian: the days with a login or human usage, both taken together.

    Complete for usage before `used_until` and for logins before `logged_in_until`; newer days are in the daily cells.
    """

    first_day: int = NEVER
    used_until: int = -NEVER
    logged_in_until: int = -NEVER
    users: dict[str, bytes] = {}
    approximate: bool = False


def _trim(past: Past) -> int:
    past.approximate = True
    return drop_first(past.users)


PAST: Cell[Past] = Cell("past", Past, version=1, trim=_trim)


def keep_usage(cells: Cells, weeks: Weeks, day: int) -> None:
    """Before `weeks` forgets who was there on its oldest days because `day` is added. All of its days are taken over at once."""
    if cells[PAST].used_until < kept_from(day):
        past = cells.edit(PAST)
        past.used_until = newest_day(weeks) + 1
        _merge(past, weeks.bits_day, weeks.users)


def keep_logins(cells: Cells, bits_day: int, users: Mapping[str, int], day: int, newest: int) -> None:
    """The same for logins, of which `newest` is the last day."""
    if cells[PAST].logged_in_until < kept_from(day):
        past = cells.edit(PAST)
        past.logged_in_until = newest + 1
        _merge(past, bits_day, users)


def _merge(past: Past, bits_day: int, users: Mapping[str, int]) -> None:
    until = max(past.used_until, past.logged_in_until)
    first = max(min(past.first_day, bits_day), until - KEPT_DAYS)
    gone = 0 if past.first_day == NEVER else first - past.first_day
    merged = {user: _moved(int.from_bytes(bits, "little"), gone) for user, bits in past.users.items()}
    for user, bits in users.items():
        if user in merged or len(merged) < MAX_USERS:
            merged[user] = merged.get(user, 0) | _moved(bits, first - bits_day)
        else:
            past.approximate = True
    past.first_day = first
    past.users = {user: bits.to_bytes((bits.bit_length() + 7) // 8, "little") for user, bits in merged.items() if bits}


def _moved(bits: int, days: int) -> int:
    """The same days counted from `days` later."""
    return bits >> days if days >= 0 else bits << -days
