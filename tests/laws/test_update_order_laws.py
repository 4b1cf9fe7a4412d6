"""Updates of a run may come late, twice, and in any order: what they leave is what they would have left told in time."""

from random import Random
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from plays.runs.course.state import Stage
from plays.runs.run import Run
from schemas.records.play_outcome import PlayOutcome
from schemas.records.wire import utc
from streams.router.cells import RUNS
from tests.desk import HOUR, MINUTE, T0, Desk, trigger

SPAN = 10 * HOUR  # within which everything happens: before the first warning of a run with ten business days
Update = tuple[int, str, dict[str, Any]]


@st.composite
def updates(draw: st.DrawFn) -> list[Update]:
    """Reports of distinct moments, in their order. No step is both done and skipped."""
    told: list[Update] = []
    for minute in sorted(draw(st.sets(st.integers(min_value=1, max_value=599), min_size=1, max_size=8))):
        at_ms = T0 + minute * MINUTE
        kind = draw(
            st.sampled_from(
                ("acknowledged", "started", "step_completed", "step_skipped", "replied", "snoozed", "paused", "resumed", "reassigned")
            )
        )
        fields: dict[str, Any] = {}
        match kind:
            case "step_completed":
                fields = {"step": draw(st.sampled_from(("usage review", "workflow-change check")))}
            case "step_skipped":
                fields = {"step": "quick win"}
            case "snoozed":
                fields = {"until": utc(at_ms + draw(st.integers(min_value=1, max_value=1200)) * MINUTE), "reason": "holiday"}
            case "paused":
                fields = {"reason": draw(st.sampled_from((None, "waiting_on_customer")))}
            case "reassigned":
                fields = {"owner": draw(st.sampled_from(("hana.sato", "maya.lindqvist", "kim")))}
        told.append((at_ms, kind, {**fields, "at_ms": at_ms}))
    return told


def desk() -> tuple[Desk, str]:
    one = Desk()
    (launched,) = one.trigger(trigger(play="usage-review", first_action="10bd"))
    return one, launched.run_id


def left(one: Desk, run_id: str) -> dict[str, Any]:
    """The run but for what tells of the way there: how many messages, when the last was read, from whom the owner got it.

    Of its course how the steps ended that somebody reported: the others begin when Playcall hears that those before them have ended.
    """
    run = one.cells[RUNS].find(run_id)
    assert isinstance(run, Run)
    kept = msgspec.structs.asdict(run)
    kept["owner"] = (run.owner.id, run.owner.role, run.owner.reason)
    kept["steps_done"] = sorted(run.steps_done)
    assert run.course is not None
    kept["course"] = [state.stage for state in run.course.steps if state.stage in (Stage.DONE, Stage.SKIPPED)]
    for name in ("acknowledge", "act", "resolve"):  # where a clock of working time began within a night is the same to it
        clock = kept[name]
        kept[name] = None if clock is None else (clock.due_ms, clock.said, clock.work_ms)
    for name in ("sequence", "touched_ms", "holders"):
        del kept[name]
    return kept


def outcome(one: Desk, run_id: str) -> PlayOutcome:
    one.update("closed", run_id, code="resolved")
    return one.outcomes[0]


@settings(max_examples=500, deadline=None)
@given(updates(), st.randoms(use_true_random=False))
def test_late_twice_and_in_any_order_leaves_what_in_time_leaves(story: list[Update], random: Random) -> None:
    in_time, run_id = desk()
    for at_ms, kind, fields in story:
        in_time.advance(at_ms - in_time.now_ms)
        in_time.update(kind, run_id, **fields)
    in_time.advance(T0 + SPAN - in_time.now_ms)

    shuffled = [*story, *random.choices(story, k=len(story))]
    random.shuffle(shuffled)
    late, _ = desk()
    late.advance(SPAN)
    for _, kind, fields in shuffled:
        late.update(kind, run_id, **fields)

    assert in_time.rejects == late.rejects == []
    assert left(late, run_id) == left(in_time, run_id)
    assert outcome(late, run_id) == outcome(in_time, run_id)


@settings(max_examples=500, deadline=None)
@given(updates(), st.data())
def test_the_same_update_at_once_again_says_nothing_and_changes_nothing(story: list[Update], data: st.DataObject) -> None:
    one, run_id = desk()
    one.advance(SPAN)
    for _, kind, fields in story:
        one.update(kind, run_id, **fields)
        kept = left(one, run_id)
        again = data.draw(st.integers(min_value=1, max_value=2))
        for _ in range(again if kind != "replied" else 0):  # every reply is told: only its event id says that it is the same
            assert one.update(kind, run_id, **fields) == []
        assert left(one, run_id) == kept


@settings(max_examples=500, deadline=None)
@given(updates(), st.integers(min_value=0, max_value=8), st.randoms(use_true_random=False))
def test_after_the_end_nothing_from_before_it_is_refused_and_all_from_after_it_is(story: list[Update], index: int, random: Random) -> None:
    one, run_id = desk()
    one.advance(SPAN)
    at_ms = story[index % len(story)][0] + MINUTE // 2
    one.update("closed", run_id, code="resolved", at_ms=at_ms)
    said = len(one.messages)
    random.shuffle(story)
    for happened_ms, kind, fields in story:
        refused = len(one.rejects)
        one.update(kind, run_id, **fields)
        assert len(one.rejects) == refused + (happened_ms > at_ms)
    assert (len(one.messages), len(one.outcomes)) == (said, 1)
