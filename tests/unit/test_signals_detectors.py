"""Detectors no rule of the first library uses in this way: thresholds, dates ahead, changes of figures, segments of drops."""

from typing import Any

from pydantic import TypeAdapter

from plays.loading.segments import POLICY, load_segments
from plays.rules.rule import Rule
from plays.rules.timeline import Case, Timeline
from streams.signals.timeline import run_timeline

SEGMENTS = load_segments(POLICY)


def rule(detector: dict[str, Any], **other: Any) -> Rule:
    stated = {
        "id": "X1", "version": 1, "title": "Trial", "status": "stable", "concern": "adoption", "subject": "account", "applies_to": ["all"],
        "timer": "Y", "priority": "P2", "owner": "csm", "sla": "24h", "outcome": "renewal_confidence", "play": "usage-review",
        "detector": detector, "rearm": "-", "clears_when": "-", "max_hold": "until cleared", "on_activate": "silent", "rationale": "-",
        "false_positives": ["-"], "source": "-", **other,
    }  # fmt: skip
    return Rule.model_validate(stated)


def faults(tried: Rule, *cases: dict[str, Any]) -> list[str]:
    named = [{"name": f"case {n}", "kind": "boundary", **case} for n, case in enumerate(cases)]
    found = TypeAdapter(tuple[Case, ...]).validate_python(named)
    timeline = Timeline.model_construct(rule="X1", cases=found)
    assert list(tried.problems()) == []
    return [fault for outcome in run_timeline(timeline, tried, SEGMENTS) for fault in outcome.faults]


def used(at: str, people: int) -> dict[str, Any]:
    return {"at": at, "type": "feature.used", "data": {"feature": "export"}, "count": people, "users": max(people, 1)}


SEATS = rule({"kind": "threshold", "measure": "active_users", "share_of_seats": 0.40, "absolute": 3, "rearm": 1.10}, max_hold="90d")
CREATED = {"at": "d0 08:00", "type": "account.created", "data": {"seats": 10}}
NO_SEATS = {"at": "d0 08:00", "type": "account.created"}


def test_fewer_active_users_than_the_share_of_seats_at_two_closes_fires_once() -> None:
    found = faults(
        SEATS,
        # Three of ten seats from the start: day 30 and 31 are the first two closes that count.
        {
            "events": [CREATED, used("d0..d60 09:00", 3)],
            "until": "d60",
            "fires": [{"at": "d32 00:10", "observed": 3, "facts": {"seats": 10}, "episode": "d24"}],
        },
        {"events": [CREATED, used("d0..d60 09:00", 4)], "until": "d60"},
        {"events": [NO_SEATS, used("d0..d60 09:00", 3)], "until": "d60"},
    )

    assert found == []


def test_an_account_nobody_ever_used_is_below_any_floor() -> None:
    assert faults(SEATS, {"events": [NO_SEATS], "until": "d60", "fires": [{"at": "d32 00:10", "observed": 0}]}) == []


def test_a_threshold_fires_again_only_after_seven_closes_at_its_re_arm_level() -> None:
    short = [CREATED, used("d0..d40 09:00", 3), used("d41..d46 09:00", 5), used("d47..d80 09:00", 3)]
    long = [CREATED, used("d0..d40 09:00", 3), used("d41..d48 09:00", 5), used("d49..d80 09:00", 3)]

    # Five people on one day are in the week for seven closes: from the close of d41 to that of d52, or d54.
    found = faults(
        SEATS,
        {"events": [CREATED, used("d0..d40 09:00", 3), used("d80 09:00", 1)], "until": "d81", "fires": [{"at": "d32 00:10"}]},
        {"events": short, "until": "d80", "fires": [{"at": "d32 00:10"}, {"at": "d55 00:10"}]},
        {"events": long, "until": "d80", "fires": [{"at": "d32 00:10"}, {"at": "d57 00:10"}]},
    )

    assert found == []


