"""Rules that wait: what their evidence says, what moves their deadlines, and what does not."""

from datetime import UTC, datetime, timedelta
from typing import Any

from plays.loading.rules import LIBRARY, load_rules
from plays.rules.book import RuleBook
from plays.rules.rule import Rule
from schemas.records.decision import Reason
from schemas.records.trigger import Trigger
from streams.processing.effects import Decide, Raise
from streams.processing.library import Change
from streams.signals.driver import Driver
from streams.signals.processor import SignalsProcessor
from streams.signals.timeline import events_of
from tests.unit.test_signals_detectors import SEGMENTS, faults, rule, used

RULES = {one.id: one for one in load_rules(LIBRARY, SEGMENTS.names)}
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
CREATED = {"at": "d0 08:00", "type": "account.created"}


def play(tried: Rule, *events: tuple[float, str, dict[str, Any]], until: float) -> Driver:
    """An account of a high-touch customer, events so many days after its start."""
    every = [(0.0, "account.created", {"touch_model": "high"}), *events]
    payloads = [
        {
            "type": name, "account_id": "acme", "event_id": f"e{n}", "source": "test",
            "occurred_at": (START + timedelta(days=day)).isoformat(), **data,
        }
        for n, (day, name, data) in enumerate(every)
    ]  # fmt: skip
    driver = Driver(SignalsProcessor(RuleBook([tried]), SEGMENTS), "acme")
    driver.run(events_of(payloads), round((START + timedelta(days=until)).timestamp() * 1000))
    return driver


def fired(driver: Driver) -> list[Trigger]:
    return [one.effect.trigger for one in driver.happened if isinstance(one.effect, Raise)]


CHAMPION = {"contact_id": "c1", "role": "champion"}
MISSED = {"kind": "weekly_sync", "invited": ["c1"], "attended": []}


def test_a_silence_is_told_in_days_and_missed_meetings_by_their_number() -> None:
    (review,) = fired(play(RULES["T41"], until=100))
    assert (review.evidence.observed, review.evidence.threshold, review.evidence.unit) == (92, 92, "days")
    assert "for 92 days" in review.evidence.summary
    assert "(" not in review.evidence.summary.partition(":")[0]

    meetings = [(day, "meeting.held", MISSED) for day in (10.0, 17.0, 24.0)]
    (absent,) = fired(play(RULES["T37"], (1.0, "contact.added", CHAMPION), *meetings, until=60))
    assert (absent.evidence.observed, absent.evidence.threshold, absent.evidence.unit) == (3, 3, "times")
    assert "(contact " in absent.evidence.summary
    assert " days" not in absent.evidence.summary.partition(":")[0]
    assert absent.evidence.window is not None
    assert absent.evidence.window.start == START + timedelta(days=10)


def test_nobody_waits_for_a_contact_whose_leave_has_no_end() -> None:
    away = (5.0, "contact.leave", {"contact_id": "c1", "from": "2026-03-08"})
    driver = play(RULES["T54"], (1.0, "contact.added", CHAMPION), away, until=10)

    assert driver.deadlines == []


def test_an_open_silence_is_an_episode_that_ends_with_the_relation() -> None:
    driver = play(RULES["T41"], (110.0, "account.churned", {}), until=120)

    decisions = [one.effect.decision for one in driver.happened if isinstance(one.effect, Decide)]
    assert [one.facts["episodes"] for one in decisions] == [1]


def test_the_thirtieth_day_ends_where_the_account_is() -> None:
    month = rule({"kind": "anniversary", "since": "account_created", "at": ["30d"], "at_close": True})
    west = {"at": "d10 08:00", "type": "account.updated", "data": {"timezone": "America/New_York"}}
    east = {"at": "d10 08:00", "type": "account.updated", "data": {"timezone": "Asia/Tokyo"}}

    # Midnight of 2 April is five hours later by the first, after the clocks went forward four, and nine earlier by the second.
    assert (
        faults(month, {"start": "2026-03-02", "events": [CREATED, west], "until": "d40", "fires": [{"at": "2026-04-02T04:10:00Z"}]}) == []
    )
    assert (
        faults(month, {"start": "2026-03-02", "events": [CREATED, east], "until": "d40", "fires": [{"at": "2026-04-01T15:10:00Z"}]}) == []
    )


STALLED = rule({"kind": "milestone", "days": 7}, subject="milestone")


def milestone(at: str, name: str, **data: str) -> dict[str, Any]:
    return {"at": at, "type": f"milestone.{name}", "data": {"milestone_id": "M-1", **data}}


def test_a_milestone_keeps_its_day_until_it_is_moved() -> None:
    found = faults(
        STALLED,
        {
            "events": [milestone("d0 09:00", "started"), milestone("d3 09:00", "started")],
            "until": "d30",
            "fires": [{"at": "d8 00:10", "episode": "d0 09:00"}],
        },
        {"events": [milestone("d0 09:00", "started", kind="integration")], "until": "d30", "fires": [{"at": "d8 00:10"}]},
        # Moved to a day that is over: nobody waits for that, nor for the day it had before.
        {"events": [milestone("d0 09:00", "started"), milestone("d3 09:00", "moved", due="d1")], "until": "d30"},
    )

    assert found == []
    named = {"milestone_id": "M-1"}
    assert play(STALLED, (0.5, "milestone.started", named), (3.0, "milestone.completed", named), until=4).deadlines == []
    late = [(0.5, "milestone.started", named), (3.0, "milestone.completed", named), (2.0, "milestone.started", named)]
    assert fired(play(STALLED, *late, until=30)) == []


UNPAID = rule(
    {
        "kind": "due", "opened_by": [{"type": "invoice.issued"}], "date": "due", "days_after": 7, "ended_by": [{"type": "invoice.paid"}],
    },
    subject="invoice",
)  # fmt: skip


