"""The last day on which nothing is said yet, and what a second look must not repeat: where a figure or a check could go unnoticed."""

from datetime import UTC, datetime, timedelta
from typing import Any

from plays.rules.book import RuleBook
from plays.rules.rule import Rule
from schemas.records.decision import Reason
from streams.processing.effects import Decide
from streams.processing.library import Change
from streams.signals.driver import Driver
from streams.signals.processor import SignalsProcessor
from streams.signals.timeline import events_of
from tests.unit.test_signals_detectors import FALL, SEGMENTS, faults, rule, used

EXACT = rule({**FALL, "exact": True})


def test_a_fall_is_judged_from_the_fourteenth_day_of_usage_on() -> None:
    week = {"events": [used("d0..d6 09:00", 10)], "until": "d30"}

    assert faults(EXACT, {**week, "fires": [{"at": "d14 00:10", "observed": 0, "baseline": 70}]}) == []


def test_two_closes_running_are_two() -> None:
    story = {"events": [used("d0..d34 09:00", 4), used("d38..d60 09:00", 4)], "until": "d60"}

    assert faults(rule({**FALL, "exact": True, "closes": 2}), {**story, "fires": [{"at": "d39 00:10"}]}) == []


def test_an_episode_of_usage_ends_with_the_last_day_it_may_be_held() -> None:
    held = rule({**FALL, "exact": True}, max_hold="14d")
    steps = [used("d0..d13 09:00", 10), used("d14..d27 09:00", 6), used("d28..d50 09:00", 3)]
    fires = [{"at": "d20 00:10", "observed": 46, "baseline": 70}, {"at": "d34 00:10", "observed": 24, "baseline": 42}]

    assert faults(held, {"events": steps, "until": "d37", "fires": fires}) == []


def test_a_second_fall_within_the_cooldown_is_a_decision_and_fires_on_its_last_day() -> None:
    cooled = rule({**FALL, "exact": True}, cooldown="21d")
    twice = [used("d0..d13 09:00", 10), used("d17..d30 09:00", 10), used("d34..d60 09:00", 10)]
    fires = [{"at": "d17 00:10", "observed": 40}, {"at": "d38 00:10", "observed": 40}]

    assert faults(cooled, {"events": twice, "until": "d60", "fires": fires, "decisions": [{"at": "d34 00:10", "reason": "cooldown"}]}) == []


def test_the_weeks_of_a_long_fall_are_told_in_their_order() -> None:
    two_weeks = rule({**FALL, "shape": "two_weeks", "exact": True})
    steps = [used("d0..d41 09:00", 10), used("d42..d48 09:00", 4), used("d49..d60 09:00", 2)]
    first = {"at": "d53 00:10", "observed": 20, "baseline": 70, "facts": {"first_week": 46, "second_week": 20}}

    assert faults(two_weeks, {"events": steps, "until": "d55", "fires": [first]}) == []


UNUSED = rule({"kind": "absence", "since": "account_created", "days": 7, "unless_signal": "activity"})


def test_who_was_called_absent_is_not_called_so_again_under_another_timezone() -> None:
    events = [
        {"at": "d0 08:00", "type": "account.created"},
        {"at": "d10 08:00", "type": "account.updated", "data": {"timezone": "Asia/Tokyo"}},
    ]

    assert faults(UNUSED, {"events": events, "until": "d30", "fires": [{"at": "d8 00:10"}]}) == []


def test_usage_of_the_last_day_is_in_time_and_that_of_the_next_is_not() -> None:
    created = {"at": "d0 08:00", "type": "account.created"}

    assert faults(UNUSED, {"events": [created, used("d7 23:59", 1)], "until": "d30"}) == []
    late = {"events": [created, used("d8 00:05", 1)], "until": "d30", "fires": [{"at": "d8 00:10"}]}
    assert faults(UNUSED, late) == []


