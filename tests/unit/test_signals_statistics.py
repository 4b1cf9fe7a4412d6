"""The variation tests, against textbook recomputation."""

from math import exp, factorial, sqrt
from statistics import fmean, mean, median, variance

import pytest

from streams.signals.statistics import dispersion_of_days, dispersion_of_people, median_twice, poisson_tail, shortfall_z


@pytest.mark.parametrize("n", [0, 1, 3, 10, 40])
@pytest.mark.parametrize("rate", [0.25, 1.0, 7.5, 30.0])
def test_the_poisson_tail_is_one_minus_the_sum_below(n: int, rate: float) -> None:
    below = sum(exp(-rate) * rate**k / factorial(k) for k in range(n))

    assert poisson_tail(n, rate) == pytest.approx(1 - below, rel=1e-9, abs=1e-12)


def test_the_poisson_tail_holds_for_thousands() -> None:
    assert 0.4 < poisson_tail(5000, 5000.0) < 0.6
    assert 0 < poisson_tail(10_000, 5000.0) < 1e-300 or poisson_tail(10_000, 5000.0) == 0.0


MONDAYS = [40, 10, 60, 20, 30]  # and nothing on other days


def test_dispersion_of_days_is_variance_over_mean_about_each_weekday() -> None:
    days = [count for monday in MONDAYS for count in (monday, 0, 0, 0, 0, 0, 0)]
    means = [mean(MONDAYS), 0, 0, 0, 0, 0, 0]

    assert dispersion_of_days(days, [False] * 35, means) == pytest.approx(variance(MONDAYS) / mean(MONDAYS))


def test_closed_days_do_not_disperse() -> None:
    days = [100] * 27 + [0] + [100] * 7

    assert dispersion_of_days(days, [at == 27 for at in range(35)], [100.0] * 7) == 1.0
    assert dispersion_of_days(days, [False] * 35, [100.0] * 6 + [80.0]) == pytest.approx((4 * 20**2 + 80**2) / 80 / 28)


def test_regular_days_are_taken_for_independent_events_and_a_short_past_for_twice_as_variable() -> None:
    assert dispersion_of_days([10] * 28, [False] * 28, [10.0] * 7) == 1.0
    assert dispersion_of_days([10] * 21, [False] * 21, [10.0] * 7) == 2.0
    assert dispersion_of_days([], [], [0.0] * 7) == 2.0


def test_dispersion_of_people_is_variance_over_mean_and_may_lie_below_that_of_events() -> None:
    assert dispersion_of_people([16, 4, 16, 4]) == pytest.approx(variance([16, 4, 16, 4]) / fmean([16, 4, 16, 4]))
    assert dispersion_of_people([10, 10, 10, 10]) == 0.2
    assert dispersion_of_people([10, 10, 10]) == 1.0
    assert dispersion_of_people([]) == 1.0


def test_z_of_a_fall_from_100_to_70_after_four_weeks() -> None:
    assert shortfall_z(100.0, 70.0, 1.0, 1 + 1 / 4) == pytest.approx(30 / sqrt(125))
    assert shortfall_z(0.0, 0.0, 1.0, 2.0) == 0.0


@pytest.mark.parametrize("values", [[], [3], [3, 4], [9, 1, 4], [7, 7, 1, 2]])
def test_twice_the_median_is_whole(values: list[int]) -> None:
    assert median_twice(values) == 2 * (median(values) if values else 0)
