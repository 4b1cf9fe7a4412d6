"""The episodes that have fired and are not over: what is known of each, and how one ends.

Apart from the spells by which rules know when to fire again: a spell says when the next episode may begin, this says when the last
one is over. For many kinds it is the same moment; a rule that fires on each event has no spell, and its episodes end all the same.
"""

from collections.abc import Container
from typing import NamedTuple

import msgspec

from schemas.records.trigger import Subject, trigger_id
from schemas.records.wire import rfc3339, utc
from streams.processing.bounded import drop_first, drop_from_longest
from streams.processing.cell import Cell
from streams.processing.cells import Cells
from streams.processing.effects import Cleared, Effect

MAX_STANDING = 200
"""Of a rule; the oldest is forgotten first: it ends without a word."""
MAX_ENDED = 200


class Memory(NamedTuple):
    """What a rule wants to know of an episode when it asks whether it is over. `source`: the number of the trigger that brought it
    up, 0 where none did. `level`, `word`: the figure or the word that its end is measured by, as it was then.
    """

    source: int = 0
    level: float | None = None
    word: str = ""


class Over(NamedTuple):
    """That an episode is over: how, for people. `expired`: nothing got better."""

    how: str
    expired: bool = False


GONE = frozenset({"contact.left", "contract.ended"})
"""Events after which an episode may be over because what it was about is gone: nothing got better."""


class Standing(msgspec.Struct, array_like=True, gc=False):
    """An episode that fired: its subject, `fired_ms` the task time of the trigger, `number` its id; then as in `Memory`."""

    kind: str
    subject: str
    episode_ms: int
    fired_ms: int
    number: int
    source: int = 0
    level: float | None = None
    word: str = ""


class Ledger(msgspec.Struct, array_like=True, gc=False):
    """By rule, in the order of firing; the numbers of the newest that are over; the deadlines that are set, by rule."""

    by_rule: dict[str, list[Standing]] = {}
    ended: list[int] = []
    planned: dict[str, int] = {}


def _trim(ledger: Ledger) -> int:
    return drop_from_longest(ledger.by_rule) or drop_first(ledger.ended)


LEDGER: Cell[Ledger] = Cell("standing", Ledger, version=1, trim=_trim)


def number_of(identity: str) -> int:
    """The first 64 bits of a trigger id: enough to tell those of one account apart."""
    return int(identity[:8] + identity[9:13] + identity[14:18], 16)


def of_rule(cells: Cells, rule_id: str) -> tuple[Standing, ...]:
    """The episodes of a rule, the oldest first."""
    ledger = cells.get(LEDGER)
    return () if ledger is None else tuple(ledger.by_rule.get(rule_id, ()))


def begin(cells: Cells, rule_id: str, one: Standing) -> None:
    """An episode has fired."""
    if one.level is not None:
        one.level = float(one.level)  # a whole number reads back as this: equal states are equal bytes, restarted or not
    standing = cells.edit(LEDGER).by_rule.setdefault(rule_id, [])
    standing.append(one)
    del standing[:-MAX_STANDING]


def end(cells: Cells, effects: list[Effect], rule_id: str, one: Standing, at_ms: int, over: Over) -> None:
    """An episode is over, and with it those that hang on it. Nothing where it is over already."""
    ledger = cells.get(LEDGER)
    if ledger is None or all(other.number != one.number for other in ledger.by_rule.get(rule_id, ())):
        return
    ledger = cells.edit(LEDGER)
    left = [other for other in ledger.by_rule[rule_id] if other.number != one.number]
    if left:
        ledger.by_rule[rule_id] = left
    else:
        del ledger.by_rule[rule_id]
    ledger.ended.append(one.number)
    del ledger.ended[:-MAX_ENDED]
    subject, episode = Subject(kind=one.kind, id=one.subject), rfc3339(utc(one.episode_ms))
    identity = trigger_id(rule_id, cells.account_id, subject, episode)
    effects.append(Cleared(rule_id, subject, episode, identity, one.episode_ms, at_ms, over.how, over.expired))
    for dependent, standing in list(ledger.by_rule.items()):
        for other in [other for other in standing if other.source == one.number]:
            end(cells, effects, dependent, other, at_ms, over._replace(how=f"{rule_id}, which brought it up, has cleared: {over.how}"))


def end_all(cells: Cells) -> None:
    """The account has churned: nothing stands any more, and nothing is said of it."""
    ledger = cells.get(LEDGER)
    if ledger is not None and (ledger.by_rule or ledger.planned):
        ledger = cells.edit(LEDGER)
        ledger.ended.extend(one.number for standing in ledger.by_rule.values() for one in standing)
        del ledger.ended[:-MAX_ENDED]
        ledger.by_rule, ledger.planned = {}, {}


def forget_rules(cells: Cells, kept: Container[str]) -> None:
    """Rules that are gone: of their episodes nothing is known any more, nor said."""
    gone = [rule for rule in cells[LEDGER].by_rule if rule not in kept]
    if gone:
        ledger = cells.edit(LEDGER)
        for rule in gone:
            del ledger.by_rule[rule]