NEAR = {"kind": "checkpoint", "from_days": 60, "until_days": 30}
LOW = rule({**NEAR, "confidence": ["low"]}, subject="contract")
ASKED = rule({**NEAR, "any_of": [{"measure": "tickets_30d", "at_least": 1}, {"measure": "open_p1", "at_least": 2}]}, subject="contract")


def contract(at: str, renewal: str) -> dict[str, Any]:
    return {"at": at, "type": "contract.started", "data": {"contract_id": "K-1", "renewal_date": renewal}}


def test_an_unconfirmed_renewal_is_told_once() -> None:
    once = {"until": "d120", "decisions": [{"at": "d40 00:10", "reason": "unconfirmed"}]}
    zone = {"at": "d45 09:00", "type": "account.updated", "data": {"timezone": "America/New_York"}}

    found = faults(
        LOW,
        {"events": [contract("d0 09:00", "d100"), contract("d45 09:00", "d100")], **once},
        {"events": [contract("d0 09:00", "d100"), zone], **once},
        # Moved so that its window has begun: judged now, and not again at what was the beginning of the other one.
        {
            "events": [contract("d0 09:00", "d110"), contract("d45 09:00", "d100")],
            "until": "d120",
            "decisions": [{"at": "d45 09:00", "reason": "unconfirmed"}],
        },
    )

    assert found == []


def test_a_doubt_from_before_the_window_counts_from_its_first_instant_on() -> None:
    ticket = {"at": "d30 09:00", "type": "ticket.created", "data": {"ticket_id": "T-1", "priority": "P3"}}

    found = faults(
        ASKED,
        {"events": [contract("d0 09:00", "d100"), ticket], "until": "d120", "fires": [{"at": "d40 00:10", "subject": "contract K-1"}]},
        {"events": [contract("d0 09:00", "d100"), {**ticket, "at": "d69 23:59"}], "until": "d120", "fires": [{"at": "d69 23:59"}]},
        {"events": [contract("d0 09:00", "d100"), {**ticket, "at": "d70 00:00"}], "until": "d120"},
    )

    assert found == []


def test_an_edited_rule_looks_at_every_feature_although_the_first_has_its_episode() -> None:
    features = rule({"kind": "absence", "since": "contract_start", "days": 14, "unless_signal": "feature_activated"}, subject="feature")
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def at(days: int, name: str, **data: Any) -> dict[str, Any]:
        moment = (start + timedelta(days=days)).isoformat()
        return {"type": name, "account_id": "acme", "event_id": f"e{days}", "source": "test", "occurred_at": moment, **data}

    events = [
        at(0, "account.created", key_features=["export"]),
        at(1, "contract.started", contract_id="K-1"),
        at(20, "account.updated", key_features=["export", "forecast"]),
    ]
    signals = processor(features)
    driver = Driver(signals, "acme")
    driver.run(events_of(events))
    driver.pass_to(signals, Change(frozenset(), frozenset({"X1"}), frozenset(), frozenset()))
    driver.run([], driver.now_ms + 86_400_000)

    decided = [one.effect.decision for one in driver.happened if isinstance(one.effect, Decide)]
    assert [(one.reason, one.subject and one.subject.id) for one in decided] == [(Reason.ACTIVATED, "forecast")]


def processor(tried: Rule) -> SignalsProcessor:
    return SignalsProcessor(RuleBook([tried]), SEGMENTS)


def test_a_figure_that_falls_is_of_no_interest_out_of_scope() -> None:
    fewer = {"at": "d1 09:00", "type": "subscription.changed", "data": {"seats": 80, "seats_before": 100}}
    seats = rule({"kind": "change", "attribute": "seats", "ratio": 0.80}, applies_to=["high"])

    assert faults(seats, {"events": [fewer], "profile": {"touch_model": "tech"}}) == []
    assert faults(seats, {"events": [fewer], "profile": {"touch_model": "high"}, "fires": [{"observed": 80}]}) == []
