"""Time and places on the report: local days, what counts as usage, scales, rows."""

from datetime import UTC, datetime

import pytest

from streams.report.accounts import Fleet
from streams.report.calendar import DAY_MS, LocalTime, epoch_ms, is_weekend, parse_ms
from streams.report.svg.labels import Rows
from streams.report.svg.scale import TimeScale, ceiling
from streams.report.words import duration, figure, span_words

MONDAY = epoch_ms(datetime(2026, 1, 5, tzinfo=UTC)) // DAY_MS


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-05T10:20:30.250Z",
        "2026-01-05T11:20:30.250+01:00",
        "2026-01-05T10:20:30.250+00:00",
        datetime(2026, 1, 5, 10, 20, 30, 250_000, UTC),
    ],
)
def test_one_instant_is_read_alike_in_every_form(value: object) -> None:
    assert parse_ms(value) == MONDAY * DAY_MS + (10 * 3600 + 20 * 60 + 30) * 1000 + 250


@pytest.mark.parametrize("value", ["", "soon", None, 7, "2026-13-01T00:00:00Z", "2026-01-05T10:20:xxZ"])
def test_what_is_no_time_is_none(value: object) -> None:
    assert parse_ms(value) is None


def test_days_turn_at_the_accounts_own_midnight_also_off_the_full_hour() -> None:
    instant = epoch_ms(datetime(2026, 1, 5, 18, 45, tzinfo=UTC))

    assert [LocalTime(zone).local_ms(instant) // DAY_MS - MONDAY for zone in ("Asia/Kolkata", "Asia/Kathmandu", "UTC", "nowhere")] == [
        1,
        1,
        0,
        0,
    ]


def test_weekends_are_saturday_and_sunday() -> None:
    assert [is_weekend(MONDAY + day) for day in range(7)] == [False] * 5 + [True] * 2


def test_usage_is_what_people_did_on_the_accounts_days() -> None:
    fleet = Fleet()
    base = {"account_id": "a", "type": "feature.used", "occurred_at": "2026-01-05T23:30:00Z"}

    fleet.add(
        [
            {"account_id": "a", "type": "account.created", "occurred_at": "2026-01-01T00:00:00Z", "timezone": "Europe/Berlin", "name": "A"},
            base,
            base | {"actor": "human"},
            base | {"actor": "api"},
            base | {"actor": "staff"},
            base | {"type": "user.login"},
        ]
    )

    assert fleet.accounts["a"].usage == {MONDAY + 1: 2}
    assert (fleet.accounts["a"].name, fleet.read, fleet.unread) == ("A", 6, 0)


def test_a_scale_keeps_to_its_edges_and_names_its_months() -> None:
    scale = TimeScale((MONDAY + 0) * DAY_MS, (MONDAY + 100) * DAY_MS, 100, 1100)

    assert [scale.x_day(MONDAY + day) for day in (-5, 0, 50, 100, 120)] == [100, 100, 600, 1100, 1100]
    assert scale.months() == [(100, "Jan 2026"), (370.0, "Feb"), (650.0, "Mar"), (960.0, "Apr")]


@pytest.mark.parametrize(("value", "expected"), [(0, 4), (4, 4), (5, 5), (7, 8), (9, 10), (11, 20), (61, 80), (999, 1000)])
def test_axes_end_at_round_numbers(value: float, expected: int) -> None:
    assert ceiling(value) == expected


def test_rows_never_overlap_and_are_reused() -> None:
    rows = Rows(gap=2)

    assert [rows.place(*span) for span in ((0, 10), (5, 8), (11, 20), (12, 13))] == [0, 1, 1, 0]
    assert rows.count == 2


def test_words_for_spans_durations_and_figures() -> None:
    week = (MONDAY * DAY_MS, (MONDAY + 7) * DAY_MS)

    assert span_words(*week) == "5 Jan to 11 Jan (7 days)"
    assert span_words(week[0], week[0] + 3_600_000) == "5 Jan 00:00 to 5 Jan 01:00 (1 h)"
    assert [duration(ms) for ms in (45_000, 90_000, 5_400_000, 100 * 3_600_000, 30 * DAY_MS)] == [
        "45 s",
        "1 min",
        "1 h 30 min",
        "4 d 4 h",
        "30 d",
    ]
    assert [figure(value) for value in (3.0, 0.333, 12.345, 1234.5)] == ["3", "0.33", "12.3", "1,234"]
