"""Account-local days, also where clocks change."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from streams.signals.calendar import calendar_of, day_name, day_number


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def test_a_day_is_23_and_25_hours_long_where_clocks_change() -> None:
    berlin = calendar_of("Europe/Berlin")
    spring, autumn = day_number(date(2026, 3, 29)), day_number(date(2026, 10, 25))

    lengths = [(berlin.close(day) - berlin.midnight(day)) / 3_600_000 for day in (spring, autumn, autumn + 1)]

    assert lengths == [23, 25, 24]


def test_a_midnight_that_the_clock_skips_is_the_instant_of_the_change() -> None:
    beirut = calendar_of("Asia/Beirut")
    day = day_number(date(2021, 3, 28))

    assert beirut.midnight(day) == ms("2021-03-27T22:00:00Z")
    assert beirut.day_of(ms("2021-03-27T21:59:59.999Z")) == day - 1
    assert beirut.day_of(ms("2021-03-27T22:00:00Z")) == day


def test_a_day_the_zone_skipped_is_empty() -> None:
    apia = calendar_of("Pacific/Apia")
    skipped = day_number(date(2011, 12, 30))

    assert apia.midnight(skipped) == apia.close(skipped)
    assert apia.day_of(apia.midnight(skipped)) == skipped + 1


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati", "Australia/Lord_Howe"])
def test_the_day_of_an_instant_is_its_local_date(zone: str) -> None:
    calendar = calendar_of(zone)

    for hour in range(0, 24 * 366, 5):
        instant = ms("2026-01-01T00:30:00Z") + hour * 3_600_000
        local = datetime.fromtimestamp(instant / 1000, UTC).astimezone(ZoneInfo(zone)).date()
        assert day_name(calendar.day_of(instant)) == local.isoformat()


@pytest.mark.parametrize("zone", [None, "", "No/Such_Zone", "../../etc/passwd", "Europe", "x" * 256])
def test_an_unusable_zone_is_utc(zone: str | None) -> None:
    assert calendar_of(zone) is calendar_of(None)


def test_dates_at_the_end_of_the_calendar_do_not_overflow() -> None:
    calendar = calendar_of("Asia/Tokyo")

    assert calendar.close(day_number(date.max) + 400) == calendar.midnight(2_900_000)
    assert day_name(calendar.day_of(ms("9999-12-31T23:00:00Z"))) == "9909-12-07"
    assert calendar.day_of(ms("0001-01-02T00:00:00Z")) == -700_000
