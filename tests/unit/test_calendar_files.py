"""Calendars as a policy states them: what they are, what is refused with file, line and fix, and whose hours count."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from plays.loading.calendars import load_calendars
from plays.loading.errors import ConfigError
from plays.loading.run_policy import DEFAULT_POLICY, load_run_policy
from plays.policy.closures import HOLIDAYS_VERSION
from streams.cli.compose import load_configuration

HOUR = 3_600_000
SPECIAL = "    timezone: UTC\n    hours: {mon-fri: 09:00-17:00}\n    special:\n"
A = "      - {name: a, first: 12-24, last: 12-24, hours: "
HEAD = "company: office\ncustomer: office\ncalendars:\n  office:\n"


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def shown(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%a %Y-%m-%d %H:%M")


def policy(folder: Path, text: str, closures: str = "") -> Path:
    (folder / "calendars.yaml").write_text(text)
    (folder / "closures.yaml").write_text(f"closures: [{closures}]\n")
    return folder


def complaints(folder: Path, text: str, closures: str = "") -> list[tuple[int, str, str]]:
    with pytest.raises(ConfigError) as refused:
        load_calendars(policy(folder, text, closures))
    assert {one.path.name for one in refused.value.complaints} == {"calendars.yaml"}
    return [(one.line, one.what, one.fix) for one in refused.value.complaints]


def test_the_company_works_office_hours_of_utc_without_holidays_unless_it_says_otherwise() -> None:
    company = load_calendars(DEFAULT_POLICY).company

    assert company.description == "mon-fri 09:00-17:00 UTC"
    assert shown(company.add(at("2026-12-24T16:00"), 2 * HOUR)) == "Fri 2026-12-25 10:00"


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (
            "    timezone: Europe/Berln\n    hours: {mon: 09:00-17:00}\n",
            (5, "unknown timezone 'Europe/Berln'", "did you mean Europe/Berlin or Europe/Belfast?"),
        ),
        (
            "    timezone: CET5\n    hours:\n      mon: [09:00-13:00, 12:30-17:00]\n",
            (7, "the shifts 09:00-13:00 and 12:30-17:00 overlap", "let one end before the next begins, or make them one"),
        ),
        (
            "    timezone: UTC\n    hours:\n      sun: 22:00-06:00\n      mon: 05:00-09:00\n",
            (6, "the shifts sun 22:00-06:00 and mon 05:00-09:00 overlap", "let one end before the next begins, or make them one"),
        ),
        (
            "    timezone: UTC\n    hours: {}\n",
            (6, "nobody ever works", "give it an hour a week or more, such as mon-fri: 09:00-17:00, or `hours: always`"),
        ),
        (
            "    timezone: UTC\n    hours: {mon: 09:00-09:30}\n",
            (6, "only 30 minutes a week are worked", "give it an hour a week or more, such as mon-fri: 09:00-17:00, or `hours: always`"),
        ),
        (
            "    timezone: UTC\n    hours: always\n    closures:\n      - {name: long, first: 2026-01-01, last: 2027-06-30}\n",
            (7, "nobody works for more than 406 days from 2026-01-01", "shorten the closures"),
        ),
        (
            "    timezone: UTC\n    hours: always\n    closures:\n      - {name: never, first: 01-01, last: 12-31}\n",
            (7, "nobody works for more than 406 days from 2024-01-01", "shorten the closures"),
        ),
        (
            "    timezone: UTC\n    hours: {mon: 09:00-10:00}\n    closures:\n      - {name: most of it, first: 02-01, last: 12-31}\n",
            (
                6,
                "too little is worked: 999 business hours or days take more than forty years",
                "give it more hours, or shorten the closures",
            ),
        ),
        (
            "    timezone: UTC\n    hours: {monday: 09:00-17:00}\n",
            (6, "'monday' names no days", "write mon, tue, wed, thu, fri, sat, sun, a range such as mon-fri, or daily"),
        ),
        (
            "    timezone: UTC\n    hours: always\n    holidays: UK\n",
            (
                7,
                "unknown country 'UK'",
                "did you mean GB? write the ISO 3166 code of a country, such as DE, or of a part of one, such as US-CA",
            ),
        ),
        (
            "    timezone: UTC\n    hours: always\n    special:\n      - {name: eve, first: 12-24, last: 12-24, hours: noon}\n",
            (8, "'noon' is no shift", "write it as 09:00-17:00, or 22:00-06:00 for one that ends the next day"),
        ),
        (
            SPECIAL + A + "08:00-12:00}\n      - {name: b, first: 2026-12-23, last: 2026-12-31, hours: 10:00-15:00}\n",
            (9, "2026-12-24 has hours of 'a' and of 'b'", "name each day once"),
        ),
        (
            SPECIAL + A + "22:00-10:00}\n",
            (
                8,
                "the shifts 2024-12-24 22:00-10:00 and 2024-12-25 09:00-17:00 overlap",
                "let one end before the next begins, or make them one",
            ),
        ),
        (
            SPECIAL.replace("mon-fri: 09:00-17:00", "sun-thu: 22:00-06:00") + A + "05:00-12:00}\n",
            (
                8,
                "the shifts 2024-12-23 22:00-06:00 and 2024-12-24 05:00-12:00 overlap",
                "let one end before the next begins, or make them one",
            ),
        ),
        (
            "    timezone: UTC\n    hours: always\n    closures:\n      - {name: eve, first: 12-24, last: 2026-12-24}\n",
            (8, "one end has a year and the other has none", "write both with a year, or both without"),
        ),
    ],
)
def test_a_calendar_nobody_can_work_by_is_refused_with_line_and_fix(tmp_path: Path, lines: str, complaint: tuple[int, str, str]) -> None:
    assert complaint in complaints(tmp_path, HEAD + lines)


def test_names_must_be_there_and_customers_must_work_some_day(tmp_path: Path) -> None:
    text = HEAD.replace("company: office", "company: offic") + "    timezone: UTC\n    hours: {mon-fri: 09:00-17:00}\n"

    assert complaints(tmp_path, text, "{name: gone, first: 2026-01-01, last: 2028-01-01, accounts: [acme]}") == [
        (1, "no calendar 'offic'", "name one of office"),
        (2, "account acme would be closed for more than 406 days from 2026-01-01", "shorten the closures in closures.yaml"),
    ]


def test_all_that_is_wrong_with_a_policy_is_said_at_once(tmp_path: Path) -> None:
    folder = policy(tmp_path, HEAD + "    timezone: Mars\n    hours: always\n")
    (folder / "owners.yaml").write_text("people: []\npools: {}\nfallback: ann\n")

    with pytest.raises(ConfigError) as refused:
        load_run_policy(folder)

    assert {one.path.name for one in refused.value.complaints} == {"owners.yaml", "calendars.yaml"}


def test_a_person_works_by_a_calendar_that_is_there(tmp_path: Path) -> None:
    folder = policy(tmp_path, HEAD + "    timezone: UTC\n    hours: always\n")
    (folder / "owners.yaml").write_text("people:\n  - id: ann\n    name: Ann\n    calendar: nights\npools: {}\nfallback: ann\n")

    with pytest.raises(
        ConfigError, match=r"owners.yaml:4: ann works by calendar 'nights', which nobody wrote. Fix: add it to calendars.yaml"
    ):
        load_run_policy(folder)


BERLIN = HEAD + (
    "    timezone: Europe/Berlin\n"
    "    hours: {mon-thu: [08:00-12:00, 13:00-17:00], fri: 08:00-14:00}\n"
    "    holidays: DE-BE\n"
    "    closures:\n      - {name: between the years, first: 12-27, last: 12-31}\n"
    "    special:\n      - {name: Christmas Eve, first: 12-24, last: 12-24, hours: 08:00-12:00}\n"
    "      - {name: inventory, first: 2026-11-28, last: 2026-11-28, hours: 09:00-12:00}\n"
)


def test_holidays_closures_half_days_and_a_worked_saturday(tmp_path: Path) -> None:
    company = load_calendars(policy(tmp_path, BERLIN)).company

    assert company.intervals(at("2026-12-23T00:00"), at("2027-01-05T00:00")) == tuple(
        (at(f"{day}:00"), at(f"{day[:11]}{end}:00"))
        for day, end in (
            ("2026-12-23T07", "11"), ("2026-12-23T12", "16"), ("2026-12-24T07", "11"), ("2027-01-04T07", "11"), ("2027-01-04T12", "16"),
        )
    )  # fmt: skip
    assert company.is_open(at("2026-11-28T09:00"))
    assert not company.is_open(at("2027-03-08T09:00"))  # International Women's Day, in Berlin a holiday
    assert f"without public holidays of DE-BE (holidays {HOLIDAYS_VERSION}), 1 closures, 2 special openings" in company.description


def test_customers_keep_their_hours_in_their_own_zone_and_their_own_holidays(tmp_path: Path) -> None:
    closed = "{name: shutdown, first: 2026-08-03, last: 2026-08-07, accounts: [acme]}"
    calendars = load_calendars(policy(tmp_path, BERLIN, closed))

    def opens(account: str, region: str | None, zone: str | None, after: str) -> str:
        return shown(calendars.customer(account, region, zone).next_open(at(after)))

    assert opens("a", None, "America/New_York", "2026-07-03T18:30") == "Mon 2026-07-06 12:00"  # their Friday is the day off for the 4th
    assert opens("a", "DE", "America/New_York", "2026-07-02T22:00") == "Fri 2026-07-03 12:00"
    assert opens("a", None, "Not/AZone", "2026-07-03T18:30") == "Mon 2026-07-06 06:00"
    assert [opens(one, None, "Europe/Berlin", "2026-08-03T06:00")[:3] for one in ("acme", "other")] == ["Mon", "Mon"]
    assert opens("acme", None, "Europe/Berlin", "2026-08-03T06:00") == "Mon 2026-08-10 06:00"
    assert calendars.customer("a", None, "Asia/Tokyo") is calendars.customer("b", None, "Asia/Tokyo")


def test_people_keep_named_hours_in_their_own_zone(tmp_path: Path) -> None:
    calendars = load_calendars(policy(tmp_path, BERLIN))

    assert calendars.person(None, None) is calendars.company
    assert calendars.person("gone", None) is calendars.company
    assert shown(calendars.person("office", "America/New_York").next_open(at("2026-11-22T00:00"))) == "Mon 2026-11-23 13:00"


def test_another_calendar_or_other_holidays_make_another_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("segments", "rules", "health", "feeds", "links", "overrides", "defaults"):
        (tmp_path / f"{name}.yaml").write_text((DEFAULT_POLICY / f"{name}.yaml").read_text())
    (tmp_path / "owners.yaml").write_text(
        (DEFAULT_POLICY / "owners.yaml").read_text().replace(", calendar: duty-a", "").replace(", calendar: duty-b", "")
    )
    policy(tmp_path, BERLIN)
    revisions = [str(load_configuration(policy=tmp_path).revision)]
    policy(tmp_path, BERLIN.replace("08:00-14:00", "08:00-15:00"))
    revisions.append(str(load_configuration(policy=tmp_path).revision))
    monkeypatch.setattr("plays.policy.calendars.HOLIDAYS_VERSION", "0.999")
    revisions.append(str(load_configuration(policy=tmp_path).revision))

    assert len(set(revisions)) == 3
