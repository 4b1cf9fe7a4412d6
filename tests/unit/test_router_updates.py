"""What CRM and e-mail systems report, and what it does to a run."""

from datetime import datetime

import pytest

from schemas.records.play_message import Clocks, Owner
from schemas.records.wire import utc
from streams.processing.effects import Reject
from tests.desk import DAY, HOUR, MINUTE, T0, Desk, story, trigger, usage_drop

LAUNCHED = Clocks(acknowledge_by=utc(T0 + 30 * MINUTE), act_by=utc(T0 + 2 * HOUR), resolve_by=utc(T0 + 8 * HOUR))


def launched_desk() -> tuple[Desk, str]:
    desk = Desk()
    (launched,) = desk.trigger(trigger())
    return desk, launched.run_id


def test_an_acknowledgement_stops_the_acknowledge_clock() -> None:
    desk, run = launched_desk()
    desk.advance(10 * MINUTE)

    (said,) = desk.update("acknowledged", run)

    assert (said.kind, said.actor, said.sequence) == ("acknowledged", "dana", 4)
    assert said.clocks == LAUNCHED.model_copy(update={"acknowledge_by": None})
    assert story(desk.advance(2 * HOUR)) == [
        ("sla_warning", "act", 50), ("sla_warning", "act", 80), ("sla_breach", "act", None), ("escalated", "act", None),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["acknowledged", "started", "paused"])
def test_the_same_report_twice_is_harmless(kind: str) -> None:
    desk, run = launched_desk()
    assert len(desk.update(kind, run)) == 1
    assert desk.update(kind, run) == []
    assert desk.rejects == []


def test_starting_stops_acknowledge_and_act() -> None:
    desk, run = launched_desk()
    (said,) = desk.update("started", run)
    assert (said.kind, said.clocks) == ("started", Clocks(resolve_by=LAUNCHED.resolve_by))


def test_the_first_step_completed_stops_acknowledge_and_act_and_each_step_is_told_once() -> None:
    desk, run = launched_desk()
    (first,) = desk.update("step_completed", run, step="SWAT response", note="engineer on it")
    assert desk.update("step_completed", run, step="SWAT response") == []
    (second,) = desk.update("step_completed", run, step="communication cadence")

    assert (first.kind, first.step, first.note, first.clocks) == (
        "completed", "SWAT response", "engineer on it", Clocks(resolve_by=LAUNCHED.resolve_by),
    )  # fmt: skip
    assert (second.kind, second.step, second.sequence) == ("completed", "communication cadence", 5)


def test_skipping_a_step_acknowledges_but_is_no_action() -> None:
    desk, run = launched_desk()
    (said,) = desk.update("step_skipped", run, step="SWAT response", note="known issue")
    assert (said.kind, said.step, said.clocks) == ("skipped", "SWAT response", LAUNCHED.model_copy(update={"acknowledge_by": None}))


def test_a_reply_of_the_customer_is_recorded_and_stops_nothing() -> None:
    desk, run = launched_desk()
    (said,) = desk.update("replied", run, contact_id="c-7")
    assert (said.kind, said.clocks) == ("replied", LAUNCHED)


def test_a_snooze_pushes_the_clocks_on() -> None:
    desk, run = launched_desk()
    (said,) = desk.update("snoozed", run, until=utc(T0 + DAY))

    assert said.clocks == Clocks(
        acknowledge_by=utc(T0 + DAY + 30 * MINUTE), act_by=utc(T0 + DAY + 2 * HOUR), resolve_by=utc(T0 + DAY + 8 * HOUR)
    )
    assert desk.advance(DAY + 15 * MINUTE - 1) == []
    assert story(desk.advance(1)) == [("sla_warning", "acknowledge", 50)]


def test_a_snooze_is_bounded_by_the_policy() -> None:
    desk, run = launched_desk()
    (said,) = desk.update("snoozed", run, until=utc(T0 + 300 * DAY))
    assert said.clocks.acknowledge_by == utc(T0 + 14 * DAY + 30 * MINUTE)


def test_a_pause_holds_the_clocks_until_the_run_is_resumed() -> None:
    desk, run = launched_desk()
    desk.advance(10 * MINUTE)
    desk.update("paused", run)
    assert desk.advance(3 * DAY) == []

    (said,) = desk.update("resumed", run)

    assert said.clocks == Clocks(
        acknowledge_by=utc(T0 + 3 * DAY + 30 * MINUTE), act_by=utc(T0 + 3 * DAY + 2 * HOUR), resolve_by=utc(T0 + 3 * DAY + 8 * HOUR)
    )
    assert story(desk.advance(5 * MINUTE)) == [("sla_warning", "acknowledge", 50)]


