"""How triggers turn into actions and actions into outcomes."""

from datetime import timedelta

import pytest

from plays.outcomes.measures import ACHIEVED, NOT_COUNTED, Spans, grouped, measure, percentile
from plays.outcomes.review import review
from plays.outcomes.runs import Outcomes, RunOutcome
from plays.outcomes.share import Share
from plays.policy.closure_codes import CODES
from schemas.records.examples import PLAY_OUTCOME
from schemas.records.play_message import ClosureCode
from schemas.records.play_outcome import Breaches, PlayOutcome, StepCounts
from tests.unit.test_outcomes_review import END, JULY, Q3, done, run

MINUTE = timedelta(minutes=1)


def closed(
    code: ClosureCode | None = "resolved",
    *,
    acted: int | None = 10,
    hours: float = 1.0,
    rule: str = "T07",
    joined: int = 0,
    breaches: int = 0,
) -> RunOutcome:
    """A run acted upon after so many minutes and closed after so many hours."""
    return RunOutcome(
        play="swat", account_id="acme", launched=JULY, rule=rule, segment_path=("all", "high"), code=code, joined=joined, breaches=breaches,
        acknowledged=None if acted is None else JULY + acted * MINUTE / 2, acted=None if acted is None else JULY + acted * MINUTE,
        closed=None if code is None else JULY + timedelta(hours=hours),
    )  # fmt: skip


def test_a_trigger_became_an_action_and_an_action_an_outcome() -> None:
    found = measure("x", [closed(), closed("no_response"), closed("resolved", acted=None), closed("false_positive", acted=None, joined=3)])
    assert (found.runs, found.triggers) == (4, 7)
    assert found.acted == Share(2, 4)
    assert found.achieved == Share(1, 2)  # one was resolved without anybody's doing: no achievement of ours


def test_a_run_that_another_took_over_is_in_no_rate_and_an_open_one_nowhere() -> None:
    found = measure("x", [closed(), closed("superseded"), closed(None)])
    assert (found.runs, found.acted, found.achieved) == (2, Share(1, 1), Share(1, 1))


def test_every_code_is_achieved_or_not_or_not_counted() -> None:
    assert set(CODES) - ACHIEVED - NOT_COUNTED == {"false_positive", "customer_churned", "no_response"}


def test_times_are_of_the_runs_that_came_to_it() -> None:
    found = measure("x", [*(closed(acted=minutes, hours=minutes) for minutes in range(2, 22, 2)), closed(acted=None, hours=100)])
    assert found.acknowledge == Spans(10, 5 * 60.0, 9 * 60.0)
    assert found.act == Spans(10, 10 * 60.0, 18 * 60.0)
    assert found.resolve == Spans(11, 12 * 3600.0, 20 * 3600.0)


@pytest.mark.parametrize(("share", "expected"), [(0.05, 15), (0.3, 20), (0.4, 20), (0.5, 35), (1.0, 50)])
def test_percentiles_are_nearest_rank(share: float, expected: float) -> None:
    assert percentile([15, 20, 35, 40, 50], share) == expected
    assert percentile([], share) is None


def test_groups_come_the_largest_first() -> None:
    runs = [closed(rule="T04"), closed(rule="T07", breaches=1), closed(rule="T07", code="no_response"), closed(None)]
    assert [(one.name, one.runs, one.breached) for one in grouped(runs, "rule")] == [("T07", 2, Share(1, 2)), ("T04", 1, Share(0, 1))]
    assert [one.name for one in grouped(runs, "code")] == ["resolved", "no_response"]
    assert [one.name for one in grouped(runs, "segment")] == ["all > high"]


def outcome(name: str, **changes: object) -> PlayOutcome:
    base = {
        "run_id": name,
        "play": "PB1",
        "opened": JULY,
        "acknowledged": JULY + MINUTE,
        "acted": JULY + 2 * MINUTE,
        "closed": JULY + 9 * MINUTE,
    }
    return PLAY_OUTCOME.model_copy(update={**base, **changes})


def test_an_outcome_counts_whatever_the_messages_of_its_run_tell_before_or_after_it() -> None:
    messages = run("a", "PB1", "acme", JULY, *done("look", code="false_positive"))
    told = outcome("a", code="resolved", triggers=3, steps=StepCounts(completed=2, skipped=1, cancelled=1), breaches=Breaches(act=1))
    for first in (True, False):
        outcomes = Outcomes()
        if first:
            outcomes.conclude(told)
        outcomes.take_all(messages)
        outcomes.conclude(told)
        outcomes.conclude(told)
        outcomes.saw(END)
        found = review(outcomes, Q3)
        (row,) = found.plays
        assert (row.fired, row.joined, row.open, row.codes, row.steps) == (1, 2, 0, {"resolved": 1}, Share(2, 4))
        assert (found.overall.acted, found.overall.act.p50, found.overall.breached) == (Share(1, 1), 120.0, Share(1, 1))
        assert found.measures["segment"][0].name == "default > high"


def test_an_account_whose_run_ended_with_churn_has_left() -> None:
    outcomes = Outcomes()
    outcomes.conclude(outcome("a", code="customer_churned", closed_by="playcall"))
    outcomes.saw(END)
    assert review(outcomes, Q3).total.stayed == Share(0, 1)
