"""The library changed: what lies ahead of an account is planned anew, what is true already is looked at once.

That look is an absence's look: it comes by a silence deadline of the account, so that nothing is taken for true that is only
not known yet. Rules that are silent come as soon as the account has passed to the new library, and are muted: episodes open
without a trigger. Rules that are paced come when it is the account's turn, and fire. Until then neither judges days.
"""

from collections.abc import Collection, Mapping
from typing import Any

from streams.processing.cell import Cell
from streams.processing.library import Change
from streams.signals import usage
from streams.signals.calendar import DAY_MS
from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.detector import Detector
from streams.signals.series import KEPT_DAYS
from streams.signals.state import ACTIVATING, EPISODES, ITEMS, MILESTONES, PENDING, RECORDED, SERIES, Activating

SILENT, PACED = NAMES = "on_activate", "on_turn"
"""Names of the deadlines. In the order of names they come after `day_close`: days that are over by then are closed."""

_BY_RULE: tuple[tuple[Cell[Any], str], ...] = ((EPISODES, "spells"), (MILESTONES, "by_rule"), (ITEMS, "by_rule"))

Detectors = Mapping[str, Detector]


def replan(context: Context, detectors: Detectors, change: Change, recorded: Collection[str]) -> None:
    """Plan for the present rules; forget those that are gone: their deadlines, their episodes, what was recorded for them."""
    for key in sorted(change.unrecorded):
        context.cells.edit(RECORDED).since[key] = context.moment.now_ms
    changed = [detectors[rule] for rule in sorted(change.added | change.edited)]
    open_to = [one for one in changed if one.plan_anew(context) and one.compiled.in_scope(context.path)]
    _forget(context, detectors, recorded)
    if open_to or ACTIVATING in context.cells:
        _arrange(context, detectors, changed, open_to, change.turn_ms)


def activate(context: Context, detectors: Detectors, name: str, at_ms: int) -> None:
    """The deadline `name` has come: look at what is true already."""
    activating = context.cells.edit(ACTIVATING)
    muted = name == SILENT
    rules = activating.silent if muted else activating.paced
    _look(context, [detectors[rule] for rule in rules], at_ms, usage.closed(context.cells, at_ms, 1), muted=muted)
    rules.clear()
    _drop_empty(context, activating)


def before_close(context: Context, detectors: Detectors, at_ms: int) -> Collection[str]:
    """A day is about to close for an account that was not looked at yet: look at the day before. Rules that judge no close yet."""
    activating = context.cells[ACTIVATING]
    daily = [rule for rule in activating.silent if detectors[rule].daily]
    if daily:
        activating = context.cells.edit(ACTIVATING)
        _look(context, [detectors[rule] for rule in daily], at_ms, usage.closed(context.cells, at_ms, 2), muted=True)
        activating.silent = [rule for rule in activating.silent if rule not in daily]
        if not activating.silent:
            context.unplan(SILENT)
        _drop_empty(context, activating)
    return activating.paced


def _look(context: Context, detectors: list[Detector], at_ms: int, close: DayClose, *, muted: bool) -> None:
    context.muted = muted
    for detector in detectors:
        detector.activate(context, at_ms, close)
    context.muted = False


def _arrange(context: Context, detectors: Detectors, changed: list[Detector], open_to: list[Detector], turn_ms: int) -> None:
    known = context.cells[ACTIVATING]
    again = {one.rule_id for one in changed}
    lists: list[list[str]] = []
    for how, before, name, at_ms in (
        ("silent", known.silent, SILENT, context.moment.now_ms),
        ("paced", known.paced, PACED, turn_ms),
    ):
        new = [one.rule_id for one in open_to if one.compiled.rule.on_activate == how]
        rules = sorted({*new, *(rule for rule in before if rule in detectors and rule not in again)})
        if new:
            context.plan(name, at_ms)
        elif not rules:
            context.unplan(name)
        lists.append(rules)
    context.cells.put(ACTIVATING, Activating(*lists))
    _drop_empty(context, context.cells[ACTIVATING])


def _drop_empty(context: Context, activating: Activating) -> None:
    if not activating.silent and not activating.paced:
        context.cells.drop(ACTIVATING)


def _forget(context: Context, detectors: Detectors, recorded: Collection[str]) -> None:
    cells = context.cells
    for name in [name for name in cells[PENDING].at if name not in (SILENT, PACED) and name.partition(":")[0] not in detectors]:
        context.unplan(name)
    for cell, of in _BY_RULE:
        gone = [rule for rule in getattr(cells[cell], of) if rule not in detectors]
        if gone:
            by_rule = getattr(cells.edit(cell), of)
            for rule in gone:
                del by_rule[rule]
    for key in [key for key in cells[SERIES].times if key not in recorded]:
        del cells.edit(SERIES).times[key]
    kept_ms = context.moment.now_ms - KEPT_DAYS * DAY_MS
    for key in [key for key, since_ms in cells[RECORDED].since.items() if key not in recorded or since_ms < kept_ms]:
        del cells.edit(RECORDED).since[key]
    if RECORDED in cells and not cells[RECORDED].since:
        cells.drop(RECORDED)
