"""Clocks of elapsed and of working time, under rests, handovers and changed calendars."""

from hypothesis import given, settings
from hypothesis import strategies as st

from plays.policy.calendars import CalendarModel, calendar_of
from plays.runs.rests import Rests, Word
from plays.sla.calendar import WorkingCalendar
from plays.sla.clocks import BREACH, Running, announce, breached, hand_on, next_mark, push, recount, stood_still, targets, tighten
from plays.sla.policy import SlaPolicy

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
T0 = 1_772_000_000_000
LAWS = settings(max_examples=500, deadline=None)
POLICY = SlaPolicy()


def office(zone: str, first: str, last: str) -> WorkingCalendar:
    return calendar_of("office", CalendarModel(timezone=zone, hours={"mon-fri": (f"{first}-{last}",)}))


OFFICES = (
    office("UTC", "09:00", "17:00"), office("Europe/Berlin", "08:00", "12:30"), office("America/New_York", "10:00", "19:00"),
    office("Asia/Kolkata", "22:00", "06:00"),
)  # fmt: skip
offices = st.sampled_from(OFFICES)
starts = st.integers(T0, T0 + 400 * DAY)
first_actions = st.sampled_from(("30m", "2h", "24h", "1bh", "4bh", "12bh", "1bd", "5bd"))
warnings = st.lists(st.integers(1, 99), min_size=1, max_size=4, unique=True).map(sorted)


def walk(clock: Running, percents: list[int], hours: WorkingCalendar) -> list[tuple[int, int]]:
    told = []
    while (mark := next_mark(clock, percents, hours)) is not None:
        told.append(mark)
        announce(clock, mark[1])
    return told


@LAWS
@given(text=first_actions, start=starts, hours=offices, percents=warnings)
def test_every_mark_comes_once_in_order_and_a_clock_of_working_time_says_nothing_while_it_is_closed(
    text: str, start: int, hours: WorkingCalendar, percents: list[int]
) -> None:
    wanted = targets(text, start, None, POLICY, hours)
    assert wanted is not None
    for clock in wanted:
        told = walk(clock, percents, hours)
        assert [mark for _, mark in told] == [*range(len(percents)), BREACH]
        assert [at for at, _ in told] == sorted(at for at, _ in told)
        assert breached(clock)
        assert told[-1][0] == clock.due_ms >= start
        if clock.work_ms:  # a moment that ends a stretch of work counts to it
            assert all(hours.is_open(at - 1) for at, _ in told)
            assert abs(hours.between(start, clock.due_ms) - clock.work_ms) == 0
    assert wanted.acknowledge.due_ms <= wanted.act.due_ms <= wanted.resolve.due_ms


@LAWS
@given(
    text=first_actions, start=starts, hours=offices,
    words=st.lists(st.tuples(st.integers(0, 3000), st.sampled_from(("paused", "resumed", "snoozed")), st.integers(1, 900)), max_size=8),
)  # fmt: skip
def test_what_it_counts_until_it_runs_out_is_its_length_however_it_rested(
    text: str, start: int, hours: WorkingCalendar, words: list[tuple[int, str, int]]
) -> None:
    """Told in any order; recounted over the stretches in which it did not rest."""
    wanted = targets(text, start, None, POLICY, hours)
    assert wanted is not None
    clock = wanted.resolve
    length = clock.work_ms or clock.due_ms - clock.start_ms
    rests = Rests()
    for at, kind, until in words:
        change = rests.take(Word(start + at * MINUTE, kind, start + (at + until) * MINUTE if kind == "snoozed" else None))  # type: ignore[arg-type]
        if change is not None:
            was, now = ([(s.start_ms, s.end_ms) for s in spells if s.end_ms is not None] for spells in change)
            push(clock, stood_still(clock, now, hours) - stood_still(clock, was, hours), hours)
    ended = [(s.start_ms, s.end_ms) for s in rests.spells() if s.end_ms is not None]
    if all(end <= clock.due_ms for _, end in ended):  # what rests after it has run out is not its own
        ran = [start, *(moment for spell in ended for moment in spell), clock.due_ms]
        counted = sum(hours.between(begin, end) if clock.work_ms else end - begin for begin, end in zip(ran[::2], ran[1::2], strict=True))
        assert counted == length


@LAWS
@given(text=first_actions, start=starts, before=offices, after=offices, share=st.integers(0, 99))
def test_whoever_takes_over_has_the_working_time_that_was_left(
    text: str, start: int, before: WorkingCalendar, after: WorkingCalendar, share: int
) -> None:
    wanted = targets(text, start, None, POLICY, before)
    assert wanted is not None
    for clock in wanted:
        due, now = clock.due_ms, start + (clock.due_ms - start) * share // 100
        left = before.between(now, due)
        moved = hand_on(clock, now, before, after)
        assert moved == (clock.due_ms != due)
        if clock.work_ms and before is not after and due > now:
            assert after.between(now, clock.due_ms) == left
        else:
            assert clock.due_ms == due


@LAWS
@given(text=first_actions, start=starts, before=offices, after=offices, share=st.integers(0, 150))
def test_a_calendar_that_was_changed_counts_as_if_it_had_always_been_so_but_not_into_the_past(
    text: str, start: int, before: WorkingCalendar, after: WorkingCalendar, share: int
) -> None:
    wanted = targets(text, start, None, POLICY, before)
    fresh = targets(text, start, None, POLICY, after)
    assert wanted is not None
    assert fresh is not None
    due, now = wanted.act.due_ms, start + (wanted.act.due_ms - start) * share // 100
    recount(wanted.act, now, after)
    if not wanted.act.work_ms:
        assert wanted.act.due_ms == due
    else:
        counted = after.add(start, wanted.act.work_ms)
        assert wanted.act.due_ms == (due if due == after.next_open(counted) else max(min(now, due), counted))
        assert wanted.act.due_ms >= min(now, due)


@LAWS
@given(start=starts, hours=offices, asked=st.lists(st.tuples(first_actions, st.integers(0, 5000)), min_size=1, max_size=6))
def test_what_asks_for_more_haste_only_ever_moves_a_clock_earlier(start: int, hours: WorkingCalendar, asked: list[tuple[str, int]]) -> None:
    clock: Running | None = None
    dues = []
    for text, later in asked:
        wanted = targets(text, start + later * MINUTE, None, POLICY, hours)
        assert wanted is not None
        dues.append(wanted.act.due_ms)
        if clock is None:
            clock = wanted.act
        else:
            tighten(clock, wanted.act)
        assert clock.due_ms == min(dues)
