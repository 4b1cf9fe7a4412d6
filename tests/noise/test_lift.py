"""Lift and lead time, against what can be counted by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.noise.lift import DAY_MS, Life, measure

YEAR = 365 * DAY_MS


def test_alerts_before_every_outcome_and_nowhere_else() -> None:
    lives = {"a": Life(0, 100 * DAY_MS, (50 * DAY_MS,)), "b": Life(0, YEAR)}

    found = measure(lives, {"a": [45 * DAY_MS]}, 10, YEAR)

    # Ten of the 101 days of the account lie within ten days before its outcome.
    assert (found.alerts, found.accounts, found.hits, found.followed, found.caught, found.lead_days) == (1, 1, 1, 1, 1, 5.0)
    assert found.lift == pytest.approx(101 / 10)
    assert found.per_account_month == pytest.approx(1 / (465 / 30.4375))


def test_an_alert_whose_days_are_not_over_is_not_followed() -> None:
    lives = {"a": Life(0, YEAR, (50 * DAY_MS,))}

    found = measure(lives, {"a": [20 * DAY_MS, YEAR - 5 * DAY_MS]}, 10, YEAR)

    assert (found.alerts, found.followed, found.hits, found.lift) == (2, 1, 0, 0.0)


def test_without_outcomes_there_is_no_lift() -> None:
    found = measure({"a": Life(0, YEAR)}, {"a": [DAY_MS]}, 10, YEAR)

    assert (found.lift, found.interval, found.lead_days, found.caught) == (None, None, None, 0)


def test_the_lead_is_counted_from_the_first_alert_before_the_outcome() -> None:
    lives = {"a": Life(0, YEAR, (100 * DAY_MS,))}

    assert measure(lives, {"a": [80 * DAY_MS, 95 * DAY_MS, 110 * DAY_MS]}, 30, YEAR).lead_days == 20


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.integers(40, 300), st.integers(1, 39)), min_size=1))
def test_an_alert_on_every_day_says_nothing(drawn: dict[str, tuple[int, int]]) -> None:
    lives = {name: Life(0, days * DAY_MS, (day * DAY_MS,)) for name, (days, day) in drawn.items()}
    every = {name: [day * DAY_MS for day in range(days + 1)] for name, (days, _) in drawn.items()}

    found = measure(lives, every, 30, 1000 * DAY_MS)

    assert found.lift == pytest.approx(1.0)
    assert found.interval is not None
    assert list(found.interval) == pytest.approx([1.0, 1.0])


def test_the_interval_is_the_same_every_time_and_holds_the_lift() -> None:
    lives = {f"a{n}": Life(0, YEAR, (100 * DAY_MS,)) for n in range(20)}
    alerts = {f"a{n}": [(95 if n % 2 else 200) * DAY_MS] for n in range(20)}

    first, second = (measure(lives, alerts, 10, 2 * YEAR) for _ in range(2))

    assert first == second
    assert first.interval is not None
    assert first.lift is not None
    assert first.interval[0] < first.lift < first.interval[1]
    assert first.lift == pytest.approx(0.5 * 366 / 10)
