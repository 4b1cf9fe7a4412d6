"""First-action times and the clocks that follow from them."""

from zoneinfo import ZoneInfo

import pytest

from plays.policy.calendars import plain_calendar
from plays.sla.calendar import WorkingCalendar
from plays.sla.clocks import BREACH, Running, announce, breached, mark_ms, next_mark, push, recount, targets, tighten
from plays.sla.day_plan import WeekPlan
from plays.sla.first_action import FirstActionError, check_first_action, first_action_due
from plays.sla.hours import parse_week
from plays.sla.policy import SlaPolicy
from plays.sla.shifts import Shift

HOUR = 3_600_000
DAY = 24 * HOUR
START = 1_772_000_000_000  # Wednesday 2026-02-25 06:13:20 UTC
TO_OPENING = 2 * HOUR + 46 * 60_000 + 40_000
OFFICE = plain_calendar()
POLICY = SlaPolicy()


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90m", 90 * 60_000),
        ("2h", 2 * HOUR),
        ("24h", DAY),
        ("3d", 3 * DAY),
        ("4bh", 4 * HOUR + TO_OPENING),
        ("5bd", 6 * DAY + 8 * HOUR + TO_OPENING),
        ("1bd", 8 * HOUR + TO_OPENING),
        ("-", None),
    ],
)
def test_a_first_action_time_counts_from_the_trigger(text: str, span: int | None) -> None:
    assert first_action_due(text, START, None, OFFICE) == (None if span is None else START + span)


def test_until_day_is_due_at_the_date_of_the_rule_but_never_before_the_start() -> None:
    assert first_action_due("until day 90", START, START + 30 * DAY, OFFICE) == START + 30 * DAY
    assert first_action_due("until day 90", START, START - DAY, OFFICE) == START


@pytest.mark.parametrize("text", ["", "soon", "24", "h", "-5h", "24h ", "until day", "5 bd", "١h"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(FirstActionError, match="is not understood: write 24h"):
        check_first_action(text)


def spans(first_action: str, act_by_ms: int | None = None) -> tuple[int, ...] | None:
    found = targets(first_action, START, act_by_ms, POLICY, OFFICE)
    return None if found is None else tuple(clock.due_ms - START for clock in found)


def test_a_date_that_is_missing_falls_back_on_the_policy() -> None:
    assert spans("until day 90") == (18 * HOUR, 72 * HOUR, 288 * HOUR)


def test_acknowledge_is_a_quarter_and_resolve_four_times_the_first_action() -> None:
    assert spans("2h") == (HOUR // 2, 2 * HOUR, 8 * HOUR)
    assert spans("-") is None


def test_of_a_time_in_working_hours_the_shares_are_working_time() -> None:
    found = targets("4bh", START, None, POLICY, OFFICE)
    assert found is not None
    opens = START + TO_OPENING
    assert [clock.due_ms - opens for clock in found] == [HOUR, 4 * HOUR, DAY + 8 * HOUR]  # 16 hours are two days of eight
    assert [clock.work_ms for clock in found] == [HOUR, 4 * HOUR, 16 * HOUR]
    assert [mark_ms(found.resolve, mark, (50, 80), OFFICE) - opens for mark in (0, 1)] == [8 * HOUR, DAY + 4 * HOUR + 48 * 60_000]


@pytest.mark.parametrize("percents", [(50, 80), (90,), (10, 20, 30, 40)])
def test_a_clock_says_each_mark_once_at_its_moment(percents: tuple[int, ...]) -> None:
    clock = Running(START, START + 100)
    told = []
    while (mark := next_mark(clock, percents, OFFICE)) is not None:
        told.append(mark)
        announce(clock, mark[1])
    assert told == [*((START + percent, place) for place, percent in enumerate(percents)), (START + 100, BREACH)]
    assert breached(clock)


def test_marks_of_state_from_before_there_were_more_than_two_are_read_alike() -> None:
    assert next_mark(Running(START, START + 100, said=1), (50, 80), OFFICE) == (START + 80, 1)
    assert next_mark(Running(START, START + 100, said=3), (50, 80), OFFICE) == (START + 100, BREACH)
    assert breached(Running(START, START + 100, said=7))


def test_a_clock_moves_earlier_only() -> None:
    clock = Running(START, START + 100)
    assert not tighten(clock, Running(START + 50, START + 100))
    assert tighten(clock, Running(START + 50, START + 90))
    assert clock == Running(START + 50, START + 90)


def test_a_clock_that_has_run_out_is_not_pushed_on() -> None:
    running, out = Running(START, START + 10), Running(START, START + 10, said=7)
    push(running, 5, OFFICE)
    push(out, 5, OFFICE)
    assert (running, out) == (Running(START + 5, START + 15), Running(START, START + 10, said=7))


def test_business_days_that_end_with_an_opening_stay_there() -> None:
    """Monday 09:30 and a business day, where Tuesday begins at 10:00: nothing moved, so nothing moves the clock to Monday evening."""
    monday = 1_772_409_600_000 // DAY  # days since 1970
    plan = WeekPlan(parse_week({"mon-fri": ("09:00-17:00",)}), lambda day: (Shift(600, 900),) if day == monday + 1 else None)
    hours = WorkingCalendar("late", ZoneInfo("UTC"), plan)
    start = monday * DAY + 9 * HOUR + HOUR // 2
    wanted = targets("1bd", start, None, SlaPolicy(), hours)
    assert wanted is not None
    clock = wanted.act
    push(clock, 0, hours)
    assert not recount(clock, start, hours)
    assert clock.due_ms == (monday + 1) * DAY + 10 * HOUR
