"""The tests that keep a rule quiet when a figure is within the account's own variation."""

from collections.abc import Sequence
from math import exp, lgamma, log, sqrt

DISPERSION_UNKNOWN = 2.0
_LEAST_WEEKS = 4
STEADIEST = 0.2
_NEGLIGIBLE = 1e-17


def dispersion_of_days(past: Sequence[int], closed: Sequence[bool], means: Sequence[float]) -> float:
    """Quasi-Poisson dispersion of daily counts about the mean of their weekday (`means`, from the first day on).

    Pearson's estimate phi = sum((x - mean)^2 / mean) / (days - means), over days that are not closed (McCullagh and Nelder,
    Generalized Linear Models, 1989, on over-dispersion); at least 1, what independent events have, and at least 2 below four weeks.
    Days, not weekly totals: eight totals say little about their own variance.
    """
    chi = [0.0] * 7
    days = [0] * 7
    for at, count in enumerate(past):
        if not closed[at]:
            chi[at % 7] += (count - means[at % 7]) ** 2
            days[at % 7] += 1
    freedom = sum(n - 1 for n, mean in zip(days, means, strict=True) if mean)
    found = sum(squares / mean for squares, mean in zip(chi, means, strict=True) if mean) / freedom if freedom else 0.0
    return max(DISPERSION_UNKNOWN if len(past) < 7 * _LEAST_WEEKS else 1.0, found)


def dispersion_of_people(weekly: Sequence[int]) -> float:
    """Variance over mean of weekly distinct people, 1 below four weeks.

    The people of a team that all come every week vary far less than independent events would: down to 0.2 is believed.
    """
    n = len(weekly)
    mean = sum(weekly) / n if n else 0.0
    if n < _LEAST_WEEKS or not mean:
        return 1.0
    return max(STEADIEST, sum((value - mean) ** 2 for value in weekly) / (n - 1) / mean)


def shortfall_z(expected: float, observed: float, phi: float, spans: float) -> float:
    """How many standard errors a mean lies below what the past predicts; 0 where nothing is expected.

    (e - o) / sqrt(phi e spans), `spans` = 1/weeks judged + 1/weeks of the past: the prediction interval of Poisson counts
    (Nelson, Applied Life Data Analysis, 1982), its variance widened by the dispersion.
    """
    return (expected - observed) / sqrt(phi * expected * spans) if expected > 0 else 0.0


def poisson_tail(n: int, mean: float) -> float:
    """P(X >= n) for X Poisson with `mean` > 0."""
    if n <= 0:
        return 1.0
    if n <= mean:  # the tail is long: one minus the other side, summed downwards from n - 1
        term = exp(_log_pmf(n - 1, mean))
        below, k = 0.0, n - 1
        while k >= 0 and term > _NEGLIGIBLE:
            below += term
            term *= k / mean
            k -= 1
        return 1.0 - below
    term, tail, k = exp(_log_pmf(n, mean)), 0.0, n
    while term > _NEGLIGIBLE * tail or k == n:
        tail += term
        k += 1
        term *= mean / k
        if term == 0.0:
            break
    return tail


def median_twice(values: Sequence[int]) -> int:
    """Twice the median, so that it is whole; 0 of nothing."""
    if not values:
        return 0
    ordered = sorted(values)
    middle = len(ordered) // 2
    return 2 * ordered[middle] if len(ordered) % 2 else ordered[middle - 1] + ordered[middle]


def _log_pmf(k: int, mean: float) -> float:
    return k * log(mean) - mean - lgamma(k + 1)
