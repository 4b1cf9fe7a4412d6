"""The quarterly review: per playbook, how often it fired, how much of it was done, how it ended, and whether the accounts stayed."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from plays.outcomes.measures import BYS, By, Measures, grouped, measure, measures_data
from plays.outcomes.quarter import Quarter
from plays.outcomes.runs import Outcomes, RunOutcome
from plays.outcomes.share import Share


@dataclass(frozen=True, slots=True)
class PlayReview:
    """One playbook in one quarter. Runs belong to the quarter they were launched in, wherever they ended.

    `fired` counts launches, `joined` further triggers that a run of the play answered. `steps`: of closed runs, steps completed
    of steps asked. `stayed`: accounts with a launch that had not left by the quarter's end, or by the end of what is known.
    `stayed_days`: those that had not left so many days after their first launch of the quarter; accounts whose days are not
    over are in neither number, `pending` counts them.
    """

    play: str
    fired: int
    joined: int
    open: int
    steps: Share
    codes: Mapping[str, int]
    accounts: int
    stayed: Share
    stayed_days: Share
    pending: int


@dataclass(frozen=True, slots=True)
class Review:
    """A quarter. `complete` is false where the records end before it does; `total` is over all plays, its accounts distinct.

    `measures` are of the closed runs, by each of `BYS`; `overall` of all of them.
    """

    quarter: Quarter
    complete: bool
    days: int
    plays: tuple[PlayReview, ...]
    total: PlayReview
    measures: Mapping[By, tuple[Measures, ...]]
    overall: Measures


def review(outcomes: Outcomes, quarter: Quarter, days: int = 90) -> Review:
    """The review of one quarter; `days` is when an account counts as kept. Plays in the order of their ids."""
    until = outcomes.until
    runs = [run for run in outcomes.runs.values() if quarter.start <= run.launched < quarter.end]
    by_play: dict[str, list[RunOutcome]] = {}
    for run in runs:
        by_play.setdefault(run.play, []).append(run)
    plays = tuple(_row(play, by_play[play], outcomes, quarter, days) for play in sorted(by_play))
    complete = until is not None and until >= quarter.end
    total = _row("all plays", runs, outcomes, quarter, days)
    return Review(quarter, complete, days, plays, total, {by: grouped(runs, by) for by in BYS}, measure("all runs", runs))


def reviews(outcomes: Outcomes, days: int = 90) -> tuple[Review, ...]:
    """Every quarter in which something was launched, oldest first."""
    quarters = sorted({Quarter.of(run.launched) for run in outcomes.runs.values()})
    return tuple(review(outcomes, quarter, days) for quarter in quarters)


def _row(play: str, runs: Iterable[RunOutcome], outcomes: Outcomes, quarter: Quarter, days: int) -> PlayReview:
    runs = list(runs)
    first: dict[str, datetime] = {}
    for run in runs:
        first[run.account_id] = min(run.launched, first.get(run.account_id, run.launched))
    closed = [run for run in runs if run.code is not None]
    codes = Counter(str(run.code) for run in closed)
    counts = [run.step_counts() for run in closed]
    stayed = sum(not outcomes.left_between(account, moment, quarter.end) for account, moment in first.items())
    over, kept = 0, 0
    for account, moment in first.items():
        end = moment + timedelta(days=days)
        if outcomes.until is not None and outcomes.until >= end:  # whoever left sooner waits too, or the share would lean to leavers
            over, kept = over + 1, kept + (not outcomes.left_between(account, moment, end))
    return PlayReview(
        play=play,
        fired=len(runs),
        joined=sum(run.joined for run in runs),
        open=len(runs) - len(closed),
        steps=Share(sum(done for done, _ in counts), sum(asked for _, asked in counts)),
        codes=dict(sorted(codes.items())),
        accounts=len(first),
        stayed=Share(stayed, len(first)),
        stayed_days=Share(kept, over),
        pending=len(first) - over,
    )


def as_data(one: Review) -> dict[str, Any]:
    """A review as JSON has it: shares with both counts."""
    return {
        "quarter": str(one.quarter),
        "complete": one.complete,
        "retained_days": one.days,
        "plays": [_play_data(play) for play in one.plays],
        "total": _play_data(one.total),
        "by": {by: [measures_data(group) for group in groups] for by, groups in one.measures.items()},
        "overall": measures_data(one.overall),
    }


def _play_data(play: PlayReview) -> dict[str, Any]:
    shares = {"steps": play.steps, "stayed": play.stayed, "stayed_days": play.stayed_days}
    return {
        "play": play.play,
        "fired": play.fired,
        "joined": play.joined,
        "open": play.open,
        "codes": dict(play.codes),
        "accounts": play.accounts,
        "pending": play.pending,
        **{name: share.data() for name, share in shares.items()},
    }
