"""Laws of business time, over zones that gain, lose and skip hours, and over all kinds of shifts."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plays.sla.calendar import WorkingCalendar
from tests.laws.calendars import DAY, HOUR, MINUTE, calendar_of, calendars_and_moments, instant, moments, walked_calendars, weeks
from tests.oracle.minutes import Walked

Drawn = tuple[Walked, WorkingCalendar, int]
spans = st.integers(0, 200 * 60).map(lambda n: n * MINUTE) | st.integers(0, 80).map(lambda n: n * HOUR) | st.integers(0, 10**9)
law = settings(max_examples=500)
pytestmark = pytest.mark.timeout(300)  # calendars are slow to draw where the machine is busy


@law
@given(calendars_and_moments(), spans)
def test_what_is_added_is_what_lies_between(drawn: Drawn, work_ms: int) -> None:
    _, calendar, start = drawn
    due, since = calendar.add(start, work_ms), calendar.subtract(start, work_ms)

    assert since <= start <= due
    assert (calendar.between(start, due), calendar.between(since, start)) == (work_ms, work_ms)


@law
@given(calendars_and_moments(), spans.filter(bool))
def test_the_due_moment_is_the_earliest_and_its_inverse_the_latest(drawn: Drawn, work_ms: int) -> None:
    _, calendar, start = drawn

    assert calendar.between(start, calendar.add(start, work_ms) - 1) == work_ms - 1
    assert calendar.between(calendar.subtract(start, work_ms) + 1, start) == work_ms - 1
    assert calendar.subtract(calendar.add(start, work_ms), work_ms) == calendar.next_open(start)


@law
@given(calendars_and_moments(), spans, spans)
def test_spans_add_up(drawn: Drawn, one: int, other: int) -> None:
    _, calendar, start = drawn

    assert calendar.add(calendar.add(start, one), other) == calendar.add(start, one + other)
    assert calendar.subtract(calendar.subtract(start, one), other) == calendar.subtract(start, one + other)
    assert calendar.add(start, -one) == calendar.subtract(start, one)


@law
@given(calendars_and_moments(), spans, spans, st.integers(0, 20 * DAY))
def test_later_starts_and_longer_spans_are_never_due_earlier(drawn: Drawn, one: int, other: int, later_ms: int) -> None:
    _, calendar, start = drawn
    shorter, longer = sorted((one, other))

    assert calendar.add(start, shorter) <= calendar.add(start, longer)
    assert calendar.add(start, one) <= calendar.add(start + later_ms, one)
    assert calendar.subtract(start, one) <= calendar.subtract(start + later_ms, one)
    assert 0 <= calendar.between(start, start + later_ms) <= later_ms


@law
@given(calendars_and_moments(), st.data())
def test_working_time_adds_up_over_any_three_moments(drawn: Drawn, data: st.DataObject) -> None:
    walked, calendar, a = drawn
    b, c = data.draw(moments(walked.zone)), data.draw(moments(walked.zone))

    assert calendar.between(a, b) + calendar.between(b, c) == calendar.between(a, c)
    assert calendar.between(a, b) == -calendar.between(b, a)


@law
@given(calendars_and_moments(), st.integers(0, 30 * DAY))
def test_the_intervals_are_the_working_time(drawn: Drawn, length_ms: int) -> None:
    _, calendar, start = drawn
    found = calendar.intervals(start, start + length_ms)

    assert sum(closes - opens for opens, closes in found) == calendar.between(start, start + length_ms)
    assert all(calendar.is_open(opens) and calendar.is_open(closes - 1) for opens, closes in found)
    assert all(closes < opens for (_, closes), (opens, _) in itertools.pairwise(found))
    assert all(not calendar.is_open(closes) for _, closes in found if closes < start + length_ms)


@law
@given(calendars_and_moments())
def test_the_next_opening_is_open_and_nothing_is_open_before_it(drawn: Drawn) -> None:
    _, calendar, at = drawn
    found = calendar.next_open(at)

    assert calendar.is_open(found)
    assert calendar.between(at, found) == 0
    assert calendar.is_open(at) == (found == at)


@law
@given(calendars_and_moments(), st.integers(0, 15), st.integers(0, 20 * DAY))
def test_business_days_never_lead_back(drawn: Drawn, days: int, later_ms: int) -> None:
    _, calendar, start = drawn

    assert start <= calendar.add_days(start, days) <= calendar.add_days(start, days + 1)
    assert calendar.add_days(start, days) <= calendar.add_days(start + later_ms, days)


@law
@given(weeks(), st.integers(-5000, 5000).map(lambda n: n * MINUTE), st.integers(1, 15))
def test_where_all_days_are_alike_business_days_are_their_hours(week: list[list[tuple[int, int]]], start: int, days: int) -> None:
    hours = next(day for day in week if day)
    calendar = calendar_of(Walked("UTC", [hours if day and hours[-1][1] <= 1440 + hours[0][0] else [] for day in week]))
    of_a_day = sum(end - begin for begin, end in hours) * MINUTE

    assert calendar.add_days(start, days) == calendar.add(start, days * of_a_day)


@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(calendars_and_moments(), st.integers(0, 40 * 60))
def test_a_walk_minute_by_minute_comes_to_the_same(drawn: Drawn, minutes: int) -> None:
    """The walk stops after ten days: what takes longer is compared by the vectors."""
    walked, calendar, start = drawn
    limit = 10 * DAY
    at = instant(start)

    assert calendar.is_open(start) == walked.open(at)
    assert calendar.between(start, start + 3 * DAY) == walked.between(at, instant(start + 3 * DAY)) * MINUTE
    if (due := calendar.add(start, minutes * MINUTE)) - start <= limit:
        assert instant(due) == walked.add(at, minutes)
    if start - (since := calendar.subtract(start, minutes * MINUTE)) <= limit:
        assert instant(since) == walked.subtract(at, minutes)
    if (opens := calendar.next_open(start)) - start <= limit:
        assert instant(opens) == walked.next_open(at)


@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(calendars_and_moments(), st.integers(0, 3))
def test_business_days_are_those_of_the_rule_as_it_is_written(drawn: Drawn, days: int) -> None:
    walked, calendar, start = drawn

    if calendar.add_days(start, days) - start <= 8 * DAY:
        assert instant(calendar.add_days(start, days)) == walked.add_days(instant(start), days)


@law
@given(walked_calendars(closures=False), st.integers(-(10**13), 10**13), spans)
def test_no_year_is_too_far(walked: Walked, start: int, work_ms: int) -> None:
    calendar = calendar_of(walked)

    assert calendar.between(start, calendar.add(start, work_ms)) == work_ms
