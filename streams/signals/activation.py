"""The library changed: what lies ahead of an account is planned anew, what is true already is looked at once.

That look is an absence's look: it comes by a silence deadline of the account, so that nothing is taken for true that is only
not known yet. Rules that are silent come as soon as the account has passed to the new library, and are muted: episodes open
without a trigger. Rules that are paced come when it is the account's turn, and fire. Until then neither judges days.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from streams.processing.cell import Cell
from streams.processing.library import Change
from streams.signals import usage
from streams.signals.calendar import DAY_MS
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.detector import Detector
from streams.signals.series import KEPT_DAYS
from streams.signals.standing import forget_rules
from streams.signals.state import ACTIVATING, EPISODES, ITEMS, MILESTONES, PENDING, RECORDED, SERIES, Activating

SILENT, PACED = NAMES = "on_activate", "on_turn"
"""First words of the deadlines' names, before the rule's id. By name they come after `day_close`: days over by then are closed."""

_BY_RULE: tuple[tuple[Cell[Any], str], ...] = ((EPISODES, "spells"), (MILESTONES, "by_rule"), (ITEMS, "by_rule"))

Detectors = Mapping[str, Detector]


def replan(context: Context, detectors: Detectors, change: Change, recorded: Collection[str]) -> None:
    """Plan for the present rules; forget those that are gone: their deadlines, their episodes, what was recorded for them."""
    for key in sorted(change.unrecorded):
        context.cells.edit(RECORDED).since[key] = context.moment.now_ms
    changed = [detectors[rule] for rule in sorted(change.added | change.edited)]
    open_to = [one for one in changed if one.plan_anew(context) and context.in_scope(one.compiled, context.path)]
    _forget(context, detectors, recorded)
    if open_to or ACTIVATING in context.cells:
        _arrange(context, changed, open_to, change.turn_ms)


def owner_of(name: str) -> str:
    """The rule that a deadline of this name belongs to."""
    first, _, rest = name.partition(":")
    return rest if first in NAMES else first


def activate(context: Context, detectors: Detectors, name: str, at_ms: int) -> None:
    """The deadline `name` has come: the rule looks at what is true already."""
    how, _, rule = name.partition(":")
    _look(context, [detectors[rule]], at_ms, usage.closed(context.cells, at_ms, 1), muted=how == SILENT)


def before_close(context: Context, detectors: Detectors, at_ms: int) -> Collection[str]:
    """A day is about to close for an account that was not looked at yet: look at the day before. Rules that judge no close yet."""
    activating = context.cells[ACTIVATING]
    daily = [detectors[rule] for rule in activating.silent if detectors[rule].daily]
    if daily:
        _look(context, daily, at_ms, usage.closed(context.cells, at_ms, 2), muted=True)
        for one in daily:
            context.unplan(f"{SILENT}:{one.rule_id}")
    return tuple(activating.paced)


def _look(context: Context, detectors: Sequence[Detector], at_ms: int, close: DayClose, *, muted: bool) -> None:
    context.muted = muted
    for detector in detectors:
        detector.activate(context, at_ms, close)
    context.muted = False
    _note(context, [], [], [one.rule_id for one in detectors])


def _arrange(context: Context, changed: Sequence[Detector], open_to: Sequence[Detector], turn_ms: int) -> None:
    for one in changed if ACTIVATING in context.cells else ():
        context.unplan(f"{SILENT}:{one.rule_id}")
        context.unplan(f"{PACED}:{one.rule_id}")
    silent = [one.rule_id for one in open_to if one.compiled.rule.on_activate == "silent"]
    paced = [one.rule_id for one in open_to if one.compiled.rule.on_activate == "paced"]
    for rule in silent:
        context.plan(f"{SILENT}:{rule}", context.moment.now_ms)
    for rule in paced:
        context.plan(f"{PACED}:{rule}", turn_ms)
    _note(context, silent, paced, [one.rule_id for one in changed])


def _note(context: Context, silent: Sequence[str], paced: Sequence[str], over: Collection[str]) -> None:
    """These rules wait for their look, and those do not any more."""
    known = context.cells[ACTIVATING]
    now = Activating(
        sorted({*silent, *(rule for rule in known.silent if rule not in over)}),
        sorted({*paced, *(rule for rule in known.paced if rule not in over)}),
    )
    if now.silent or now.paced:
        context.cells.put(ACTIVATING, now)
    else:
        context.cells.drop(ACTIVATING)


def _forget(context: Context, detectors: Detectors, recorded: Collection[str]) -> None:
    cells = context.cells
    gone = [name for name in cells[PENDING].at if owner_of(name) not in detectors]
    for name in gone:
        context.unplan(name)
    if ACTIVATING in cells:
        _note(context, [], [], [rule for rule in (*cells[ACTIVATING].silent, *cells[ACTIVATING].paced) if rule not in detectors])
    for cell, of in _BY_RULE:
        gone = [rule for rule in getattr(cells[cell], of) if rule not in detectors]
        if gone:
            by_rule = getattr(cells.edit(cell), of)
            for rule in gone:
                del by_rule[rule]
    forget_rules(cells, detectors)
    for key in [key for key in cells[SERIES].times if key not in recorded]:
        del cells.edit(SERIES).times[key]
    kept_ms = context.moment.now_ms - KEPT_DAYS * DAY_MS
    for key in [key for key, since_ms in cells[RECORDED].since.items() if key not in recorded or since_ms < kept_ms]:
        del cells.edit(RECORDED).since[key]
    if RECORDED in cells and not cells[RECORDED].since:
        cells.drop(RECORDED)
