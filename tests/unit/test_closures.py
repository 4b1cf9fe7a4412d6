"""On which days an account is closed."""

from datetime import date
from pathlib import Path

import pytest

from plays.loading.closures import countries_of_zones, load_closures
from plays.loading.errors import ConfigError
from plays.loading.segments import POLICY, load_segments
from plays.policy.closures import ClosedDays, Closure, ClosurePolicy

SHIPPED = load_closures(POLICY)


def number(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def closed(days: ClosedDays, first: str, last: str, region: str | None = None, zone: str | None = None, account: str = "acme") -> list[str]:
    found = days.between(number(first), number(last), region, zone, account)
    return [date.fromordinal(date(1970, 1, 1).toordinal() + day).isoformat() for day in found]


def test_public_holidays_are_those_of_the_country_of_the_timezone() -> None:
    assert closed(SHIPPED, "2026-03-30", "2026-04-12", zone="Europe/Berlin") == ["2026-04-03", "2026-04-06"]
    assert closed(SHIPPED, "2026-11-20", "2026-11-30", zone="America/New_York") == ["2026-11-26"]
    assert closed(SHIPPED, "2026-03-30", "2026-04-12", zone="Asia/Tokyo") == []
    assert closed(SHIPPED, "2026-03-30", "2026-04-12", zone="UTC") == []


def test_a_region_that_is_a_code_of_a_country_goes_before_the_timezone_and_other_words_do_not() -> None:
    assert SHIPPED.country("US-CA", "Europe/Berlin") == ("US", "CA")
    assert SHIPPED.country("FR", "Europe/Berlin") == ("FR", None)
    assert [SHIPPED.country(word, "Europe/Berlin") for word in ("europe", "EU", "emea", "ZZ-1", "")] == [("DE", None)] * 5
    assert SHIPPED.country(None, "Mars/Olympus") == (None, None)


def test_a_subdivision_has_its_own_days_and_an_unknown_one_those_of_the_country() -> None:
    assert closed(SHIPPED, "2026-06-01", "2026-06-10", region="DE-BY") == ["2026-06-04"]
    assert closed(SHIPPED, "2026-06-01", "2026-06-10", region="DE-BE") == []
    assert closed(SHIPPED, "2026-12-25", "2026-12-26", region="DE-QQ") == ["2026-12-25", "2026-12-26"]


def test_the_turn_of_the_year_is_closed_for_everybody() -> None:
    expected = [f"2026-12-{day}" for day in range(24, 32)] + ["2027-01-01"]

    assert closed(SHIPPED, "2026-12-20", "2027-01-05") == expected


def test_closures_hold_for_their_countries_and_accounts() -> None:
    policy = ClosurePolicy(
        public_holidays=False,
        closures=(
            Closure(name="summer", first="2026-08-03", last="2026-08-04", accounts=("acme",)),
            Closure(name="August", first="08-14", last="08-15", countries=("FR",)),
        ),
    )
    days = ClosedDays(policy, countries_of_zones())

    assert closed(days, "2026-08-01", "2026-08-31", zone="Europe/Paris") == ["2026-08-03", "2026-08-04", "2026-08-14", "2026-08-15"]
    assert closed(days, "2026-08-01", "2026-08-31", zone="Europe/Paris", account="other") == ["2026-08-14", "2026-08-15"]
    assert closed(days, "2027-08-01", "2027-08-31", zone="Europe/Berlin") == []


def test_days_nobody_can_name_are_open() -> None:
    assert SHIPPED.between(-5, 10, "DE", None, "acme") == []
    assert SHIPPED.between(2_899_990, 2_900_010, "DE", None, "acme") == []
    assert closed(SHIPPED, "2500-12-24", "2500-12-24", region="DE") == ["2500-12-24"]


@pytest.mark.parametrize(
    ("closure", "complaint"),
    [
        ("{name: a, first: 2026-08-03, last: 08-04}", "one end has a year"),
        ("{name: a, first: 2026-08-03, last: 2026-08-01}", "ends before it begins"),
        ("{name: a, first: 02-30, last: 03-01}", "02-30 is no date"),
        ("{name: a, first: 2026-8-3, last: 2026-08-04}", "first"),
    ],
)
def test_what_is_wrong_with_the_file_is_said_with_its_line(tmp_path: Path, closure: str, complaint: str) -> None:
    (tmp_path / "closures.yaml").write_text(f"closures:\n  - {closure}\n")

    with pytest.raises(ConfigError, match=complaint) as refused:
        load_closures(tmp_path)

    assert "closures.yaml:2" in str(refused.value)


def test_bands_of_the_policy_leave_the_closures_as_they_are() -> None:
    segments = load_segments(POLICY)

    assert segments.with_bands(segments.bands).closed is segments.closed
