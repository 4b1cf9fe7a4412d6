"""How much an alert says about an outcome: compared with random dates of the same accounts. Pure arithmetic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from statistics import median

DAY_MS = 86_400_000
MONTH_DAYS = 30.4375
REPEATS = 1000


@dataclass(frozen=True, slots=True)
class Life:
    """An account as it was observed: [first_ms, end_ms), and when outcomes happened."""

    first_ms: int
    end_ms: int
    outcomes: tuple[int, ...] = ()

    @property
    def months(self) -> float:
        """Observed time in months of 30.4375 days."""
        return max(0, self.end_ms - self.first_ms) / DAY_MS / MONTH_DAYS


@dataclass(frozen=True, slots=True)
class Noise:
    """What one rule, or several together, made of some accounts. Without outcomes the last five are None or 0."""

    alerts: int
    accounts: int  # with an alert
    per_account_month: float
    hits: int  # alerts with an outcome within the days after, of those that could be followed for so long
    followed: int
    lift: float | None
    interval: tuple[float, float] | None
    caught: int  # outcomes with an alert within the days before
    lead_days: float | None  # median, from the first such alert


def measure(lives: Mapping[str, Life], alerts: Mapping[str, Sequence[int]], within_days: int, until_ms: int, seed: int = 1) -> Noise:
    """`alerts`: times by account. Lift is the share of alerts with an outcome in (t, t + within] over the same share of random
    dates of the same accounts, each account weighing as many dates as it had alerts. The share of dates is exact: all its days.

    A date is followed if its days lie before `until_ms`, the end of what was observed. The interval: 95 %, percentile
    bootstrap over accounts (Efron and Tibshirani, An Introduction to the Bootstrap, 1993), 1,000 repeats, fixed seed.
    """
    span = within_days * DAY_MS
    count = sum(len(times) for times in alerts.values())
    months = sum(life.months for life in lives.values())
    pairs: list[tuple[int, float]] = []
    hits = followed = caught = 0
    leads: list[float] = []
    for account, times in sorted(alerts.items()):
        life = lives[account]
        fair = [at for at in times if at + span <= until_ms]
        found = sum(any(at < outcome <= at + span for outcome in life.outcomes) for at in fair)
        if fair:
            pairs.append((found, len(fair) * _share_of_days(life, span, until_ms)))
        hits, followed = hits + found, followed + len(fair)
        for outcome in life.outcomes:
            before = [at for at in times if at < outcome <= at + span]
            if before:
                caught += 1
                leads.append((outcome - min(before)) / DAY_MS)
    expected = sum(by_chance for _, by_chance in pairs)
    return Noise(
        alerts=count,
        accounts=sum(bool(times) for times in alerts.values()),
        per_account_month=count / months if months else 0.0,
        hits=hits,
        followed=followed,
        lift=hits / expected if expected else None,
        interval=_interval(pairs, seed),
        caught=caught,
        lead_days=median(leads) if leads else None,
    )


def _share_of_days(life: Life, span: int, until_ms: int) -> float:
    """The share of the account's days after which an outcome comes in time, of those that can be followed."""
    last_ms = min(life.end_ms, until_ms - span)
    days = range(life.first_ms, last_ms + 1, DAY_MS)
    return sum(any(at < outcome <= at + span for outcome in life.outcomes) for at in days) / len(days) if days else 0.0


def _interval(pairs: Sequence[tuple[int, float]], seed: int) -> tuple[float, float] | None:
    if not sum(by_chance for _, by_chance in pairs):
        return None
    chance = Random(seed)
    lifts: list[float] = []
    for _ in range(REPEATS):
        drawn = chance.choices(pairs, k=len(pairs))
        if expected := sum(by_chance for _, by_chance in drawn):
            lifts.append(sum(found for found, _ in drawn) / expected)
    lifts.sort()
    return lifts[int(0.025 * len(lifts))], lifts[min(len(lifts) - 1, int(0.975 * len(lifts)))]