RENEWAL = rule(
    {
        "kind": "due",
        "opened_by": [{"type": "contract.started"}, {"type": "contract.renewed"}],
        "date": "renewal_date",
        "days_before": 75,
        "ended_by": [{"type": "contract.ended"}],
    },
    subject="contract",
)


def test_a_date_ahead_fires_at_local_midnight_and_follows_the_date() -> None:
    start = {"at": "d0 09:00", "type": "contract.started", "data": {"contract_id": "K-1", "renewal_date": "d100"}}
    moved = {"at": "d10 09:00", "type": "contract.started", "data": {"contract_id": "K-1", "renewal_date": "d120"}}
    ended = {"at": "d10 09:00", "type": "contract.ended", "data": {"contract_id": "K-1"}}
    zone = {"timezone": "Asia/Tokyo"}

    found = faults(
        RENEWAL,
        {
            "profile": zone,
            "events": [start],
            "until": "d120",
            "fires": [{"at": "d25 00:10", "episode": "d25", "subject": "contract K-1", "facts": {"renewal_date": "2026-06-10"}}],
        },
        {"events": [start, moved], "until": "d120", "fires": [{"at": "d45 00:10"}]},
        {"events": [start, ended], "until": "d120"},
    )

    assert found == []


def test_a_figure_that_falls_to_the_ratio_fires_from_either_side_of_the_event_or_the_profile() -> None:
    seats = rule({"kind": "change", "attribute": "seats", "ratio": 0.80})
    stated = {"at": "d1 09:00", "type": "subscription.changed", "data": {"seats": 80, "seats_before": 100}}
    known = {"at": "d1 09:00", "type": "subscription.changed", "data": {"seats": 80}}
    small = {"at": "d1 09:00", "type": "subscription.changed", "data": {"seats": 81, "seats_before": 100}}

    found = faults(
        seats,
        {"events": [stated], "fires": [{"observed": 80, "baseline": 100}]},
        {"profile": {"seats": 100}, "events": [known], "fires": [{"observed": 80, "baseline": 100}]},
        {"events": [small, known]},
    )

    assert found == []


def test_a_segment_may_have_its_own_ratio() -> None:
    drop = {"kind": "drop", "measure": "usage_events", "shape": "week_over_week", "ratio": 0.5, "floor": 20, "rearm": 0.9, "exact": True}
    by_segment = rule(drop, overrides={"human-touch": {"ratio": 0.8}, "high": {"floor": 2000}})
    usage = [used("d0..d13 09:00", 10), used("d14..d20 09:00", 8)]
    story = {"events": usage, "until": "d21 00:10"}

    found = faults(
        by_segment,
        story,
        {**story, "profile": {"touch_model": "mid"}, "fires": [{"at": "d21 00:10", "observed": 56, "baseline": 70}]},
        {**story, "profile": {"touch_model": "high"}},
    )

    assert found == []


def test_events_without_a_subject_are_of_no_rule() -> None:
    by_user = rule({"kind": "event", "on": [{"type": "feature.used"}]}, subject="user")
    with_user, without = used("d0 09:00", 1), {"at": "d1 09:00", "type": "feature.used", "data": {"feature": "export"}}

    assert faults(by_user, {"events": [with_user, without], "fires": [{"at": "d0 09:00", "subject": "user u1"}]}) == []


FALL = {"kind": "drop", "measure": "usage_events", "shape": "week_over_week", "ratio": 0.7, "floor": 20, "rearm": 0.9}
FIVE_WEEKS = used("d0..d34 09:00", 4)
TWO_DAYS_OFF = {"events": [FIVE_WEEKS, used("d38..d60 09:00", 4)]}  # 16 of 28 at the close of day 37, and rising from day 42


def test_the_textbook_rule_does_not_ask_how_usual_a_fall_is() -> None:
    story = {**TWO_DAYS_OFF, "until": "d60"}

    assert faults(rule({**FALL, "exact": True}), {**story, "fires": [{"at": "d38 00:10", "observed": 16, "baseline": 28}]}) == []
    assert faults(rule(FALL), {**story, "decisions": [{"at": "d38 00:10", "reason": "not_unusual"}]}) == []


