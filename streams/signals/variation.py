"""What the account's own past and the calendar say of some weeks: how much to expect of them, and how unlikely less would be."""

from collections.abc import Sequence
from typing import NamedTuple

from streams.signals.context import Context
from streams.signals.day_close import DayClose
from streams.signals.statistics import STEADIEST, dispersion_of_days, dispersion_of_people, shortfall_z
from streams.signals.weeks import KEPT_USER_DAYS

WEEKS_OF_PAST = 8
_HALF = 0.5


def highest_z(now: Sequence[int], baseline: float, *, people: bool) -> float:
    """What `z` cannot exceed, whatever the past: expected is at most the baseline, and nothing varies less than this."""
    least = STEADIEST if people else 1.0
    return shortfall_z(baseline, sum(now) / len(now), least, 1 / len(now) + 1 / WEEKS_OF_PAST)


class Outlook(NamedTuple):
    """`expected`: of one of the weeks judged. `z`: how far below it they are. `weeks`: whole weeks of the past this rests on."""

    expected: float
    z: float
    phi: float
    weeks: int
    closed: int  # closed days in the weeks judged


def outlook(context: Context, close: DayClose, now: Sequence[int], baseline: float, baseline_weeks: int, *, people: bool) -> Outlook:
    """`now`: the weeks that end with the day closed, newest first; `baseline`: what a week before them is taken to be.

    The past is up to eight whole weeks before those judged. Each weekday has its own mean over the days on which the account
    was not closed; from these comes what the days judged should bring, closed ones bringing nothing. Expected is the least of
    that, the baseline, and the baseline scaled to the days open. Of people a week expects as many as ever while half its work or more is
    open, else none. Without one whole week of past nothing is unlikely: z is 0.
    """
    spans, day, profile = len(now), close.day, context.profile
    end = day - 7 * spans  # the last day of the past
    kept = (KEPT_USER_DAYS - 7 * spans) // 7 if people else WEEKS_OF_PAST
    weeks = min(kept, WEEKS_OF_PAST, (end - close.since_day + 1) // 7)
    if weeks < 1:
        return Outlook(0.0, 0.0, 1.0, 0, 0)
    first = end - 7 * weeks + 1
    closed = context.segments.closed.between(first, day, profile.region, profile.timezone, context.cells.account_id)
    past = close.days(first, end)
    shut = [False] * (day - first + 1)
    for each in closed:
        shut[each - first] = True
    means = _weekday_means(past, shut)
    judged = [sum(means[at % 7] for at in range(low, low + 7) if not shut[at]) for low in range(len(past), len(shut), 7)]
    of_closed = sum(shut[len(past) :])
    observed = sum(now) / spans
    if people:
        whole = sum(means)
        worked = sum(week >= _HALF * whole for week in judged)
        values = [close.users(end - 7 * back) for back in range(weeks)]
        phi = dispersion_of_people(values)
        expected = min(baseline, sum(values) / weeks) * worked / spans
    else:
        phi = dispersion_of_days(past, shut, means)
        model = sum(judged) / spans
        base_days = 7 * min(baseline_weeks, weeks)
        low = len(past) - base_days
        of_base = sum(means[at % 7] for at in range(low, len(past)) if not shut[at]) * 7 / base_days
        expected = min(model, baseline, baseline * model / of_base) if of_base else min(model, baseline)
    return Outlook(expected, shortfall_z(expected, observed, phi, 1 / spans + 1 / weeks), phi, weeks, of_closed)


def _weekday_means(past: Sequence[int], shut: Sequence[bool]) -> list[float]:
    """Mean of each weekday over the days that were not closed, weekdays counted from the first day; 0 where none was open."""
    sums, open_days = [0] * 7, [0] * 7
    for at, count in enumerate(past):
        if not shut[at]:
            sums[at % 7] += count
            open_days[at % 7] += 1
    return [total / days if days else 0.0 for total, days in zip(sums, open_days, strict=True)]
