"""What is reported of runs is the same from their outcomes as from their messages."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from plays.outcomes.measures import BYS
from plays.outcomes.review import reviews
from plays.outcomes.runs import Outcomes
from tests.desk import DAY, HOUR, MINUTE, Desk, trigger, usage_drop

STEPS = ("SWAT response", "communication cadence", "usage review")
ACTS = st.sampled_from(
    ("acknowledged", "started", "step_completed", "replied", "paused", "resumed", "trigger", "drop", "closed", "nothing")
)
WAITS = st.sampled_from((MINUTE, HOUR, 7 * HOUR, 3 * DAY, 40 * DAY))


@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.tuples(ACTS, WAITS, st.sampled_from(STEPS), st.sampled_from(("resolved", "false_positive", "no_response"))), max_size=14)
)
def test_the_report_over_outcomes_is_the_report_over_messages(story: list[tuple[str, int, str, str]]) -> None:
    desk = Desk()
    raised = 0
    for act, wait, step, code in story:
        open_runs = sorted({m.run_id for m in desk.messages} - {m.run_id for m in desk.messages if m.kind == "closed"})
        extra: dict[str, Any] = {"step_completed": {"step": step}, "closed": {"code": code}}.get(act, {})
        if act in ("trigger", "drop"):
            raised += 1
            desk.trigger((trigger if act == "trigger" else usage_drop)(f"R{raised}", at_ms=desk.now_ms))
        elif act != "nothing" and open_runs:
            desk.update(act, open_runs[0], **extra)
        desk.advance(wait)
    desk.advance(400 * DAY)  # whatever is open is given up

    by_messages, by_outcomes = Outcomes(), Outcomes()
    by_messages.take_all(desk.messages)
    for told in desk.outcomes:
        by_outcomes.conclude(told)
        by_outcomes.saw(told.closed)

    for old, new in zip(reviews(by_messages), reviews(by_outcomes), strict=True):
        for one, other in zip((*old.plays, old.total), (*new.plays, new.total), strict=True):
            assert (one.play, one.fired, one.joined, one.open, one.codes) == (
                other.play,
                other.fired,
                other.joined,
                other.open,
                other.codes,
            )
        assert old.overall == new.overall
        assert all(old.measures[by] == new.measures[by] for by in BYS if by != "segment")
