"""Offsets of zones are those of the time zone database to the millisecond, wherever in a week the clocks change, and few are kept."""

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from plays.sla.day_plan import WeekPlan
from plays.sla.hours import parse_week
from plays.sla.offsets import WEEK_MS, Offsets
from plays.sla.openings import Openings

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CHANGES = {  # weeks here begin on Thursday, 00:00 UTC: the first three are in the last hours of one
    "Asia/Amman": datetime(1999, 6, 30, 22, tzinfo=UTC),
    "Asia/Tehran": datetime(1994, 9, 21, 19, 30, tzinfo=UTC),
    "Asia/Gaza": datetime(2007, 9, 12, 23, tzinfo=UTC),
    "Europe/Berlin": datetime(2026, 3, 29, 1, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2026, 4, 4, 15, tzinfo=UTC),
    "Pacific/Apia": datetime(2011, 12, 30, 10, tzinfo=UTC),
}


def by_the_database(at_ms: int, zone: ZoneInfo) -> int:
    offset = (EPOCH + timedelta(milliseconds=at_ms)).astimezone(zone).utcoffset()
    assert offset is not None
    return offset // timedelta(milliseconds=1)


@pytest.mark.parametrize("name", CHANGES)
def test_the_offset_changes_at_the_very_millisecond(name: str) -> None:
    zone = ZoneInfo(name)
    change, offsets = (CHANGES[name] - EPOCH) // timedelta(milliseconds=1), Offsets(zone)

    assert offsets.at(change - 1) != offsets.at(change)
    for at_ms in (change - 1, change, *range(change - WEEK_MS, change + WEEK_MS, 900_000)):
        assert offsets.at(at_ms) == by_the_database(at_ms, zone)


@pytest.mark.parametrize("name", CHANGES)
def test_pieces_follow_each_other_without_gaps_and_only_changes_divide_a_week(name: str) -> None:
    change, offsets = (CHANGES[name] - EPOCH) // timedelta(milliseconds=1), Offsets(ZoneInfo(name))
    week = change // WEEK_MS

    found = offsets.pieces(change - WEEK_MS, change + WEEK_MS)

    assert (found[0].start_ms, found[-1].end_ms) == ((week - 1) * WEEK_MS, (week + 2) * WEEK_MS)
    assert all(one.end_ms == other.start_ms for one, other in itertools.pairwise(found))
    assert [len(offsets.week(index)) for index in (week - 1, week, week + 1)] == [1, 2, 1]


def test_what_is_kept_is_bounded_and_what_was_dropped_is_worked_out_again() -> None:
    offsets = Offsets(ZoneInfo("Europe/Berlin"))
    openings = Openings(offsets, WeekPlan(parse_week({"mon-fri": ("09:00-17:00",)})))
    first, first_day = openings.week(2000), openings.day(14_000)

    totals = {openings.week(index).total for index in range(2000, 2700)}
    days = [openings.day(day).total for day in range(14_000, 15_400)]

    assert (totals, set(days)) == ({40 * 3_600_000}, {0, 8 * 3_600_000})
    assert (len(offsets._weeks), len(openings._weeks), len(openings._days)) == (512, 256, 1024)
    assert (openings.week(2000), openings.day(14_000)) == (first, first_day)
