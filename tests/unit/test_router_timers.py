"""Warnings, breach and escalation come at their moment, with nothing arriving."""

from schemas.records.wire import utc
from tests.desk import DAY, HOUR, MINUTE, T0, Desk, story, trigger, usage_drop


def test_an_ignored_p1_is_warned_breached_and_escalated_up_to_the_cs_lead() -> None:
    desk = Desk(csm="aisha.rahman")
    desk.trigger(trigger())
    desk.advance(30 * DAY)

    told = [(m.kind, m.clock, m.percent, (m.time - utc(T0)).total_seconds() / 60, m.owner.name) for m in desk.runs_only()]
    assert told == [
        ("launched", None, None, 0, "Marcus Bell"),
        ("sla_warning", "acknowledge", 50, 15, "Marcus Bell"),
        ("sla_warning", "acknowledge", 80, 24, "Marcus Bell"),
        ("sla_breach", "acknowledge", None, 30, "Marcus Bell"),
        ("escalated", "acknowledge", None, 30, "Aisha Rahman"),
        ("sla_warning", "acknowledge", 50, 45, "Aisha Rahman"),
        ("sla_warning", "acknowledge", 80, 54, "Aisha Rahman"),
        ("sla_breach", "acknowledge", None, 60, "Aisha Rahman"),
        ("escalated", "acknowledge", None, 60, "Victor Hale"),
        ("sla_warning", "act", 50, 60, "Victor Hale"),
        ("sla_warning", "acknowledge", 50, 75, "Victor Hale"),
        ("sla_warning", "acknowledge", 80, 84, "Victor Hale"),
        ("sla_breach", "acknowledge", None, 90, "Victor Hale"),
        ("sla_warning", "act", 80, 96, "Victor Hale"),
        ("sla_breach", "act", None, 120, "Victor Hale"),
        ("sla_warning", "resolve", 50, 240, "Victor Hale"),
        ("sla_warning", "resolve", 80, 384, "Victor Hale"),
        ("sla_breach", "resolve", None, 480, "Victor Hale"),
    ]
    assert [m.sequence for m in desk.messages] == list(range(1, len(desk.messages) + 1))
    assert all(m.due == m.time for m in desk.messages if m.kind in ("sla_warning", "sla_breach"))
    escalated = desk.runs_only()[4].owner
    assert escalated.reason == "escalation"
    assert escalated.detail == ("acknowledge was due at 2026-02-25T06:43:20.000Z; after Marcus Bell (support_lead): the account's csm")


def test_the_companion_role_of_the_rule_is_the_first_to_take_over() -> None:
    desk = Desk(csm="aisha.rahman")
    desk.trigger(usage_drop("T15", concern="commercial", play="commercial-plan", role="csm+account_executive", subject=("invoice", "i-1")))
    desk.advance(6 * HOUR)

    assert [(m.kind, m.owner.role) for m in desk.messages][-2:] == [("sla_breach", "csm"), ("escalated", "account_executive")]


def test_after_an_outage_the_missed_moments_are_told_late_with_the_time_they_were_due() -> None:
    desk = Desk()
    desk.trigger(trigger())
    late = desk.outage(40 * MINUTE)

    assert [(m.kind, m.percent, m.time, m.due) for m in late] == [
        ("sla_warning", 50, utc(T0 + 40 * MINUTE), utc(T0 + 15 * MINUTE)),
        ("sla_warning", 80, utc(T0 + 40 * MINUTE), utc(T0 + 24 * MINUTE)),
        ("sla_breach", None, utc(T0 + 40 * MINUTE), utc(T0 + 30 * MINUTE)),
        ("escalated", None, utc(T0 + 40 * MINUTE), None),
    ]
    # whoever takes over has the whole time, although the breach was a while ago
    assert late[-1].clocks.acknowledge_by == utc(T0 + 70 * MINUTE)


def test_runs_without_clocks_warn_nobody_and_end_after_two_idle_weeks() -> None:
    desk = Desk()
    desk.trigger(trigger("J2", priority="P3", play="re-engagement", role="automation", first_action="-", concern="onboarding"))

    (closed,) = desk.advance(14 * DAY)

    assert (closed.kind, closed.code, closed.actor, closed.time) == ("closed", "no_response", "playcall", utc(T0 + 14 * DAY))
    assert closed.note == "no update for 14 days: closed so that a new trigger can start afresh"


def test_an_ignored_run_ends_ninety_days_after_its_last_clock_so_that_the_concern_is_free_again() -> None:
    desk = Desk()
    desk.trigger(usage_drop())
    desk.advance(94 * DAY - 1)
    assert desk.messages[-1].kind != "closed"

    (closed,) = desk.advance(1)
    (launched,) = desk.trigger(usage_drop(episode="later", at_ms=desk.now_ms))

    assert (closed.kind, closed.code, launched.kind) == ("closed", "no_response", "launched")


def test_a_closed_run_is_remembered_for_thirty_days_and_then_leaves_nothing_behind() -> None:
    desk = Desk()
    (launched,) = desk.trigger(trigger())
    desk.update("closed", launched.run_id, code="resolved")

    desk.advance(30 * DAY - 1)
    desk.update("acknowledged", launched.run_id)
    desk.advance(1)
    desk.update("acknowledged", launched.run_id)

    assert [reject.reason for reject in desk.rejects] == ["wrong_state", "unknown_run"]
    assert (sorted(desk.raw), desk.deadlines) == (["profile"], {})


def test_two_runs_due_at_the_same_moment_speak_in_the_order_they_were_launched() -> None:
    desk = Desk()
    desk.trigger(trigger(subject=("ticket", "t-2")))
    desk.trigger(trigger(subject=("ticket", "t-1")))

    warned = desk.advance(15 * MINUTE)

    assert [(m.kind, m.subject.id) for m in warned] == [("sla_warning", "t-2"), ("sla_warning", "t-1")]
    assert story(warned) == [("sla_warning", "acknowledge", 50)] * 2