def test_a_fall_may_have_to_last_several_closes_running() -> None:
    story = {**TWO_DAYS_OFF, "until": "d60"}
    # Days 37 to 41 are five closes at 16 of 28; afterwards the week before has fallen too.
    held = rule({**FALL, "exact": True, "closes": 5})
    longer = rule({**FALL, "exact": True, "closes": 6})

    assert faults(held, {**story, "fires": [{"at": "d42 00:10", "observed": 16}]}) == []
    assert faults(longer, story) == []


def test_people_have_their_own_variation() -> None:
    people = rule({**FALL, "measure": "active_users", "floor": 5})
    steady = [used("d0..d34 09:00", 10), used("d35..d60 09:00", 6)]
    lively = [used(f"d{7 * n}..d{7 * n + 6} 09:00", 16 if n % 2 else 6) for n in range(5)]

    found = faults(
        people,
        {"events": steady, "until": "d60", "fires": [{"at": "d42 00:10", "observed": 6, "baseline": 10}]},
        {
            "events": lively,
            "until": "d35 00:10",
            "decisions": [{"at": "d21 00:10", "reason": "not_unusual"}, {"at": "d35 00:10", "reason": "not_unusual"}],
        },
    )

    assert found == []


def test_the_textbook_spike_does_not_ask_how_usual_a_week_is() -> None:
    spike = {"kind": "spike", "of": {"type": "ticket.created"}, "at_least": 3, "times": 2}
    tickets = [
        {"at": f"d{day} 09:00", "type": "ticket.created", "data": {"ticket_id": f"T-{day}"}}
        for day in (*range(1, 63, 7), 63, 65, 67)  # one a week, then three
    ]
    story = {"events": [{"at": "d0 08:00", "type": "account.created"}, *tickets]}

    assert faults(rule({**spike, "exact": True}), {**story, "fires": [{"at": "d67 09:00", "observed": 3, "baseline": 1}]}) == []
    assert faults(rule(spike), story) == []  # P(X >= 3) is 8 % for a mean of one


def test_two_weeks_and_months_of_events_have_their_own_variation() -> None:
    steady = [used("d0..d55 09:00", 10), used("d56..d69 09:00", 4)]
    lively = [used(f"d{7 * n}..d{7 * n + 6} 09:00", (6, 1)[n % 2]) for n in range(6)] + [used("d42..d69 09:00", 2)]
    two_weeks = rule({**FALL, "shape": "two_weeks"})
    month = rule({**FALL, "shape": "month_over_month", "ratio": 0.6})

    assert faults(two_weeks, {"events": steady, "until": "d70 00:10", "fires": [{"at": "d67 00:10", "observed": 28, "baseline": 70}]}) == []
    assert faults(month, {"events": [*steady, used("d70..d90 09:00", 3)], "until": "d91", "fires": [{"baseline": 70}]}) == []
    assert faults(two_weeks, {"events": lively, "until": "d70 00:10", "decisions": [{"reason": "not_unusual"}]}) == []


def test_people_who_are_on_holiday_are_not_missed() -> None:
    people = rule({**FALL, "measure": "active_users", "floor": 5})
    start = {"start": "2026-11-16", "until": "d50", "profile": {"timezone": "Europe/Berlin"}}
    year_end = [used("d0..d37 09:00", 10), used("d38..d45 09:00", 2), used("d46..d50 09:00", 10)]  # 24 to 31 December

    assert faults(people, {**start, "events": year_end, "decisions": [{"reason": "not_unusual"}]}) == []
    exact = rule({**FALL, "measure": "active_users", "floor": 5, "exact": True})
    assert faults(exact, {**start, "events": year_end, "fires": [{"observed": 2, "baseline": 10}]}) == []
