"""The three clocks of a run: acknowledge, act, resolve. Pure arithmetic on integer milliseconds."""

from typing import Literal, NamedTuple, get_args

import msgspec

from plays.sla.calendar import WorkingCalendar
from plays.sla.first_action import FirstActionError, first_action_due
from plays.sla.policy import SlaPolicy
from schemas.records.play_message import Clock

CLOCKS: tuple[Clock, ...] = get_args(Clock)  # in the order they run out

Mark = Literal["first", "second", "breach"]
MARKS: tuple[Mark, ...] = get_args(Mark)
_BIT: dict[Mark, int] = {"first": 1, "second": 2, "breach": 4}


class Running(msgspec.Struct, array_like=True):
    """One clock that runs or has run out: `[start_ms, due_ms)`; `said` holds the bits of the marks already announced.

    A clock that was stopped is not kept at all. While its run is paused a clock is not looked at.
    """

    start_ms: int
    due_ms: int
    said: int = 0


class Due(NamedTuple):
    """A mark and its exact moment. Orders by time, then clock, then mark."""

    at_ms: int
    clock: int
    mark: int


def clock_spans(
    first_action: str, start_ms: int, act_by_ms: int | None, policy: SlaPolicy, calendar: WorkingCalendar
) -> tuple[int, int, int] | None:
    """Spans in ms of (acknowledge, act, resolve) from `start_ms`; None where the rule sets no clocks (`-`).

    `until day N` without a date falls back on the policy's `undated_first_action`: a run with a late clock is better
    than one with none. Raises `FirstActionError` for text outside the grammar.
    """
    try:
        due = first_action_due(first_action, start_ms, act_by_ms, calendar)
    except FirstActionError:
        if not first_action.startswith("until day "):
            raise
        due = first_action_due(policy.undated_first_action, start_ms, None, calendar)
    if due is None:
        return None
    act = due - start_ms
    return act * policy.acknowledge_percent // 100, act, act * policy.resolve_percent // 100


def mark_ms(clock: Running, mark: Mark, policy: SlaPolicy) -> int:
    """The exact moment of a mark: start + percent of the span, rounded down; the breach is the due moment itself."""
    if mark == "breach":
        return clock.due_ms
    percent = policy.warnings_percent[0 if mark == "first" else 1]
    return clock.start_ms + (clock.due_ms - clock.start_ms) * percent // 100


def next_mark(clock: Running, policy: SlaPolicy) -> tuple[int, Mark] | None:
    """The earliest mark not yet announced, with its moment; None when the clock has nothing more to say."""
    for mark in MARKS:
        if not clock.said & _BIT[mark]:
            return mark_ms(clock, mark, policy), mark
    return None


def announce(clock: Running, mark: Mark) -> None:
    """Remember that a mark was announced; it and the marks before it are not announced again."""
    clock.said |= (_BIT[mark] << 1) - 1


def breached(clock: Running) -> bool:
    """Whether the clock ran out, and was said to."""
    return bool(clock.said & _BIT["breach"])


def tighten(clock: Running, start_ms: int, due_ms: int) -> bool:
    """Move the clock to an earlier due moment. Never moves it later. True when it moved."""
    if due_ms >= clock.due_ms:
        return False
    clock.start_ms, clock.due_ms = min(start_ms, due_ms), due_ms
    return True


def shift(clock: Running, by_ms: int) -> None:
    """Push a clock that stood still by the time it did; one that has run out stays where it is."""
    if not breached(clock):
        clock.start_ms += by_ms
        clock.due_ms += by_ms
