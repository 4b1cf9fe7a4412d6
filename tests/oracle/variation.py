"""What a week was expected to bring, by the account's weekdays and the calendar of its country, and how far below it is."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from math import inf, sqrt
from statistics import fmean

import holidays

from tests.oracle.days import EPOCH

WEEKS = 8
COUNTRIES = {
    "America/New_York": "US", "America/Chicago": "US", "America/Los_Angeles": "US", "America/Sao_Paulo": "BR", "America/Toronto": "CA",
    "Europe/London": "GB", "Europe/Berlin": "DE", "Europe/Paris": "FR", "Europe/Madrid": "ES", "Europe/Warsaw": "PL",
    "Europe/Stockholm": "SE", "Asia/Tokyo": "JP", "Asia/Singapore": "SG", "Asia/Seoul": "KR", "Asia/Kolkata": "IN",
    "Asia/Kathmandu": "NP", "Australia/Sydney": "AU", "Australia/Lord_Howe": "AU", "Pacific/Kiritimati": "KI",
    "Pacific/Auckland": "NZ", "Pacific/Chatham": "NZ",
}  # fmt: skip


def is_closed(day: int, zone: str) -> bool:
    """The turn of the year, or a public holiday of the country; `day` counts from 1970-01-01."""
    at = EPOCH + timedelta(days=day)
    if (at.month, at.day) == (1, 1) or (at.month == 12 and at.day >= 24):
        return True
    return zone != "UTC" and at in _public(COUNTRIES[zone], at.year)


@lru_cache(maxsize=1000)
def _public(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=[year]).keys())


def z_of_week(counts: Mapping[int, int], first: int, day: int, zone: str) -> float:
    """Standard errors by which the week that ends with `day` lies below what was expected. `counts`: usage events by day."""
    known = [n for n in range(1, WEEKS + 1) if day - 6 - 7 * n >= first]
    if not known:
        return -inf
    past = [d for d in range(day - 6 - 7 * len(known), day - 6) if not is_closed(d, zone)]
    usual = {w: fmean(counts.get(d, 0) for d in past if d % 7 == w) for w in {d % 7 for d in past}}
    expected = sum(usual.get(d % 7, 0.0) for d in range(day - 6, day + 1) if not is_closed(d, zone))
    before = sum(usual.get(d % 7, 0.0) for d in range(day - 13, day - 6) if not is_closed(d, zone))
    week_before = sum(counts.get(d, 0) for d in range(day - 13, day - 6))
    expected = min(expected, week_before, week_before * expected / before if before else inf)
    if expected <= 0:
        return 0.0
    noisy = [d for d in past if usual[d % 7] > 0]
    freedom = len(noisy) - len({d % 7 for d in noisy})
    pearson = sum((counts.get(d, 0) - usual[d % 7]) ** 2 / usual[d % 7] for d in noisy)
    phi = max(1.0 if len(known) >= 4 else 2.0, pearson / freedom if freedom else 0.0)
    observed = sum(counts.get(d, 0) for d in range(day - 6, day + 1))
    return (expected - observed) / sqrt(phi * expected * (1 + 1 / len(known)))
