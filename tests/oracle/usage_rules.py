"""T04, J5 and PB1: what is judged at the close of every local day."""

from statistics import median
from typing import NamedTuple

from tests.oracle.account import Account, Spell
from tests.oracle.days import midnight
from tests.oracle.fired import Fired
from tests.oracle.variation import z_of_week

Z_MIN = 2.58
FLOOR_EVENTS = 20
FLOOR_USERS = 5
REARM_PERCENT = 90
MAX_HOLD_DAYS = 56
COOLDOWN_DAYS = 14


class Drop(NamedTuple):
    rule: str
    percent: int
    touch: tuple[str, ...]


DROPS = (Drop("J5", 50, ("mid", "tech")), Drop("T04", 70, ("high", "mid", "tech")))


def judge_day(account: Account, day: int, now_ms: int) -> list[Fired]:
    """Everything that fires at close(day), in the order of the rule names."""
    fired = [f for drop in DROPS if (f := _drop(account, drop, day, now_ms)) is not None]
    lasting = _lasting_drop(account, day, now_ms)
    return sorted([*fired, *([lasting] if lasting else [])], key=lambda f: f.rule)


def events_between(account: Account, first: int, last: int) -> int:
    """Usage events of the days first..last, both included."""
    return sum(account.usage[d].events for d in range(first, last + 1) if d in account.usage)


def users_between(account: Account, first: int, last: int) -> int:
    """Distinct users of the days first..last, both included."""
    users: set[str] = set()
    for d in range(first, last + 1):
        if d in account.usage:
            users |= account.usage[d].users
    return len(users)


def _drop(account: Account, drop: Drop, day: int, now_ms: int) -> Fired | None:
    first = account.first_usage_day
    current, before = events_between(account, day - 6, day), events_between(account, day - 13, day - 7)
    _end_spell(account, drop.rule, day, current)
    if drop.rule in account.spells or first is None or first > day - 13:
        return None
    if before < FLOOR_EVENTS or 100 * current > drop.percent * before or account.touch() not in drop.touch:
        return None
    counts = {d: usage.events for d, usage in account.usage.items() if d > day - 70}
    if z_of_week(counts, first, day, account.zone) < Z_MIN or day - account.fired.get(drop.rule, -1000) < COOLDOWN_DAYS:
        return None
    account.spells[drop.rule] = Spell(before, day)
    account.fired[drop.rule] = day
    episode = midnight(day - 6, account.zone)
    return Fired(drop.rule, account.id, "account", account.id, episode, now_ms, float(current), float(before))


def _end_spell(account: Account, rule: str, day: int, current: int) -> None:
    spell = account.spells.get(rule)
    if spell is not None and (100 * current >= REARM_PERCENT * spell.baseline or day - spell.day >= MAX_HOLD_DAYS):
        del account.spells[rule]


def _lasting_drop(account: Account, day: int, now_ms: int) -> Fired | None:
    first = account.first_usage_day
    if first is None or (not account.human_touch() and "PB1" not in account.spells):
        return None
    week2 = users_between(account, day - 6, day)
    _end_spell(account, "PB1", day, week2)
    if "PB1" in account.spells or first > day - 13 or not account.human_touch():
        return None
    week1 = users_between(account, day - 13, day - 7)
    base = float(median(users_between(account, last - 6, last) for last in range(day - 14, day - 42, -7)))
    if base < FLOOR_USERS or 200 * week1 >= 70 * round(2 * base) or 200 * week2 >= 70 * round(2 * base):
        return None
    account.spells["PB1"] = Spell(base, day)
    episode = midnight(day - 13, account.zone)
    return Fired("PB1", account.id, "account", account.id, episode, now_ms, float(week2), base)