def test_an_upgrade_ends_a_pause() -> None:
    desk = Desk()
    (launched,) = desk.trigger(usage_drop())
    desk.update("paused", launched.run_id)
    desk.advance(HOUR)

    said = desk.trigger(usage_drop("J5", priority="P1", play="risk-alert", at_ms=desk.now_ms))

    assert [(m.kind, m.actor, m.note) for m in said] == [("resumed", "playcall", "J5 at P1 ends the pause"), ("upgraded", None, None)]
    assert said[1].clocks.act_by == utc(T0 + 25 * HOUR)


def test_reassigning_names_the_new_owner_and_leaves_the_clocks() -> None:
    desk, run = launched_desk()
    (said,) = desk.update("reassigned", run, owner="Hana Sato", note="on shift")

    assert said.owner == Owner(
        id="hana.sato",
        name="Hana Sato",
        role="support_lead",
        email="hana.sato@playcall.example",
        reason="reassigned",
        detail="reassigned by dana, from Marcus Bell",
    )
    assert (said.kind, said.note, said.clocks) == ("reassigned", "on shift", LAUNCHED)
    assert desk.update("reassigned", run, owner="hana.sato") == []


def test_a_run_can_be_given_to_somebody_the_owners_file_does_not_know() -> None:
    desk, run = launched_desk()
    (said,) = desk.update("reassigned", run, owner="kim")
    assert (said.owner.id, said.owner.name, said.owner.email) == ("kim", "kim", None)
    assert said.owner.detail == "reassigned by dana, from Marcus Bell, not listed in the owners file"


def test_closing_stops_everything_and_carries_the_code() -> None:
    desk, run = launched_desk()
    (said,) = desk.update("closed", run, code="false_positive", note="a test ticket")

    assert (said.kind, said.code, said.note, said.actor, said.clocks) == ("closed", "false_positive", "a test ticket", "dana", Clocks())
    assert desk.advance(200 * DAY) == []


def test_an_update_to_an_unknown_run_or_a_closed_one_is_refused() -> None:
    desk, run = launched_desk()
    desk.update("closed", run, code="resolved")

    assert desk.update("closed", run, code="resolved") == []
    assert desk.update("acknowledged", run) == []
    assert desk.update("acknowledged", "run-12") == []

    assert desk.rejects == [
        Reject("wrong_state", f"run.acknowledged: run {run} is already closed with resolved, since 2026-02-25T06:13:20.000Z"),
        Reject("unknown_run", "run.acknowledged: account acme has no run 'run-12'"),
    ]


def test_a_refused_snooze_changes_nothing() -> None:
    desk, run = launched_desk()
    before = dict(desk.raw)

    desk.update("snoozed", run)
    desk.update("snoozed", run, until=utc(T0))

    assert [reject.reason for reject in desk.rejects] == ["wrong_state", "wrong_state"]
    assert desk.raw == before


def test_a_snooze_gives_a_pause_an_end_and_a_pause_takes_it_away_again() -> None:
    desk, run = launched_desk()
    desk.update("paused", run, reason="waiting_on_customer")
    desk.advance(HOUR)

    (snoozed,) = desk.update("snoozed", run, until=utc(T0 + DAY), reason="their champion\x07 is away\n until\u202e Monday")
    assert (snoozed.kind, snoozed.until, snoozed.reason) == ("snoozed", utc(T0 + DAY), "their champion is away  until Monday")
    assert snoozed.clocks.act_by == utc(T0 + DAY + 2 * HOUR)  # rest from the pause to the end of the snooze

    desk.advance(HOUR)
    (paused,) = desk.update("paused", run)
    assert paused.clocks == LAUNCHED
    assert desk.advance(10 * DAY) == []
    (resumed,) = desk.update("resumed", run)
    assert resumed.clocks.act_by == utc(T0 + 10 * DAY + 4 * HOUR)


def test_a_snooze_can_be_ended_early() -> None:
    desk, run = launched_desk()
    desk.update("snoozed", run, until=utc(T0 + DAY))
    desk.advance(HOUR)
    (said,) = desk.update("resumed", run)
    assert said.clocks.act_by == utc(T0 + 3 * HOUR)


