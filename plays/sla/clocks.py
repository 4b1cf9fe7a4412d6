"""The three clocks of a run: acknowledge, act, resolve. Pure arithmetic on integer milliseconds.

A clock counts elapsed time, or working time where the first-action time is one of working hours or days (`4bh`, `5bd`): then it
stands still while the calendar it is counted by is closed, and never runs out there.
"""

from collections.abc import Sequence
from typing import NamedTuple, get_args

import msgspec

from plays.sla.calendar import WorkingCalendar
from plays.sla.first_action import FirstActionError, counts_working_time, first_action_due
from plays.sla.policy import SlaPolicy
from schemas.records.play_message import Clock

CLOCKS: tuple[Clock, ...] = get_args(Clock)  # in the order they run out

WARNINGS_AT_MOST = 4
BREACH = WARNINGS_AT_MOST
"""Marks are numbers: the warnings from 0 on, in their order, and this one, when the time has run out."""
_BITS = (1, 2, 8, 16, 4)


class Running(msgspec.Struct, array_like=True):
    """One clock that runs or has run out: `[start_ms, due_ms)`; `said` holds the bits of the marks already announced.

    `work_ms` is its whole length in working time; 0: it counts elapsed time. A clock that was stopped is not kept at all.
    """

    start_ms: int
    due_ms: int
    said: int = 0
    work_ms: int = 0


class Due(NamedTuple):
    """A mark and its exact moment. Orders by time, then clock, then mark."""

    at_ms: int
    clock: int
    mark: int


class Targets(NamedTuple):
    """The clocks that a first-action time asks for, from one start."""

    acknowledge: Running
    act: Running
    resolve: Running


def targets(first_action: str, start_ms: int, act_by_ms: int | None, policy: SlaPolicy, hours: WorkingCalendar) -> Targets | None:
    """The three clocks from `start_ms`; None where the rule sets none (`-`). The first and the third are shares of the second.

    `until day N` without a date falls back on the policy's `undated_first_action`: a run with a late clock is better
    than one with none. Raises `FirstActionError` for text outside the grammar.
    """
    try:
        due_ms = first_action_due(first_action, start_ms, act_by_ms, hours)
    except FirstActionError:
        if not first_action.startswith("until day "):
            raise
        first_action = policy.undated_first_action
        due_ms = first_action_due(first_action, start_ms, None, hours)
    if due_ms is None:
        return None
    working = counts_working_time(first_action)
    span_ms = hours.between(start_ms, due_ms) if working else due_ms - start_ms
    return Targets(
        _of_span(start_ms, span_ms * policy.acknowledge_percent // 100, hours, working=working),
        Running(start_ms, due_ms, 0, span_ms if working else 0),
        _of_span(start_ms, span_ms * policy.resolve_percent // 100, hours, working=working),
    )


def mark_ms(clock: Running, mark: int, percents: Sequence[int], hours: WorkingCalendar) -> int:
    """The exact moment of a mark: start + percent of the length, rounded down; the breach is the due moment itself."""
    if mark == BREACH:
        return clock.due_ms
    if clock.work_ms:
        return min(clock.due_ms, hours.add(clock.start_ms, clock.work_ms * percents[mark] // 100))
    return clock.start_ms + (clock.due_ms - clock.start_ms) * percents[mark] // 100


def next_mark(clock: Running, percents: Sequence[int], hours: WorkingCalendar) -> tuple[int, int] | None:
    """(moment, mark) of the earliest mark not yet announced; None when the clock has nothing more to say. `percents` rise."""
    for mark in (*range(len(percents)), BREACH):
        if not clock.said & _BITS[mark]:
            return mark_ms(clock, mark, percents, hours), mark
    return None


def announce(clock: Running, mark: int) -> None:
    """Remember that a mark was announced; it and the marks before it are not announced again."""
    for earlier in range(mark + 1):
        clock.said |= _BITS[earlier]


def breached(clock: Running) -> bool:
    """Whether the clock ran out, and was said to."""
    return bool(clock.said & _BITS[BREACH])


def tighten(clock: Running, other: Running) -> bool:
    """Take over another clock's times if it is due earlier; what was announced stays so. Never moves it later. True when it moved."""
    if other.due_ms >= clock.due_ms:
        return False
    clock.start_ms, clock.due_ms, clock.work_ms = min(other.start_ms, other.due_ms), other.due_ms, other.work_ms
    return True


def push(clock: Running, by_ms: int, hours: WorkingCalendar) -> None:
    """Push a clock that stood still by so much of the time it counts (less than 0: it did not, after all).

    One that has run out stays where it is.
    """
    if breached(clock) or not by_ms:
        return
    if clock.work_ms:
        clock.start_ms = hours.add(clock.start_ms, by_ms)
        clock.due_ms = hours.add(clock.start_ms, clock.work_ms)  # the evening, not the next morning, however it was pushed there
    else:
        clock.start_ms += by_ms
        clock.due_ms += by_ms


def stood_still(clock: Running, spells: Sequence[tuple[int, int]], hours: WorkingCalendar) -> int:
    """How much of the time it counts lies in these stretches, in ms."""
    return sum(hours.between(start_ms, end_ms) if clock.work_ms else end_ms - start_ms for start_ms, end_ms in spells)


def hand_on(clock: Running, now_ms: int, before: WorkingCalendar, after: WorkingCalendar) -> bool:
    """Count on by another calendar from `now_ms`, with the working time that was left. True when the due moment moved.

    Nothing moves a clock of elapsed time, or one that has run out.
    """
    if not clock.work_ms or clock.due_ms <= now_ms or before is after:
        return False
    used_ms, left_ms = before.between(clock.start_ms, now_ms), before.between(now_ms, clock.due_ms)
    due_ms = clock.due_ms
    clock.start_ms = after.subtract(now_ms, used_ms)
    clock.due_ms = after.add(now_ms, left_ms)
    return clock.due_ms != due_ms


def recount(clock: Running, now_ms: int, hours: WorkingCalendar) -> bool:
    """The calendar itself was changed: count from the start as if it had always been so. True when the due moment moved.

    It is never moved into the past: what has not run out yet runs out now at the earliest. Business days may end with an opening,
    which has the same working time before it as the closing before: what is right stays as it is.
    """
    if not clock.work_ms or breached(clock):
        return False
    counted_ms = hours.add(clock.start_ms, clock.work_ms)
    if clock.due_ms == hours.next_open(counted_ms):
        return False
    due_ms, clock.due_ms = clock.due_ms, max(min(now_ms, clock.due_ms), counted_ms)
    return clock.due_ms != due_ms


def _of_span(start_ms: int, span_ms: int, hours: WorkingCalendar, *, working: bool) -> Running:
    if working:
        return Running(start_ms, hours.add(start_ms, span_ms), 0, span_ms)
    return Running(start_ms, start_ms + span_ms)
