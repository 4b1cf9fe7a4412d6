"""Moments of the relation: counted from its beginning by the calendar of the account, each judged once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plays.loading.rules import LIBRARY, load_rules
from plays.loading.segments import POLICY, load_segments
from plays.rules.amounts import span
from plays.rules.book import RuleBook
from plays.rules.rule import Rule
from streams.processing.effects import Decide, Raise
from streams.processing.library import Change
from streams.signals.calendar import day_name, day_number, months_after, months_between
from streams.signals.driver import Driver
from streams.signals.processor import SignalsProcessor
from streams.signals.timeline import events_of

SEGMENTS = load_segments(POLICY)
T07 = next(rule for rule in load_rules(LIBRARY, SEGMENTS.names) if rule.id == "T07")
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
ADDED = Change(frozenset({"X1"}), frozenset(), frozenset(), frozenset())
days = st.integers(day_number(date(1990, 1, 1)), day_number(date(2090, 12, 31)))


def rule(**detector: Any) -> Rule:
    stated = T07.model_dump(mode="json", exclude_unset=True)
    made = Rule.model_validate({**stated, "id": "X1", "subject": "account", "detector": {"kind": "anniversary", **detector}})
    assert list(made.problems()) == []
    return made


def driver_of(*rules: Rule) -> Driver:
    return Driver(SignalsProcessor(RuleBook(rules), SEGMENTS), "acme")


def happens(driver: Driver, day: float, event_type: str, **data: Any) -> None:
    at = (START + timedelta(days=day)).isoformat()
    event = {"event_id": f"e{day}{event_type}", "account_id": "acme", "source": "test", "occurred_at": at, "type": event_type, **data}
    driver.run(events_of([event]))


def until(driver: Driver, day: float) -> None:
    driver.run([], round((START + timedelta(days=day)).timestamp() * 1000))


def fired(driver: Driver) -> list[str]:
    return [one.effect.trigger.episode[:10] for one in driver.happened if isinstance(one.effect, Raise)]


@given(days, st.integers(0, 600))
def test_so_many_months_on_is_the_same_date_or_the_last_of_a_shorter_month(day: int, months: int) -> None:
    before, after = date.fromisoformat(day_name(day)), date.fromisoformat(day_name(months_after(day, months)))

    assert (after.year - before.year) * 12 + after.month - before.month == months
    assert after.day == before.day or (after.day < before.day and (after + timedelta(days=1)).day == 1)


@given(days, st.integers(1, 120), st.integers(1, 120))
def test_later_months_are_later_days(day: int, first: int, more: int) -> None:
    assert day < months_after(day, first) < months_after(day, first + more)


@given(days, st.integers(-40, 800))
def test_months_between_two_days_are_those_that_lead_from_one_to_the_other(day: int, later: int) -> None:
    months = months_between(day, day + later)

    assert months_after(day, months) <= day + later < months_after(day, months + 1)


def test_dates_at_the_end_of_the_calendar_do_not_overflow() -> None:
    assert months_after(day_number(date(9908, 6, 1)), 600) == 2_900_000


@pytest.mark.parametrize(("text", "means"), [("30d", (0, 30)), ("6mo", (6, 0)), ("2y", (24, 0))])
def test_lengths_are_read(text: str, means: tuple[int, int]) -> None:
    assert span(text) == means


@given(
    st.dates(date(2016, 1, 1), date(2026, 3, 2)),
    st.sampled_from(["1mo", "3mo", "1y", "45d"]),
    st.lists(st.sampled_from(["30d", "1mo", "11mo", "1y", "10y"]), max_size=3, unique=True),
)
def test_every_moment_from_when_we_heard_of_it_fires_once(start: date, every: str, at: list[str]) -> None:
    driver = driver_of(rule(since="first_contract_start", at=at, every=every))
    happens(driver, 0, "contract.started", contract_id="K-1", start=start.isoformat())
    until(driver, 800)

    wanted = set()
    for text in at:
        wanted.add(months_after(day_number(start), span(text).months) + span(text).days)
    for nth in range(1, 400):
        wanted.add(months_after(day_number(start), span(every).months * nth) + span(every).days * nth)
    first, last = day_number(START.date()) + 1, day_number(START.date()) + 800
    assert fired(driver) == [day_name(day) for day in sorted(wanted) if first <= day <= last]


def test_before_each_renewal_and_anew_when_the_date_moves() -> None:
    driver = driver_of(rule(since="account_created", at=["30d"], days_before_renewal=[75]))
    happens(driver, 0, "account.created")
    happens(driver, 0, "contract.started", contract_id="K-1", renewal_date="2026-07-01")
    happens(driver, 60, "contract.renewed", contract_id="K-1", renewal_date="2027-07-01")
    happens(driver, 61, "contract.started", contract_id="K-2", renewal_date="2026-06-01")
    until(driver, 600)

    assert fired(driver) == ["2026-04-01", "2026-04-17", "2027-04-17"]


def test_a_contract_that_is_gone_is_not_waited_for() -> None:
    driver = driver_of(rule(since="account_created", days_before_renewal=[75]))
    happens(driver, 0, "contract.started", contract_id="K-1", renewal_date="2026-07-01")
    happens(driver, 40, "contract.ended", contract_id="K-1")
    until(driver, 600)

    assert fired(driver) == []


@pytest.mark.parametrize(("day", "opened", "then"), [(35.0, ["2026-04-01"], ["2026-06-02"]), (50.0, [], ["2026-06-02"])])
def test_a_new_rule_looks_at_the_moments_of_the_last_days_only(day: float, opened: list[str], then: list[str]) -> None:
    driver = driver_of()
    happens(driver, 0, "account.created")
    until(driver, day)
    fresh = rule(since="account_created", at=["5d", "10d", "30d", "92d"])
    driver.pass_to(SignalsProcessor(RuleBook([fresh]), SEGMENTS), ADDED)
    until(driver, 200)

    decided = [one.effect.decision for one in driver.happened if isinstance(one.effect, Decide)]
    assert [str(one.facts["date"]) for one in decided] == opened
    assert fired(driver) == then


def test_the_days_are_those_of_the_zone_the_account_has_by_then() -> None:
    driver = driver_of(rule(since="account_created", at=["30d"], at_close=True))
    happens(driver, 0, "account.created", timezone="UTC")
    happens(driver, 10, "account.updated", timezone="Pacific/Kiritimati")
    until(driver, 60)

    (trigger,) = [one.effect.trigger for one in driver.happened if isinstance(one.effect, Raise)]
    assert trigger.episode == "2026-04-01T10:00:00.000Z"  # its day 30, April 1, ends fourteen hours before UTC's


def test_a_rule_without_a_moment_is_refused() -> None:
    stated = T07.model_dump(mode="json", exclude_unset=True)
    made = Rule.model_validate({**stated, "detector": {"kind": "anniversary", "since": "handoff"}})

    assert [problem.what for problem in made.problems()] == ["no moment is named"]
