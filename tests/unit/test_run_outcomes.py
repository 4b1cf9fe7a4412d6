"""One record of what became of a run, when it is closed."""

import pytest

from schemas.records.play_outcome import Breaches, PlayOutcome, StepCounts, Took
from schemas.records.wire import utc
from streams.engine.outbox import Outbox
from streams.processing.cells import Cells
from streams.processing.effects import Cleared
from streams.processing.judging import EpisodeRef
from streams.processing.moment import Moment
from streams.router.processor import RouterProcessor
from tests.desk import DAY, HOUR, MINUTE, PLAYBOOKS, POLICY, T0, Desk, trigger, usage_drop


def closed(desk: Desk) -> PlayOutcome:
    (outcome,) = desk.outcomes
    return outcome


def test_a_run_that_is_answered_and_closed_tells_how_long_each_took() -> None:
    desk = Desk()
    (launched,) = desk.trigger(trigger())
    desk.advance(10 * MINUTE)
    desk.update("acknowledged", launched.run_id)
    desk.advance(30 * MINUTE)
    desk.update("step_completed", launched.run_id, step="SWAT response")
    desk.update("step_skipped", launched.run_id, step="communication cadence")
    desk.update("replied", launched.run_id)
    desk.advance(HOUR)
    desk.update("closed", launched.run_id, code="resolved")

    outcome = closed(desk)
    assert (outcome.run_id, outcome.rule, outcome.rules, outcome.triggers) == (launched.run_id, "T07", ("T07",), 1)
    assert (outcome.play, outcome.play_version, outcome.priority, outcome.concern) == (
        "swat",
        PLAYBOOKS["swat"].playbook.version,
        "P1",
        "support",
    )
    assert (outcome.owner, outcome.owner_role, outcome.code, outcome.closed_by) == ("marcus.bell", "support_lead", "resolved", "dana")
    assert (outcome.opened, outcome.acknowledged, outcome.acted) == (utc(T0), utc(T0 + 10 * MINUTE), utc(T0 + 40 * MINUTE))
    assert outcome.closed == utc(T0 + 100 * MINUTE)
    assert (outcome.to_acknowledge, outcome.to_act) == (Took(seconds=600, business_seconds=0), Took(seconds=2400, business_seconds=0))
    assert outcome.to_resolve.seconds == 6000
    assert (outcome.breaches, outcome.escalations, outcome.replied) == (Breaches(), 0, True)
    assert outcome.steps == StepCounts(completed=1, skipped=1, cancelled=3)


def test_a_run_that_nobody_answers_tells_its_breaches_and_escalations() -> None:
    desk = Desk()
    desk.trigger(trigger())
    desk.advance(200 * DAY)

    outcome = closed(desk)
    kinds = [message.kind for message in desk.messages]
    assert (outcome.code, outcome.closed_by, outcome.acknowledged, outcome.to_act) == ("no_response", "playcall", None, None)
    assert outcome.breaches == Breaches(acknowledge=3, act=1, resolve=1)
    assert (outcome.breaches.acknowledge + 2, outcome.escalations) == (kinds.count("sla_breach"), kinds.count("escalated"))


def test_times_are_those_at_which_it_happened_not_those_at_which_it_was_read() -> None:
    desk = Desk()
    (launched,) = desk.trigger(trigger())
    desk.advance(20 * MINUTE)
    desk.update("acknowledged", launched.run_id, at_ms=T0 + 5 * MINUTE)
    desk.update("acknowledged", launched.run_id, at_ms=T0 + 3 * MINUTE)  # an earlier one, told later
    desk.update("closed", launched.run_id, code="resolved", at_ms=T0 + 15 * MINUTE)

    assert closed(desk).to_acknowledge == Took(seconds=180, business_seconds=0)
    assert closed(desk).to_resolve == Took(seconds=900, business_seconds=0)


def test_a_publisher_whose_clock_is_behind_makes_no_negative_time() -> None:
    desk = Desk()
    (launched,) = desk.trigger(trigger())
    desk.update("closed", launched.run_id, code="resolved", at_ms=T0 - HOUR)
    assert closed(desk).to_resolve == Took(seconds=0, business_seconds=0)


