"""The quarterly review: a fold over play messages, whatever their order between runs and however often they are read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plays.outcomes.quarter import Quarter, QuarterError
from plays.outcomes.review import PlayReview, Review, review, reviews
from plays.outcomes.runs import Outcomes
from plays.outcomes.share import Share
from schemas.records.examples import PLAY_MESSAGE
from schemas.records.play_message import PlayMessage, Step

Q3 = Quarter(2026, 3)
JULY = datetime(2026, 7, 10, 9, tzinfo=UTC)
END = datetime(2027, 1, 1, tzinfo=UTC)
STEPS = (
    Step(name="look", kind="task", owner_role="csm", instruction="Look at it.", after=()),
    Step(name="write", kind="message", owner_role="csm", instruction="Write to them.", after=("look",)),
    Step(name="call", kind="message", owner_role="csm", instruction="Call them.", after=("write",), only_if="no_reply"),
    Step(name="say so", kind="message", owner_role="csm", instruction="Say that it is late.", after=None),
)


def run(name: str, play: str = "PB1", account: str = "acme", at: datetime = JULY, *said: tuple[str, dict[str, Any]]) -> list[PlayMessage]:
    """A launch and what was said after it, a day apart."""
    kinds: list[tuple[str, dict[str, Any]]] = [("launched", {"steps": STEPS}), *said]
    return [
        PLAY_MESSAGE.model_copy(
            update={
                "message_id": f"{name}:{sequence}", "run_id": name, "sequence": sequence, "kind": kind, "play": play, "account_id": account,
                "time": at + timedelta(days=sequence - 1), "steps": (), **fields,
            }
        )
        for sequence, (kind, fields) in enumerate(kinds, start=1)
    ]  # fmt: skip


def done(*steps: str, code: str | None = "resolved") -> tuple[tuple[str, dict[str, Any]], ...]:
    """Steps completed, then closed with the code; None stays open."""
    completed = tuple(("completed", {"step": step}) for step in steps)
    return completed if code is None else (*completed, ("closed", {"code": code}))


def of(messages: list[PlayMessage], until: datetime = END, quarter: Quarter = Q3) -> Review:
    outcomes = Outcomes()
    outcomes.take_all(messages)
    outcomes.saw(until)
    return review(outcomes, quarter)


def row(found: Review, play: str = "PB1") -> PlayReview:
    return next(one for one in found.plays if one.play == play)


def test_launches_joined_triggers_steps_and_codes_are_counted_per_play() -> None:
    messages = [
        *run("a", "PB1", "acme", JULY, ("joined", {}), *done("look", "write")),
        *run("b", "PB1", "globex", JULY, *done("look", code="adoption_recovered")),
        *run("c", "PB1", "globex", JULY, *done("look", code=None)),
        *run("d", "swat", "acme", JULY, *done("look", "write")),
        *run("e", "PB1", "umbra", JULY - timedelta(days=20), *done("look")),
    ]

    found = of(messages)

    assert [one.play for one in found.plays] == ["PB1", "swat"]
    assert row(found) == PlayReview(
        play="PB1", fired=3, joined=1, open=1, steps=Share(3, 4), codes={"adoption_recovered": 1, "resolved": 1}, accounts=2,
        stayed=Share(2, 2), stayed_days=Share(2, 2), pending=0,
    )  # fmt: skip
    assert (found.total.fired, found.total.accounts, found.total.steps) == (4, 2, Share(5, 6))


def test_a_message_of_one_step_does_not_take_the_others_away_and_what_joined_before_the_launch_counts() -> None:
    launched, *others = run("r", "PB1", "acme", JULY, ("step_due", {"step": "look", "steps": STEPS[:1]}), *done("look"))
    found = row(of([launched.model_copy(update={"triggers": ("t-1", "t-2"), "rules": ("T04", "T05")}), *others]))

    assert (found.steps, found.joined) == (Share(1, 2), 1)


def test_a_step_under_a_condition_was_asked_only_if_somebody_did_or_skipped_it() -> None:
    assert row(of(run("a", "PB1", "acme", JULY, *done("look", "write")))).steps == Share(2, 2)
    assert row(of(run("a", "PB1", "acme", JULY, *done("look", "write", "call")))).steps == Share(3, 3)
    skipped = (("skipped", {"step": "say so"}), *done("look"))
    assert row(of(run("a", "PB1", "acme", JULY, *skipped))).steps == Share(1, 3)


def test_an_account_counts_as_kept_unless_it_left_after_its_first_launch() -> None:
    messages = [*run("a", "PB1", "acme"), *run("b", "PB1", "globex"), *run("c", "PB1", "umbra"), *run("d", "PB1", "zeta")]
    outcomes = Outcomes()
    outcomes.take_all(messages)
    outcomes.saw(END)
    outcomes.churn("acme", JULY + timedelta(days=30))
    outcomes.churn("globex", JULY + timedelta(days=89))  # in the next quarter, within ninety days
    outcomes.churn("umbra", JULY - timedelta(days=1))  # before, and came back
    outcomes.churn("zeta", JULY + timedelta(days=90))

    found = row(review(outcomes, Q3))

    assert (found.stayed, found.stayed_days, found.pending) == (Share(3, 4), Share(2, 4), 0)


def test_a_run_closed_because_the_account_left_says_that_it_left() -> None:
    found = row(of(run("a", "PB1", "acme", JULY, *done("look", code="customer_churned"))))

    assert (found.codes, found.stayed, found.stayed_days) == ({"customer_churned": 1}, Share(0, 1), Share(0, 1))


def test_accounts_whose_ninety_days_are_not_over_are_pending_whether_they_left_or_not() -> None:
    messages = [*run("a", "PB1", "acme", JULY, *done(code="customer_churned")), *run("b", "PB1", "globex")]

    before, after = of(messages, JULY + timedelta(days=89)), of(messages, JULY + timedelta(days=90))

    assert (before.complete, row(before).stayed_days, row(before).pending) == (True, Share(0, 0), 2)
    assert (after.complete, row(after).stayed_days, row(after).pending) == (True, Share(1, 2), 0)
    assert row(before).stayed_days.value is None
    assert not of(messages, Q3.end - timedelta(milliseconds=1)).complete


def test_a_run_belongs_to_the_quarter_it_was_launched_in() -> None:
    last = Q3.end - timedelta(milliseconds=1)
    outcomes = Outcomes()
    outcomes.take_all([*run("a", "PB1", "acme", last, *done("look")), *run("b", "PB1", "acme", Q3.end)])

    assert [(str(one.quarter), one.total.fired, one.total.open) for one in reviews(outcomes)] == [("2026Q3", 1, 0), ("2026Q4", 1, 1)]
    assert review(outcomes, Quarter(2025, 1)).plays == ()


def test_a_run_whose_launch_is_not_there_is_left_out() -> None:
    assert of(run("a", "PB1", "acme", JULY, *done("look"))[1:]).total.fired == 0


_STORY = st.lists(
    st.tuples(
        st.sampled_from(["PB1", "swat", "qbr"]), st.sampled_from(["acme", "globex", "umbra"]), st.integers(0, 200),
        st.lists(st.sampled_from(["look", "write", "call", "say so"]), max_size=5),
        st.sampled_from(["resolved", "no_response", "customer_churned", None]),
    ),
    max_size=8,
)  # fmt: skip


@given(_STORY, st.randoms(use_true_random=False))
def test_neither_the_order_of_runs_nor_repeated_messages_change_a_review_and_its_parts_add_up(story: list[Any], random: Any) -> None:
    stories = [
        run(f"r{number}", play, account, JULY + timedelta(days=day), *done(*steps, code=code))
        for number, (play, account, day, steps, code) in enumerate(story)
    ]
    plain, mixed = Outcomes(), Outcomes()
    for messages in stories:
        plain.take_all(messages)
    random.shuffle(stories)
    for messages in stories:
        mixed.take_all(messages[:2])
        mixed.take_all(messages)

    assert reviews(plain) == reviews(mixed)
    for found in reviews(plain):
        assert sum(one.fired for one in found.plays) == found.total.fired
        assert sum(sum(one.codes.values()) + one.open for one in found.plays) == found.total.fired
        for one in (*found.plays, found.total):
            assert one.stayed.whole == one.accounts == one.stayed_days.whole + one.pending
            assert all(0 <= share.part <= share.whole for share in (one.steps, one.stayed, one.stayed_days))


@pytest.mark.parametrize(
    ("moment", "quarter"),
    [("2026-01-01T00:00:00+00:00", "2026Q1"), ("2026-03-31T23:59:59+00:00", "2026Q1"), ("2026-12-31T23:00:00-02:00", "2027Q1")],
)
def test_a_quarter_is_three_months_in_utc(moment: str, quarter: str) -> None:
    found = Quarter.of(datetime.fromisoformat(moment))

    assert (str(found), Quarter.parse(quarter)) == (quarter, found)
    assert found.start <= datetime.fromisoformat(moment) < found.end == found.next.start


@pytest.mark.parametrize("text", ["2026", "2026Q5", "Q3", "0000Q1", "2026Q3 "[::-1]])
def test_what_is_no_quarter_is_refused(text: str) -> None:
    with pytest.raises(QuarterError, match="is no quarter: write 2026Q3"):
        Quarter.parse(text)
