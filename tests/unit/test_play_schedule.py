"""When steps begin and are due: from the trigger, from what they follow, through waits, limits and cadences."""

from hypothesis import given
from hypothesis import strategies as st

from plays.loading.playbooks import load_playbooks
from plays.playbooks.flow import before, follows
from plays.playbooks.schedule import schedule
from plays.playbooks.step import PlayStep
from plays.policy.calendars import plain_calendar

HOUR = 3_600_000
DAY = 24 * HOUR
T0 = 1_772_000_000_000  # Wednesday 2026-02-25 06:13:20 UTC
OFFICE = plain_calendar()
BOOK = load_playbooks()


def step(name: str, **fields: object) -> PlayStep:
    return PlayStep.model_validate({"name": name, "kind": "task", "owner_role": "csm", "instruction": "Do what has to be done.", **fields})


def test_usage_decline_from_the_trigger_through_three_business_days_to_the_call() -> None:
    review, mail, call = schedule(BOOK["PB1"].playbook.steps, T0, T0 + DAY, OFFICE)

    assert (review.begins_ms, review.due_ms) == (T0, T0 + DAY)
    assert (mail.begins_ms, mail.due_ms) == (T0 + DAY, T0 + DAY + 4 * HOUR)
    thursday = T0 + DAY + 4 * HOUR  # 10:13:20, so the call is on Tuesday, and due on Wednesday at that time
    assert (call.begins_ms, call.due_ms) == (thursday + 5 * DAY, thursday + 6 * DAY)


def test_a_fallback_begins_when_the_wait_was_in_vain_and_what_follows_a_cadence_when_that_is_over() -> None:
    steps = (
        step("ask", due="24h after trigger"),
        step("keep telling", after="launch", due="1h", repeat={"every": "2h", "until": "resolved", "at_most": "3d"}),
        step("follow up", after=["ask"], until={"condition": "resolved", "at_most": "2d", "otherwise": "say so"}, due="1d"),
        step("say so", after="fallback", due="2h"),
        step("close", after=["keep telling", "say so"], due="1h"),
    )

    slots = schedule(steps, T0, None, OFFICE)

    assert [slot.begins_ms - T0 for slot in slots] == [0, 0, 3 * DAY, 3 * DAY, 3 * DAY + 2 * HOUR]
    assert [slot.due_ms and slot.due_ms - T0 for slot in slots] == [DAY, HOUR, 4 * DAY, 3 * DAY + 2 * HOUR, 3 * DAY + 3 * HOUR]
    assert slots[1].ends_ms == T0 + 3 * DAY


def test_a_step_due_by_the_runs_clock_has_no_date_where_the_run_has_no_clock() -> None:
    first, second = schedule((step("look", due="sla"), step("write", due="2h")), T0, None, OFFICE)

    assert (first.due_ms, second.begins_ms, second.due_ms) == (None, T0, T0 + 2 * HOUR)


@given(st.sampled_from(sorted(BOOK)), st.integers(0, 2**42), st.none() | st.integers(0, 2**36))
def test_no_step_of_the_library_begins_before_what_it_follows_has_ended_or_is_due_before_it_begins(
    play: str, trigger_ms: int, sla_ms: int | None
) -> None:
    steps = BOOK[play].playbook.steps
    slots = schedule(steps, trigger_ms, None if sla_ms is None else trigger_ms + sla_ms, OFFICE)

    for index, slot in enumerate(slots):
        assert trigger_ms <= slot.begins_ms <= slot.ends_ms
        assert slot.due_ms is None or slot.begins_ms <= slot.due_ms <= max(slot.ends_ms, slot.due_ms)
        assert all(slots[place].ends_ms <= slot.begins_ms for place in follows(steps, index) or ())
        assert before(steps, index) <= set(range(index))


@given(st.sampled_from(sorted(BOOK)), st.integers(0, 2**42), st.integers(1, 2**40), st.integers(1, 50))
def test_a_later_trigger_moves_no_step_to_an_earlier_moment_and_whole_weeks_move_all_by_as_much(
    play: str, trigger_ms: int, by_ms: int, weeks: int
) -> None:
    steps = BOOK[play].playbook.steps
    early, late = schedule(steps, trigger_ms, None, OFFICE), schedule(steps, trigger_ms + by_ms, None, OFFICE)
    week_ms = weeks * 7 * DAY
    weeks_on = schedule(steps, trigger_ms + week_ms, None, OFFICE)

    assert all(one.begins_ms <= other.begins_ms for one, other in zip(early, late, strict=True))
    assert [slot.begins_ms + week_ms for slot in early] == [slot.begins_ms for slot in weeks_on]
