"""When the steps of a play begin and are due, as far as that is known when it is launched."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from plays.playbooks.flow import falls_back_to, follows
from plays.playbooks.spans import later, parse_due, usual_ms
from plays.playbooks.step import PlayStep
from plays.problem import Problem
from plays.sla.calendar import WorkingCalendar


class Slot(NamedTuple):
    """Moments in ms since the epoch, UTC, at the latest: every step before is done when due, every wait takes its limit.

    `due_ms` is None where the run has no act clock. `ends_ms` is when the steps that follow count from.
    """

    begins_ms: int
    due_ms: int | None
    ends_ms: int


def schedule(steps: Sequence[PlayStep], trigger_ms: int, act_by_ms: int | None, calendar: WorkingCalendar) -> tuple[Slot, ...]:
    """One slot per step. `act_by_ms`: when the run's act clock runs out, None without one. For playbooks without problems.

    Business hours and days are counted in the calendar.
    """
    slots: list[Slot] = []
    for index, step in enumerate(steps):
        places = follows(steps, index)
        if places is None:  # it begins when the wait of another was in vain, which is when that one would begin at the latest
            begins = max((slots[place].begins_ms for place in falls_back_to(steps, index) if place < index), default=trigger_ms)
        else:
            begins = max((slots[place].ends_ms for place in places), default=trigger_ms)
        if step.wait is not None:
            begins = later(begins, step.wait, calendar)
        if step.until is not None and step.until.at_most is not None:
            begins = later(begins, step.until.at_most, calendar)
        due_ms = _due(step, begins, trigger_ms, act_by_ms, calendar)
        ends = begins if due_ms is None else due_ms
        if step.repeat is not None and step.repeat.at_most is not None:
            ends = later(begins, step.repeat.at_most, calendar)
        slots.append(Slot(begins, due_ms, ends))
    return tuple(slots)


def _due(step: PlayStep, begins_ms: int, trigger_ms: int, act_by_ms: int | None, calendar: WorkingCalendar) -> int | None:
    due = parse_due(step.due)
    if due.span is None:
        return None if act_by_ms is None else max(act_by_ms, begins_ms)
    return max(begins_ms, later(trigger_ms, due.span, calendar)) if due.from_trigger else later(begins_ms, due.span, calendar)


def due_problems(steps: Sequence[PlayStep]) -> Iterator[Problem]:
    """Steps due before they can begin, or before a step they follow is due. Spans from the trigger make that possible.

    Judged by how long spans usually are, for no calendar in particular.
    """
    soonest: list[int] = []  # ms after the trigger at which the step can begin, if everything before it is done at once
    for index, step in enumerate(steps):
        places = follows(steps, index)
        begins = max((soonest[place] for place in places or ()), default=0)
        if step.wait is not None:
            begins += usual_ms(step.wait)
        soonest.append(begins)
        due = parse_due(step.due)
        if due.span is None:
            if index and step.wait is not None:
                what = f"step {step.name!r} waits, yet is due by the run's first-action time"
                yield Problem(("steps", index, "due"), what, "give it a span of its own, such as `due: 1bd`")
            continue
        if not due.from_trigger:
            continue
        due_ms = usual_ms(due.span)
        if due_ms < begins:
            what = f"step {step.name!r} is due {due.span} after the trigger, before it can begin"
            yield Problem(("steps", index, "due"), what, "make it due later, or count from its beginning: leave out `after trigger`")
            continue
        for place in places or ():
            other = parse_due(steps[place].due)
            if other.from_trigger and other.span is not None and usual_ms(other.span) > due_ms:
                what = f"step {step.name!r} is due before {steps[place].name!r}, which it follows"
                yield Problem(("steps", index, "due"), what, f"make it due later than {other.span} after the trigger")
