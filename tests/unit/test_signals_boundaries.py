"""The last day on which nothing is said yet, and what a second look must not repeat: where a figure or a check could go unnoticed."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from plays.rules.book import RuleBook
from plays.rules.rule import Rule
from schemas.records.decision import Reason
from streams.processing.effects import Decide, Raise
from streams.processing.library import Change
from streams.signals.driver import Driver
from streams.signals.processor import SignalsProcessor
from streams.signals.state import EPISODES
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


def test_events_that_are_episodes_of_their_own_leave_nothing_to_remember() -> None:
    driver = Driver(processor(rule({"kind": "event", "on": [{"type": "account.org_changed"}]})), "acme")
    envelope = {"account_id": "acme", "event_id": "e1", "source": "test", "occurred_at": "2026-03-02T09:00:00Z"}
    driver.run(events_of([{"type": "account.org_changed", **envelope}]))

    assert len(driver.happened) == 1
    assert EPISODES not in driver.cells


def test_what_fires_at_once_is_not_counted() -> None:
    piled = rule(
        {
            "kind": "count",
            "of": {"type": "ticket.created"},
            "forms": [{"of": "account", "at_least": 2, "days": "7d"}],
            "at_once": [{"type": "ticket.escalated", "where": {"to_management": True}}],
        },
        applies_to=["high"],
    )
    created = [{"at": f"d{n} 09:00", "type": "ticket.created", "data": {"ticket_id": f"T-{n}", "priority": "P3"}} for n in (1, 2)]
    lesser = {"at": "d1 10:00", "type": "ticket.escalated", "data": {"ticket_id": "T-1"}}

    high = {"profile": {"touch_model": "high"}}
    assert faults(piled, {**high, "events": [created[0], lesser]}) == []
    assert faults(piled, {**high, "events": [*created, lesser], "fires": [{"at": "d2 09:00", "observed": 2}]}) == []
    assert faults(piled, {"profile": {"touch_model": "tech"}, "events": [*created, lesser]}) == []
    at_two = {"at": "d3 10:00", "type": "ticket.escalated", "data": {"ticket_id": "T-1"}}
    assert faults(piled, {**high, "events": [*created, at_two], "fires": [{"at": "d2 09:00"}], "decisions": []}) == []


SEATS = {"kind": "threshold", "measure": "active_users", "share_of_seats": 0.40, "absolute": 3, "rearm": 1.10}


def test_a_second_time_below_the_level_waits_for_the_cooldown_and_says_so() -> None:
    cooled = rule(SEATS, cooldown="40d", max_hold="90d")
    story = [
        {"at": "d0 08:00", "type": "account.created", "data": {"seats": 10}},
        used("d0..d40 09:00", 3), used("d41..d46 09:00", 5), used("d47..d80 09:00", 3),
    ]  # fmt: skip
    fires = [{"at": "d32 00:10"}, {"at": "d72 00:10"}]

    assert faults(cooled, {"events": story, "until": "d80", "fires": fires, "decisions": [{"at": "d55 00:10", "reason": "cooldown"}]}) == []


def test_a_week_of_three_closed_working_days_counts_neither_way() -> None:
    # Closed from 24 December to 1 January, both working days: the weeks to 28 December and to 5 January have three of them.
    nobody = rule({**SEATS, "from_day": 42})
    story = {"start": "2026-11-16", "profile": {"timezone": "Europe/Berlin"}, "until": "d60"}
    created = {"at": "d0 08:00", "type": "account.created"}

    assert faults(nobody, {**story, "events": [created], "fires": [{"at": "d53 00:10"}]}) == []
    assert faults(rule({**SEATS, "from_day": 42, "exact": True}), {**story, "events": [created], "fires": [{"at": "d44 00:10"}]}) == []


def test_a_new_level_looks_back_to_the_first_day_that_counts() -> None:
    known = {"type": "account.created", "account_id": "acme", "event_id": "e1", "source": "test", "occurred_at": "2026-03-02T09:00:00Z"}

    def reasons(days: int) -> list[Reason]:
        driver = Driver(processor(rule({"kind": "event", "on": [{"type": "account.org_changed"}]}, id="X2")), "acme")
        driver.run(events_of([known]))
        driver.run([], driver.now_ms + days * 86_400_000)
        driver.pass_to(processor(rule(SEATS)), Change(frozenset({"X1"}), frozenset(), frozenset({"X2"}), frozenset()))
        driver.run([], driver.now_ms + 3_600_000)
        return [one.effect.decision.reason for one in driver.happened if isinstance(one.effect, Decide)]

    assert reasons(32) == [Reason.ACTIVATED]  # days 30 and 31
    assert reasons(31) == []


def test_months_fall_by_their_ratio_and_reach_their_floor() -> None:
    month = {**FALL, "shape": "month_over_month", "ratio": 0.6, "exact": True}
    steady = {"events": [used("d0..d70 09:00", 5)], "until": "d70"}
    fewer = {"events": [used("d0..d55 09:00", 5), used("d56..d90 09:00", 2)], "until": "d90"}

    assert faults(rule(month), steady) == []
    assert faults(rule({**month, "floor": 36}), fewer) == []
    # Twenty days at three less: 4 x 35 - 60 = 80 of 140.
    assert faults(rule({**month, "floor": 35}), {**fewer, "fires": [{"at": "d75 00:10", "baseline": 35}]}) == []


def test_the_weeks_a_spike_is_compared_with_are_told() -> None:
    spike = rule({"kind": "spike", "of": {"type": "ticket.created"}, "at_least": 3, "times": 2, "exact": True})
    envelope = {"account_id": "acme", "source": "test", "ticket_id": "T-1", "priority": "P3"}
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    tickets = [
        {**envelope, "type": "ticket.created", "event_id": f"e{day}", "occurred_at": (start + timedelta(days=day)).isoformat()}
        for day in (*range(1, 63, 7), 63, 65, 67)
    ]
    signals = processor(spike)
    driver = Driver(signals, "acme")
    driver.run(events_of(tickets))
    driver.pass_to(signals, Change(frozenset(), frozenset({"X1"}), frozenset(), frozenset()))
    driver.run([], driver.now_ms + 3_600_000)

    (fired,) = [one.effect for one in driver.happened]  # the edit finds it told already, and is silent about it
    assert isinstance(fired, Raise)
    before = fired.trigger.evidence.baseline_window
    assert before is not None
    assert (before.start.date(), before.end.date()) == (date(2026, 3, 7), date(2026, 5, 2))


def test_an_account_of_unknown_beginning_may_move() -> None:
    """What another rule waits for moves with its days; the one that counts from the beginning knows of none."""
    silent = rule({"kind": "silence", "of": "qbr", "days": "92d"}).model_copy(update={"id": "X9"})
    driver = Driver(SignalsProcessor(RuleBook([UNUSED, silent]), SEGMENTS), "acme")
    told = (
        {"type": "qbr.completed", "occurred_at": "2026-03-02T08:00:00Z"},
        {"type": "account.updated", "occurred_at": "2026-03-05T08:00:00Z", "timezone": "Asia/Tokyo"},
    )
    events = events_of([{"event_id": f"e{n}", "account_id": "acme", "source": "test", **one} for n, one in enumerate(told)])

    driver.run(events, round(datetime(2026, 7, 1, tzinfo=UTC).timestamp() * 1000))

    assert [one.effect.trigger.rule for one in driver.happened if isinstance(one.effect, Raise)] == ["X9"]
