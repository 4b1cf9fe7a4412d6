"""What the processor does beyond any one rule: scope, zones, churn, status, lateness, bounds."""

import re
from typing import Any

import pytest
from pydantic import TypeAdapter

from plays.loading.rules import LIBRARY, load_rules
from plays.loading.segments import POLICY, load_segments
from plays.loading.switches import load_switches
from plays.rules.book import RuleBook
from plays.rules.rule import Rule
from plays.rules.timeline import Case
from schemas.events.registry import KINDS
from schemas.records.decision import Decision
from schemas.records.trigger import Trigger
from schemas.records.wire import rfc3339
from streams.processing.account import CONTACTS, PROFILE
from streams.processing.cells import Cells
from streams.processing.deadline import Deadline
from streams.processing.effects import Decide, Raise
from streams.processing.moment import Moment
from streams.signals.driver import Driver
from streams.signals.facts.contacts import MAX_CONTACTS
from streams.signals.processor import OF_THE_RELATION, SignalsProcessor
from streams.signals.state import TODAY
from streams.signals.timeline import events_of

SEGMENTS = load_segments(POLICY)
CORE = load_switches(POLICY).instead(("core",))
RULES = {rule.id: rule for rule in load_rules(LIBRARY, SEGMENTS.names) if CORE.running([rule.id])}


def driven(story: dict[str, Any], *rules: Rule, go_live_ms: int = 0) -> Driver:
    case = TypeAdapter(Case).validate_python({"name": "story", "kind": "fires", **story})
    driver = Driver(SignalsProcessor(RuleBook(rules or RULES.values()), SEGMENTS), "acme", go_live_ms)
    driver.run(events_of(case.payloads()), None if case.until is None else round(case.moment(case.until).timestamp() * 1000))
    return driver


def triggers(driver: Driver) -> list[Trigger]:
    return [one.effect.trigger for one in driver.happened if isinstance(one.effect, Raise)]


def decisions(driver: Driver) -> list[Decision]:
    return [one.effect.decision for one in driver.happened if isinstance(one.effect, Decide)]


def told(driver: Driver) -> list[tuple[str, str]]:
    return [(trigger.rule, rfc3339(trigger.time)) for trigger in triggers(driver)]


P1 = {"at": "d0 09:00", "type": "ticket.created", "data": {"ticket_id": "T-1", "priority": "P1"}}


def test_a_trigger_says_which_rule_why_from_where_and_what_clears_it() -> None:
    (found,) = triggers(driven({"events": [P1]}, RULES["T07"]))

    assert found.model_dump(exclude={"trigger_id", "rule_hash"}) == {
        "rule": "T07", "rule_version": 1, "account_id": "acme", "concern": "support", "subject": {"kind": "ticket", "id": "T-1"},
        "episode": "2026-03-02T09:00:00.000Z", "time": found.time, "priority": "P1", "outcome": "support_friction",
        "owner_role": "support_lead", "play": "swat", "first_action": "2h", "act_by": None, "historical": False,
        "evidence": {
            "summary": "P1 ticket (ticket T-1): priority P1.", "observed": None, "baseline": None, "threshold": None, "unit": None,
            "window": None, "baseline_window": None, "facts": {"event_type": "ticket.created", "priority": "P1"},
            "segment_path": ("all", "tech"), "set_by": {}, "sources": ({"topic": "tickets", "partition": 0, "offset": 0},),
            "silence": None, "clears_when": "the ticket is resolved, closed or lowered",
        },
    }  # fmt: skip
    assert (rfc3339(found.time), found.rule_hash) == ("2026-03-02T09:00:00.000Z", RULES["T07"].content_hash)


def test_before_going_live_triggers_are_marked_historical() -> None:
    later = {**P1, "at": "d2 09:00", "data": {"ticket_id": "T-2", "priority": "P1"}}
    driver = driven({"events": [P1, later]}, RULES["T07"], go_live_ms=1_772_500_000_000)

    assert [trigger.historical for trigger in triggers(driver)] == [True, False]


def test_an_experimental_rule_decides_instead_of_firing_and_a_retired_one_does_nothing() -> None:
    trial, gone = (RULES["T07"].model_copy(update={"status": status}) for status in ("experimental", "retired"))

    assert [(str(one.reason), one.rule) for one in decisions(driven({"events": [P1]}, trial))] == [("experimental", "T07")]
    assert driven({"events": [P1]}, gone).happened == []


