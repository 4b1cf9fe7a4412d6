"""The variation tests, against textbook recomputation."""

from math import exp, factorial
from statistics import mean, median, variance

import pytest

from streams.signals.statistics import dispersion, drop_z, median_twice, poisson_tail


@pytest.mark.parametrize("n", [0, 1, 3, 10, 40])
@pytest.mark.parametrize("rate", [0.25, 1.0, 7.5, 30.0])
def test_the_poisson_tail_is_one_minus_the_sum_below(n: int, rate: float) -> None:
    below = sum(exp(-rate) * rate**k / factorial(k) for k in range(n))

    assert poisson_tail(n, rate) == pytest.approx(1 - below, rel=1e-9, abs=1e-12)


def test_the_poisson_tail_holds_for_thousands() -> None:
    assert 0.4 < poisson_tail(5000, 5000.0) < 0.6
    assert 0 < poisson_tail(10_000, 5000.0) < 1e-300 or poisson_tail(10_000, 5000.0) == 0.0


def test_dispersion_is_variance_over_mean_and_at_least_one() -> None:
    weekly = [40, 10, 60, 20, 30]

    assert dispersion(weekly) == pytest.approx(variance(weekly) / mean(weekly))
    assert dispersion([10, 10, 10, 10]) == 1.0
    assert dispersion([40, 10, 60]) == 2.0
    assert dispersion([]) == 2.0


def test_z_of_a_fall_from_100_to_70() -> None:
    assert drop_z(100, 70, 1.0) == pytest.approx(30 / 170**0.5)


@pytest.mark.parametrize("values", [[], [3], [3, 4], [9, 1, 4], [7, 7, 1, 2]])
def test_twice_the_median_is_whole(values: list[int]) -> None:
    assert median_twice(values) == 2 * (median(values) if values else 0)