def test_an_upgrade_ends_a_snooze_too() -> None:
    desk = Desk()
    (launched,) = desk.trigger(usage_drop())
    desk.update("snoozed", launched.run_id, until=utc(T0 + 3 * DAY))
    desk.advance(HOUR)

    said = desk.trigger(usage_drop("J5", priority="P1", play="risk-alert", at_ms=desk.now_ms))
    assert [m.kind for m in said] == ["resumed", "upgraded"]
    assert said[1].clocks.act_by == utc(T0 + 25 * HOUR)
    assert desk.update("paused", launched.run_id, at_ms=T0 + MINUTE) == []  # older than what ended it


def test_a_resumption_told_before_its_pause_gives_the_clocks_the_time_between_and_the_run_goes_on() -> None:
    desk, run = launched_desk()
    desk.advance(20 * MINUTE)
    assert desk.update("resumed", run, at_ms=T0 + 15 * MINUTE) == []
    said = desk.update("paused", run, at_ms=T0 + 5 * MINUTE)

    assert [(m.kind, m.actor, m.note) for m in said] == [("paused", "dana", None), ("resumed", "playcall", "a later word counts")]
    assert said[1].clocks.acknowledge_by == utc(T0 + 40 * MINUTE)


def test_an_older_reassignment_does_not_undo_a_newer_one() -> None:
    desk, run = launched_desk()
    desk.advance(20 * MINUTE)
    (said,) = desk.update("reassigned", run, owner="hana.sato", at_ms=T0 + 10 * MINUTE)
    assert desk.update("reassigned", run, owner="maya.lindqvist", at_ms=T0 + 5 * MINUTE) == []
    assert said.owner.id == "hana.sato"


def test_an_escalation_is_not_undone_by_a_reassignment_from_before_it() -> None:
    desk, run = launched_desk()
    assert [m.kind for m in desk.advance(30 * MINUTE)] == ["sla_warning", "sla_warning", "sla_breach", "escalated"]
    assert desk.update("reassigned", run, owner="hana.sato", at_ms=T0 + 5 * MINUTE) == []


def test_who_saw_a_run_before_a_more_urgent_trigger_gave_it_to_another_has_not_seen_that() -> None:
    desk = Desk()
    (launched,) = desk.trigger(usage_drop())
    desk.advance(HOUR)
    (upgraded,) = desk.trigger(usage_drop("J5", priority="P1", play="risk-alert", role="support_lead", at_ms=desk.now_ms))
    assert upgraded.owner.id != launched.owner.id
    desk.advance(MINUTE)

    assert desk.update("acknowledged", launched.run_id, at_ms=T0 + MINUTE) == []
    assert desk.update("started", launched.run_id, at_ms=T0 + 2 * MINUTE) == []
    (seen,) = desk.update("acknowledged", launched.run_id)
    assert seen.clocks.acknowledge_by is None
    desk.update("closed", launched.run_id, code="resolved")
    assert (desk.outcomes[0].acknowledged, desk.outcomes[0].acted) == (utc(T0 + MINUTE), utc(T0 + 2 * MINUTE))


def test_what_happened_before_the_end_may_be_told_after_it_and_what_came_after_is_refused() -> None:
    desk, run = launched_desk()
    desk.advance(HOUR)
    desk.update("closed", run, code="resolved", at_ms=T0 + 30 * MINUTE)
    desk.advance(HOUR)
    desk.update("acknowledged", run, at_ms=T0 + 10 * MINUTE)
    desk.update("closed", run, code="false_positive", at_ms=T0 + 20 * MINUTE)  # another system, earlier: the later word counts
    desk.update("closed", run, code="resolved")
    assert desk.rejects == []

    desk.update("started", run)
    desk.update("closed", run, code="false_positive")
    assert [reject.reason for reject in desk.rejects] == ["wrong_state", "wrong_state"]
    assert "is already closed with resolved, since 2026-02-25T07:13:20.000Z" in desk.rejects[1].detail


def test_a_code_that_does_not_close_the_play_is_refused_with_those_that_do() -> None:
    desk, run = launched_desk()
    before = dict(desk.raw)
    desk.update("closed", run, code="expansion_progressed")
    assert desk.raw == before
    assert desk.rejects == [
        Reject(
            "wrong_state",
            f"run {run}: its play swat is not closed with 'expansion_progressed'; it closes with false_positive, resolved, "
            "customer_churned, no_response, superseded: send one of these, or let closure-codes.yaml of the policy allow it",
        )
    ]