def test_of_two_payments_the_later_one_counts_whichever_is_heard_of_first() -> None:
    paid = {"invoice_id": "I-1"}
    issued = (3.0, "invoice.issued", {"invoice_id": "I-1", "due": "2026-03-12"})

    assert fired(play(UNPAID, (5.0, "invoice.paid", paid), (1.0, "invoice.paid", paid), issued, until=40)) == []
    (late,) = fired(play(UNPAID, (1.0, "invoice.paid", paid), issued, until=40))
    assert late.time == datetime(2026, 3, 20, 0, 10, tzinfo=UTC)


def test_a_milestone_that_turns_out_to_be_an_integration_was_completed_when_it_was_connected() -> None:
    moved = (1.0, "milestone.moved", {"milestone_id": "M-1", "due": "2026-03-12"})
    connected: tuple[float, str, dict[str, Any]] = (5.0, "integration.connected", {})
    started, other = (
        (day, "milestone.started", {"milestone_id": "M-1", "kind": kind}) for day, kind in ((2.0, "integration"), (2.0, "training"))
    )

    assert fired(play(STALLED, connected, started, until=40)) == []
    assert fired(play(STALLED, moved, connected, started, until=40)) == []
    assert fired(play(STALLED, moved, connected, (0.5, "milestone.moved", {**moved[2], "kind": "integration"}), until=40)) == []
    assert len(fired(play(STALLED, moved, connected, other, until=40))) == 1
    # Begun after something was connected: that was something else.
    assert len(fired(play(STALLED, moved, connected, (6.0, "milestone.started", {**started[2]}), until=40))) == 1


def test_what_has_not_happened_is_named() -> None:
    (kickoff,) = fired(play(RULES["T02"], (0.5, "account.handoff", {}), until=20))
    assert kickoff.evidence.summary.startswith("No kickoff meeting by the close of day 7 since ")
    late = rule({"kind": "overdue", "of": "action_item"}, subject="action_item")
    item = (1.0, "action_item.created", {"item_id": "A-1", "owner": "dana", "due": "2026-03-10"})
    (owed,) = fired(play(late, item, until=20))
    assert owed.evidence.summary == "Not there by the close of 2026-03-10: action item A-1 (promised by dana)."
    assert "reached" not in owed.evidence.facts
    reached = rule({"kind": "overdue", "of": "action_item", "kept": True}, subject="action_item")
    (kept,) = fired(play(reached, item, (4.0, "action_item.completed", {"item_id": "A-1"}), until=20))
    assert (kept.evidence.summary, kept.evidence.facts["reached"]) == ("Reached: action item A-1.", True)


def test_a_rule_of_several_conditions_looks_at_the_last_complete_day() -> None:
    either = rule({"kind": "any_of", "parts": [{"measure": "active_users_7d", "at_least": 3}, {"measure": "open_p1", "at_least": 2}]})
    both = rule(
        {
            "kind": "all_of",
            "parts": [{"event": {"type": "account.org_changed"}, "within": "5d"}, {"measure": "active_users_7d", "at_least": 3}],
        }
    )
    changed = {"at": "d4 09:00", "type": "account.org_changed"}

    assert faults(either, {"events": [CREATED, used("d3 09:00", 3)], "until": "d9", "fires": [{"at": "d4 00:10"}]}) == []
    assert faults(both, {"events": [CREATED, used("d3 09:00", 3), changed], "until": "d4 10:00", "fires": [{"at": "d4 09:00"}]}) == []
    assert faults(both, {"events": [CREATED, used("d4 08:00", 3), changed], "until": "d4 10:00"}) == []


def test_what_a_condition_was_is_said() -> None:
    either = rule({"kind": "any_of", "parts": [{"measure": "onboarding_open", "equals": True}, {"measure": "open_p1", "at_least": 1}]})
    (found,) = fired(play(either, (1.0, "ticket.created", {"ticket_id": "T-1", "priority": "P1"}), until=2))

    assert found.evidence.summary == "Trial: onboarding_open yes."


def test_an_edit_looks_at_the_subject_that_is_past_although_others_lie_ahead() -> None:
    contacts = [(day, "contact.added", {"contact_id": name, "role": "champion"}) for day, name in ((1.0, "c1"), (35.0, "c2"))]
    patient, eager = (
        rule({"kind": "silence", "of": "inbound", "days": days, "roles": ["champion"]}, subject="contact") for days in ("60d", "20d")
    )
    driver = play(patient, *contacts, until=40)
    driver.pass_to(SignalsProcessor(RuleBook([eager]), SEGMENTS), Change(frozenset(), frozenset({"X1"}), frozenset(), frozenset()))
    driver.run([], driver.now_ms + 86_400_000)

    decided = [one.effect.decision for one in driver.happened if isinstance(one.effect, Decide)]
    assert [(one.reason, one.subject and one.subject.id) for one in decided] == [(Reason.ACTIVATED, "c1")]


def test_what_was_kept_before_a_day_that_waits_for_its_proof_is_told_with_it() -> None:
    tried = rule({"kind": "overdue", "of": "action_item", "kept": True}, subject="action_item")
    items = [(1.0, "action_item.created", {"item_id": name, "due": due}) for name, due in (("A", "2026-03-04"), ("B", "2026-03-20"))]
    five_past_midnight = (2.6285, "account.updated", {"seats": 5})
    late = (2.0, "action_item.completed", {"item_id": "B"})

    found = fired(play(tried, *items, five_past_midnight, late, until=3))
    assert [(one.subject.id, one.evidence.facts.get("reached")) for one in found] == [("B", True), ("A", None)]
