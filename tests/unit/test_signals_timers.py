"""Rules that wait: what their evidence says, what moves their deadlines, and what does not."""

from datetime import UTC, datetime, timedelta
from typing import Any

from plays.loading.rules import LIBRARY, load_rules
from plays.rules.book import RuleBook
from plays.rules.rule import Rule
from schemas.records.trigger import Trigger
from streams.processing.effects import Decide, Raise
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
        {
            "events": [milestone("d0 09:00", "started"), milestone("d3 09:00", "completed"), milestone("d2 09:00", "started")],
            "until": "d30",
        },
    )

    assert found == []


UNPAID = rule(
    {
        "kind": "due", "opened_by": [{"type": "invoice.issued"}], "date": "due", "days_after": 7, "ended_by": [{"type": "invoice.paid"}],
    },
    subject="invoice",
)  # fmt: skip


def test_of_two_payments_the_later_one_counts_whichever_is_heard_of_first() -> None:
    paid = [{"at": at, "type": "invoice.paid", "data": {"invoice_id": "I-1"}} for at in ("d5 09:00", "d1 09:00")]
    issued = {"at": "d3 09:00", "type": "invoice.issued", "data": {"invoice_id": "I-1", "due": "d10"}}

    assert faults(UNPAID, {"events": [*paid, issued], "until": "d40"}) == []
    assert faults(UNPAID, {"events": [paid[1], issued], "until": "d40", "fires": [{"at": "d18 00:10", "episode": "d11"}]}) == []


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