def test_free_text_is_bounded_and_cleaned_before_it_is_published() -> None:
    desk, run = launched_desk()
    (said,) = desk.update("closed", run, code="resolved", note="patched\r\n\x00\x1b[31min 4.2\u202e" + "x" * 5000)
    assert said.note is not None
    assert said.note.startswith("patched\n[31min 4.2x")
    assert (len(said.note), said.note[-1]) == (1000, "…")


def test_an_update_counts_as_a_sign_of_life() -> None:
    desk, run = launched_desk()
    desk.advance(60 * DAY)
    desk.update("replied", run)
    desk.advance(90 * DAY - 1)
    assert desk.messages[-1].kind == "replied"
    assert [m.kind for m in desk.advance(1)] == ["closed"]


def test_a_step_the_play_does_not_have_is_refused_with_those_it_has() -> None:
    desk, run = launched_desk()
    before = dict(desk.raw)
    desk.update("step_completed", run, step="call the champion")
    desk.update("step_skipped", run, step="call the champion")
    assert desk.raw == before
    assert [reject.reason for reject in desk.rejects] == ["wrong_state", "wrong_state"]
    assert f"run {run}: its play swat v" in desk.rejects[0].detail
    assert "has no step 'call the champion': name one of 'SWAT response', 'communication cadence'" in desk.rejects[0].detail


def test_who_does_a_step_that_was_left_out_has_acted_all_the_same() -> None:
    desk, run = launched_desk()
    desk.update("step_skipped", run, step="SWAT response")
    (said,) = desk.update("step_completed", run, step="SWAT response")
    assert (said.kind, said.clocks.act_by) == ("started", None)
    assert desk.update("step_completed", run, step="SWAT response") == []


def test_a_step_of_the_play_before_may_still_be_reported_after_the_run_went_over_to_another() -> None:
    desk = Desk()
    (launched,) = desk.trigger(usage_drop())
    run = launched.run_id
    desk.advance(MINUTE)
    desk.trigger(usage_drop("J5", priority="P1", play="rescue", at_ms=desk.now_ms))
    assert "step_cancelled" in [message.kind for message in desk.messages]
    said = desk.update("step_completed", run, step="usage review")
    assert [(m.kind, m.step) for m in said if m.kind == "completed"] == [("completed", "usage review")]
    assert desk.rejects == []


def test_a_rest_gives_its_time_to_the_step_that_has_begun() -> None:
    desk = Desk(csm="aisha.rahman")
    (launched, *_) = desk.trigger(trigger(play="PB3", role="csm", priority="P2", first_action="24h"))
    desk.advance(HOUR)
    desk.update("paused", launched.run_id, reason="waiting_on_customer")
    desk.advance(5 * HOUR)
    desk.update("resumed", launched.run_id)
    desk.advance(2 * DAY)

    assert [m.time for m in desk.messages if m.kind == "step_overdue"] == [utc(T0 + DAY + 5 * HOUR)]


@pytest.mark.parametrize("until", [None, utc(T0 + 9 * HOUR)])
def test_a_resumption_that_comes_late_is_followed_by_the_rest_that_counts(until: datetime | None) -> None:
    desk, kind = Desk(csm="aisha.rahman"), "paused" if until is None else "snoozed"
    (launched, *_) = desk.trigger(trigger(play="PB3", role="csm", priority="P2", first_action="24h"))
    desk.advance(HOUR)
    desk.update("paused", launched.run_id)
    desk.advance(2 * HOUR)
    desk.update(kind, launched.run_id, reason="waiting_on_customer", **({} if until is None else {"until": until}))

    said = desk.update("resumed", launched.run_id, at_ms=T0 + 2 * HOUR)
    assert [(m.kind, m.until, m.reason) for m in said] == [("resumed", None, None), (kind, until, "waiting_on_customer")]


@pytest.mark.parametrize(("contract", "ends"), [("k-1", ["closed"]), ("k-2", []), (None, ["closed"])])
def test_a_renewal_ends_what_is_about_that_contract_or_says_not_which(contract: str | None, ends: list[str]) -> None:
    desk = Desk(csm="aisha.rahman")
    desk.trigger(
        trigger(play="renewal-plan", role="csm", priority="P3", concern="renewal", subject=("contract", "k-1"), first_action="24h")
    )

    said = desk.event("contract.renewed", **({} if contract is None else {"contract_id": contract}))
    assert [m.kind for m in said] == ends