def test_a_deadline_of_a_rule_that_is_gone_is_forgotten() -> None:
    processor = SignalsProcessor(RuleBook([RULES["T07"]]), SEGMENTS)

    assert list(processor.on_deadline(Cells("acme"), Deadline("T99:account", 1), Moment(1))) == []


def test_scope_is_that_of_the_moment_of_firing() -> None:
    events = [
        {"at": "d0 09:00", "type": "account.handoff"},
        {"at": "d5 09:00", "type": "account.updated", "data": {"touch_model": "tech"}},
    ]

    assert told(driven({"profile": {"touch_model": "high"}, "events": events, "until": "d9"}, RULES["T02"])) == []


@pytest.mark.parametrize(
    ("profile", "path"),
    [
        ({}, ("all", "tech")),
        ({"acv": 4999.0}, ("all", "tech")),
        ({"acv": 5000.0}, ("all", "human-touch", "mid")),
        ({"acv": 50_000.0}, ("all", "human-touch", "high")),
        ({"mrr": 4166.0}, ("all", "human-touch", "mid")),
        ({"acv": 1.0, "strategic": True}, ("all", "human-touch", "high")),
        ({"acv": 90_000.0, "strategic": True, "touch_model": "tech"}, ("all", "tech")),
        ({"acv": 90_000.0, "touch_model": "platinum"}, ("all", "human-touch", "high")),
    ],
)
def test_the_touch_model_is_stated_or_follows_from_what_the_account_pays(profile: dict[str, Any], path: tuple[str, ...]) -> None:
    (found,) = triggers(driven({"profile": {"name": "Acme", **profile}, "events": [P1]}, RULES["T07"]))

    assert found.evidence.segment_path == path


def test_the_acv_of_the_latest_contract_stands_in_for_an_unknown_one() -> None:
    events = [
        {"at": "d0 08:00", "type": "contract.started", "data": {"contract_id": "K-1", "acv": 60_000}},
        {"at": "d0 08:30", "type": "contract.renewed", "data": {"contract_id": "K-1", "acv": 6_000}},
        P1,
    ]

    assert triggers(driven({"events": events}, RULES["T07"]))[0].evidence.segment_path == ("all", "human-touch", "mid")


def test_a_change_of_timezone_moves_pending_deadlines() -> None:
    events = [
        {"at": "d0 01:00", "type": "account.created"},
        {"at": "d3 01:00", "type": "account.updated", "data": {"timezone": "America/New_York"}},
    ]

    # Created at 01:00 UTC on d0 is the evening before in New York, so day 7 ends a day earlier, at 04:00 UTC.
    assert told(driven({"events": events, "until": "d9"}, RULES["J2"])) == [("J2", "2026-03-09T04:10:00.000Z")]


def test_usage_goes_on_being_closed_by_the_days_of_the_new_zone() -> None:
    usage = {"at": "d0..d27 09:00", "type": "feature.used", "data": {"feature": "export"}, "count": 6}
    moved = {"at": "d20 12:00", "type": "account.updated", "data": {"timezone": "Asia/Tokyo"}}

    found = told(driven({"events": [usage, moved], "until": "d60"}, RULES["T04"]))

    assert found == [("T04", "2026-04-03T15:10:00.000Z")]


def test_late_usage_counts_on_its_own_day() -> None:
    steady = [{"at": "d0..d34 09:00", "type": "feature.used", "data": {"feature": "export"}, "count": 100}]
    low = {"at": "d35..d41 09:00", "type": "feature.used", "data": {"feature": "export"}, "count": 70}
    case = TypeAdapter(Case).validate_python({"name": "late", "kind": "fires", "events": [*steady, low]})
    events = events_of(case.payloads())
    late = [event for event in events if event.time_ms >= events[-1].time_ms - 2 * 86_400_000][:3]
    end = round(case.moment("d42 00:10").timestamp() * 1000)

    in_time, without, afterwards = (Driver(SignalsProcessor(RuleBook([RULES["T04"]]), SEGMENTS), "acme") for _ in range(3))
    in_time.run(events, end)
    without.run([event for event in events if event not in late], end)
    afterwards.run([*(event for event in events if event not in late), *late], end)

    figures = [[trigger.evidence.observed for trigger in triggers(driver)] for driver in (in_time, without, afterwards)]
    assert figures == [[490.0], [487.0], [490.0]]


