"""Working hours as they are written, and business time on everyday calendars."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from plays.sla.calendar import NoWorkingTimeError, WorkingCalendar
from plays.sla.day_plan import WeekPlan
from plays.sla.hours import HoursError, parse_days, parse_shift, parse_week
from plays.sla.shifts import Shift, as_week, overlap

HOUR = 3_600_000
DAY = 24 * HOUR
BERLIN = ZoneInfo("Europe/Berlin")


def calendar(**hours: str) -> WorkingCalendar:
    """By days, `mon_fri="09:00-17:00"`; several shifts with commas."""
    week = parse_week({days.replace("_", "-"): tuple(text.split(",")) for days, text in hours.items()})
    return WorkingCalendar("office", BERLIN, WeekPlan(week))


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp() * 1000)


def shown(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, BERLIN).strftime("%a %Y-%m-%d %H:%M")


def test_two_results_that_are_published_wrongly() -> None:
    assert shown(calendar(mon_fri="08:00-17:00").add(at("2026-11-20T16:00"), 4 * HOUR)) == "Mon 2026-11-23 11:00"
    assert shown(calendar(mon_fri="09:00-17:00").add(at("2026-11-20T17:00"), 8 * HOUR)) == "Mon 2026-11-23 17:00"


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-11-20T16:00", 1, "Mon 2026-11-23 16:00"),  # a Friday
        ("2026-11-20T17:00", 1, "Mon 2026-11-23 17:00"),
        ("2026-11-21T12:00", 1, "Mon 2026-11-23 17:00"),
        ("2026-11-23T07:00", 1, "Mon 2026-11-23 17:00"),
        ("2026-11-23T09:00", 1, "Mon 2026-11-23 17:00"),
        ("2026-11-23T09:01", 1, "Tue 2026-11-24 09:01"),
        ("2026-11-19T16:00", 1, "Fri 2026-11-20 14:00"),  # Fridays end at 14:00
        ("2026-11-18T16:00", 5, "Wed 2026-11-25 16:00"),
        ("2026-11-18T16:00", 0, "Wed 2026-11-18 16:00"),
    ],
)
def test_a_business_day_later_is_the_same_time_of_the_next_working_day(start: str, days: int, due: str) -> None:
    hours = {"mon_thu": "09:00-17:00", "fri": "09:00-14:00" if start.endswith("19T16:00") else "09:00-17:00"}

    assert shown(calendar(**hours).add_days(at(start), days)) == due


def test_a_night_shift_belongs_to_the_evening_it_begins_and_nobody_works_before_it() -> None:
    nights = calendar(mon_thu="22:00-06:00")

    assert shown(nights.add(at("2026-11-27T05:00"), 2 * HOUR)) == "Mon 2026-11-30 23:00"
    assert shown(nights.add_days(at("2026-11-25T02:00"), 1)) == "Thu 2026-11-26 02:00"
    assert [shown(nights.next_open(at(f"2026-11-{day}T12:00")))[:3] for day in (23, 26, 27)] == ["Mon", "Thu", "Mon"]


def test_a_night_shift_is_as_long_as_it_takes_when_the_clocks_change() -> None:
    nights = calendar(daily="22:00-06:00")

    assert nights.between(at("2026-03-28T12:00"), at("2026-03-29T12:00")) == 7 * HOUR
    assert nights.between(at("2026-10-24T12:00"), at("2026-10-25T12:00")) == 9 * HOUR


def test_nobody_works_for_ever_and_no_search_goes_on_for_ever() -> None:
    never = WorkingCalendar("ghost", BERLIN, WeekPlan(as_week({})))
    searches: tuple[Callable[[], int], ...] = (
        lambda: never.add(0, 1), lambda: never.subtract(0, 1), lambda: never.next_open(0), lambda: never.add_days(0, 1),
    )  # fmt: skip

    for search in searches:
        with pytest.raises(NoWorkingTimeError, match=r"calendar ghost: (nobody works for more than 406 days on end|1 business days take)"):
            search()
    with pytest.raises(NoWorkingTimeError, match="9000 business days take too long"):
        calendar(mon="09:00-10:00").add_days(0, 9000)
    with pytest.raises(NoWorkingTimeError, match="longer than forty years"):
        calendar(mon="09:00-10:00").add(0, 10**10)
    with pytest.raises(ValueError, match="-1 business days"):
        calendar(mon="09:00-10:00").add_days(0, -1)


class TwoDays:
    """Somebody who works from nine to five on two dates only, by days since 1970-01-01."""

    def __init__(self, *days: int) -> None:
        self._days = days

    def on(self, day: int) -> tuple[Shift, ...]:
        return (Shift(540, 1020),) if day in self._days else ()


@pytest.mark.parametrize("first", [0, 700])
def test_a_search_goes_on_for_58_idle_weeks_and_no_longer(first: int) -> None:
    def seldom(idle_weeks: int) -> WorkingCalendar:  # from the week after the first that is worked in
        return WorkingCalendar("seldom", ZoneInfo("UTC"), TwoDays(first, first + 7 + idle_weeks * 7))

    idle_since = (first + 7) * DAY
    assert seldom(58).add(idle_since, HOUR) == (first + 7 + 58 * 7) * DAY + 10 * HOUR
    assert seldom(58).subtract((first + 7 + 58 * 7) * DAY - 1, HOUR) == first * DAY + 16 * HOUR
    with pytest.raises(NoWorkingTimeError, match="nobody works for more than 406 days"):
        seldom(59).add(idle_since, HOUR)
    with pytest.raises(NoWorkingTimeError, match="nobody works for more than 406 days"):
        seldom(59).subtract((first + 7 + 59 * 7) * DAY - 1, HOUR)


def test_business_days_are_counted_over_406_idle_days_and_no_more() -> None:
    def seldom(idle_days: int) -> WorkingCalendar:  # from day 2 on
        return WorkingCalendar("seldom", ZoneInfo("UTC"), TwoDays(0, 2 + idle_days))

    assert seldom(406).add_days(2 * DAY, 1) == 408 * DAY + 17 * HOUR
    with pytest.raises(NoWorkingTimeError, match="1 business days take too long"):
        seldom(407).add_days(2 * DAY, 1)


@pytest.mark.parametrize(
    ("text", "shift"),
    [
        ("09:00-17:00", Shift(540, 1020)),
        ("00:00-24:00", Shift(0, 1440)),
        (" 22:00 - 06:00 ", Shift(1320, 1800)),
        ("18:00-00:00", Shift(1080, 1440)),
    ],
)
def test_a_shift_is_two_times_of_the_day(text: str, shift: Shift) -> None:
    assert parse_shift(text) == shift


@pytest.mark.parametrize("text", ["", "9-17", "09:00", "09:00-25:00", "24:00-06:00", "09:60-10:00", "09:00-09:00", "9:00-17:00"])
def test_what_is_no_shift_is_refused_with_the_form_it_should_have(text: str) -> None:
    with pytest.raises(HoursError, match=r"write (it as 09:00-17:00|00:00-24:00 for a whole day)"):
        parse_shift(text)


def test_days_are_names_ranges_or_all_of_them() -> None:
    assert [parse_days(text) for text in ("mon", "mon-fri", "fri-mon", "daily")] == [(0,), (0, 1, 2, 3, 4), (4, 5, 6, 0), tuple(range(7))]
    with pytest.raises(HoursError, match="'monday' names no days; write mon"):
        parse_days("monday")


def test_a_day_has_its_hours_once_and_shifts_without_overlap() -> None:
    with pytest.raises(HoursError, match="wed has hours twice"):
        parse_week({"mon-fri": ("09:00-17:00",), "wed": ("09:00-12:00",)})
    with pytest.raises(HoursError, match="the shifts 09:00-13:00 and 12:00-17:00 overlap"):
        parse_week({"mon": ("12:00-17:00", "09:00-13:00")})
    assert overlap(parse_week({"mon-fri": ("22:00-06:00", "06:00-12:00")})) is None
    assert overlap(parse_week({"sun": ("22:00-06:00",), "mon": ("05:00-12:00",)})) == (6, Shift(1320, 1800), 0, Shift(300, 720))
    assert overlap(parse_week({"mon": ("22:00-06:00",), "tue": ("05:00-12:00",)})) == (0, Shift(1320, 1800), 1, Shift(300, 720))