def test_what_is_refused_leaves_no_trace() -> None:
    desk = Desk()
    (launched,) = desk.trigger(trigger())
    desk.update("closed", launched.run_id, code="a word nobody knows")
    desk.advance(MINUTE)
    desk.update("closed", launched.run_id, code="resolved")
    assert closed(desk).to_resolve.seconds == 60


def test_every_run_an_account_leaves_behind_has_its_outcome() -> None:
    desk = Desk()
    desk.trigger(trigger())
    desk.trigger(usage_drop())
    desk.trigger(usage_drop("J5", at_ms=T0 + 1))
    desk.event("account.churned")

    assert [(o.rules, o.triggers, o.code) for o in desk.outcomes] == [
        (("T07",), 1, "customer_churned"), (("T04", "J5"), 2, "customer_churned"),
    ]  # fmt: skip


def test_the_segments_are_those_of_the_launch() -> None:
    desk = Desk()
    fired = trigger()
    path = ("all", "human-touch", "high")
    (launched,) = desk.trigger(fired.model_copy(update={"evidence": fired.evidence.model_copy(update={"segment_path": path})}))
    desk.update("closed", launched.run_id, code="resolved")
    assert closed(desk).segment_path == path


def test_business_time_is_that_of_the_working_hours_the_run_is_counted_in() -> None:
    desk = Desk()
    (launched,) = desk.trigger(usage_drop())  # a Wednesday, before work
    desk.advance(7 * DAY)
    desk.update("closed", launched.run_id, code="resolved")
    hours = POLICY.calendars.company
    assert closed(desk).to_resolve == Took(seconds=7 * DAY / 1000, business_seconds=hours.between(T0, T0 + 7 * DAY) / 1000)
    assert hours.between(T0, T0 + 7 * DAY) == 5 * hours.between(T0, T0 + DAY) > 0


def test_an_answer_by_mail_is_a_reply_too() -> None:
    desk = Desk()
    (launched,) = desk.trigger(usage_drop())
    desk.advance(HOUR)
    desk.event("email.replied", direction="inbound", contact_id="c-1", subject="Re")
    desk.update("closed", launched.run_id, code="resolved")
    assert closed(desk).replied


class Knows:
    """A judge that knows of some episodes."""

    def __init__(self, **holds: bool) -> None:
        self._holds = holds

    def holds(self, cells: Cells, episode: EpisodeRef, moment: Moment) -> bool | None:
        return self._holds.get(episode.rule)


@pytest.mark.parametrize(
    ("holds", "cleared"),
    [({}, None), ({"T04": False}, None), ({"T04": False, "J5": False}, True), ({"T04": True}, False), ({"T04": False, "J5": True}, False)],
)
def test_the_condition_has_cleared_when_all_that_the_run_rests_on_has(holds: dict[str, bool], cleared: bool | None) -> None:
    desk = Desk()
    desk.router = RouterProcessor(PLAYBOOKS, POLICY, Knows(**holds))
    (launched,) = desk.trigger(usage_drop())
    desk.trigger(usage_drop("J5", at_ms=T0 + 1))
    desk.update("closed", launched.run_id, code="resolved")
    assert closed(desk).condition_cleared is cleared


def test_what_was_heard_to_clear_has_cleared() -> None:
    desk = Desk()
    (launched,) = desk.trigger(trigger())
    episode = trigger()
    cleared = Cleared("T07", episode.subject, episode.episode, episode.trigger_id, T0, T0 + HOUR, "the ticket was resolved")
    desk.advance(HOUR)
    tuple(desk.router.on_cleared(desk.cells, cleared, Moment(desk.now_ms)))
    desk.flush()
    desk.update("closed", launched.run_id, code="resolved")
    assert closed(desk).condition_cleared is True


def test_what_is_counted_of_a_closed_run_has_no_more_labels_than_the_library_has_names() -> None:
    ours = Desk()
    (launched,) = ours.trigger(trigger())
    ours.update("closed", launched.run_id, code="resolved")
    known = closed(ours).model_copy(update={"segment_path": ("all", "enterprise")})
    outbox = Outbox({})
    outbox.outcome(known)
    outbox.outcome(known.model_copy(update={"rule": "what somebody typed", "segment_path": ()}))

    assert [(run.play, run.rule, run.segment, run.code, run.to_act) for run in outbox.tally.ended] == [
        ("swat", "T07", "enterprise", "resolved", None),
        ("swat", "requested", "", "resolved", None),
    ]