def test_churn_drops_the_course_of_the_relation_and_says_so_once() -> None:
    events = [
        {"at": "d0 08:00", "type": "contact.added", "data": {"contact_id": "c-1", "role": "champion"}},
        {"at": "d0 08:00", "type": "milestone.started", "data": {"milestone_id": "M-1"}},
        P1,
        {"at": "d1 09:00", "type": "account.churned"},
        {"at": "d2 09:00", "type": "account.churned"},
        {"at": "d3 09:00", "type": "feature.used", "data": {"feature": "export"}},
    ]
    driver = driven({"profile": {"name": "Acme"}, "events": events, "until": "d60"})

    assert told(driver) == [("T07", "2026-03-02T09:00:00.000Z")]
    assert [(str(one.reason), one.facts) for one in decisions(driver)] == [("churned", {"episodes": 1, "deadlines": 1})]
    assert (driver.cells[PROFILE].name, list(driver.cells[CONTACTS].people)) == ("Acme", ["c-1"])
    assert [cell.name for cell in OF_THE_RELATION if cell in driver.cells] == []


def test_an_account_that_comes_back_starts_anew() -> None:
    events = [
        {"at": "d0 08:00", "type": "account.created"},
        {"at": "d1 09:00", "type": "account.churned"},
        {"at": "d100 08:00", "type": "account.created"},
    ]

    assert told(driven({"events": events, "until": "d120"}, RULES["J2"])) == [("J2", "2026-06-18T00:10:00.000Z")]


def test_day_closes_stop_when_nothing_can_change_and_start_with_usage() -> None:
    usage = {"at": "d0 09:00", "type": "feature.used", "data": {"feature": "export"}}
    again = {"at": "d100 09:00", "type": "feature.used", "data": {"feature": "export"}}

    quiet, back = driven({"events": [usage], "until": "d99"}), driven({"events": [usage, again], "until": "d100 10:00"})

    assert (quiet.deadlines_met, quiet.deadlines) == (43, [])
    assert [name for name, _ in back.deadlines] == ["day_close"]


def test_contacts_are_bounded_and_those_who_left_go_first() -> None:
    people = [{"at": "d0 08:00", "type": "contact.added", "data": {"contact_id": f"c-{n}"}} for n in range(MAX_CONTACTS)]
    left = {"at": "d1 08:00", "type": "contact.left", "data": {"contact_id": "c-7"}}
    more = {"at": "d2 08:00", "type": "contact.added", "data": {"contact_id": "c-new"}}
    found = driven({"events": [*people, left, more]}).cells[CONTACTS].people

    assert (len(found), "c-7" in found, "c-0" in found, "c-new" in found) == (MAX_CONTACTS, False, True, True)


def test_usage_without_a_user_and_by_staff_is_told_apart() -> None:
    events = [
        {"at": "d0 09:00", "type": "feature.used", "data": {"feature": "export"}, "count": 2},
        {"at": "d0 10:00", "type": "feature.used", "data": {"feature": "export", "actor": "staff"}, "users": 1},
        {"at": "d0 11:00", "type": "feature.used", "data": {"feature": "export", "actor": "robot"}, "users": 1},
        {"at": "d0 12:00", "type": "feature.used", "data": {"feature": "share", "actor": "human"}, "count": 4, "users": 3},
    ]
    today = driven({"events": events}).cells[TODAY]

    assert (today.count, sorted(today.users), sorted(today.features)) == (6, ["u1", "u2", "u3"], ["export", "share"])


@pytest.mark.parametrize("at", ["0001-01-03T00:00:00Z", "1969-12-31T23:59:59.999Z", "9999-12-29T00:00:00Z"])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_no_date_that_a_publisher_can_state_breaks_anything(at: str, day: str) -> None:
    signals = SignalsProcessor(RuleBook(RULES.values()), SEGMENTS)
    examples = [dict(kind.example) for kind in KINDS if kind.name in signals.event_types]
    dated = [{name: day if is_day(value) else value for name, value in one.items()} for one in examples]
    ordered = sorted(dated, key=lambda one: (one["type"] != "account.created", one["type"] == "account.churned"))
    driver = Driver(signals, "acme")

    driver.run(events_of([{**one, "occurred_at": at} for one in ordered * 2]), 300_000_000_000_000)

    assert {trigger.rule for trigger in triggers(driver)} >= {"T01", "T07"}


def is_day(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None
