"""The two tests that keep a rule quiet when a figure is within the account's own variation."""

from collections.abc import Sequence
from math import exp, lgamma, log, sqrt

DISPERSION_UNKNOWN = 2.0
_LEAST_WEEKS = 4
_NEGLIGIBLE = 1e-17


def dispersion(weekly: Sequence[int]) -> float:
    """Quasi-Poisson dispersion phi = max(1, s2 / m) of weekly totals (sample variance over mean); 2 below four weeks."""
    n = len(weekly)
    if n < _LEAST_WEEKS:
        return DISPERSION_UNKNOWN
    mean = sum(weekly) / n
    if mean == 0:
        return 1.0
    variance = sum((value - mean) ** 2 for value in weekly) / (n - 1)
    return max(1.0, variance / mean)


def drop_z(before: int, now: int, phi: float) -> float:
    """Z of the two-sample Poisson comparison of equal spans, variance inflated by `phi` (Krishnamoorthy & Thomson 2004, score form)."""
    return (before - now) / sqrt(phi * (before + now))


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
