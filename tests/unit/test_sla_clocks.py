"""First-action times and the clocks that follow from them."""

import pytest

from plays.policy.calendars import plain_calendar
from plays.sla.clocks import Running, announce, breached, clock_spans, next_mark, shift, tighten
from plays.sla.first_action import FirstActionError, check_first_action, first_action_due
from plays.sla.policy import SlaPolicy

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


def test_a_date_that_is_missing_falls_back_on_the_policy() -> None:
    assert clock_spans("until day 90", START, None, POLICY, OFFICE) == (18 * HOUR, 72 * HOUR, 288 * HOUR)


def test_acknowledge_is_a_quarter_and_resolve_four_times_the_first_action() -> None:
    assert clock_spans("2h", START, None, POLICY, OFFICE) == (HOUR // 2, 2 * HOUR, 8 * HOUR)
    assert clock_spans("-", START, None, POLICY, OFFICE) is None


def test_a_clock_says_each_mark_once_at_its_moment() -> None:
    clock = Running(START, START + 10)
    told = []
    while (mark := next_mark(clock, POLICY)) is not None:
        told.append(mark)
        announce(clock, mark[1])
    assert told == [(START + 5, "first"), (START + 8, "second"), (START + 10, "breach")]
    assert breached(clock)


def test_a_clock_moves_earlier_only() -> None:
    clock = Running(START, START + 100)
    assert not tighten(clock, START + 50, START + 100)
    assert tighten(clock, START + 50, START + 90)
    assert clock == Running(START + 50, START + 90)


def test_a_clock_that_has_run_out_is_not_pushed_on() -> None:
    running, out = Running(START, START + 10), Running(START, START + 10, said=7)
    shift(running, 5)
    shift(out, 5)
    assert (running, out) == (Running(START + 5, START + 15), Running(START, START + 10, said=7))
