"""Episodes end: once, in words, handed on in the step that ended them; whoever asks afterwards hears that they are over."""

from typing import Any

import pytest

from plays.loading.rules import LIBRARY, load_rules
from plays.loading.segments import POLICY, load_segments
from plays.rules.book import RuleBook
from plays.rules.timeline import Case
from schemas.records.trigger import Trigger
from schemas.records.wire import rfc3339, utc
from streams.processing.effects import Cleared, Raise
from streams.processing.judging import EpisodeRef
from streams.processing.library import Change
from streams.processing.moment import Moment
from streams.signals.driver import Driver
from streams.signals.judge import EpisodeJudge
from streams.signals.processor import SignalsProcessor
from streams.signals.standing import MAX_STANDING
from streams.signals.timeline import events_of

SEGMENTS = load_segments(POLICY)
RULES = {rule.id: rule for rule in load_rules(LIBRARY, SEGMENTS.names)}


def driven(events: list[dict[str, Any]], *names: str, **profile: Any) -> Driver:
    case = Case(name="story", kind="fires", profile=profile, events=tuple(events))
    driver = Driver(SignalsProcessor(RuleBook(RULES[name] for name in names), SEGMENTS), "acme")
    driver.run(events_of(case.payloads()))
    return driver


def in_order(driver: Driver) -> list[tuple[str, str, str]]:
    """Triggers and ends: which, of what, when (event time of the end, task time of the trigger)."""
    found: list[tuple[str, str, str]] = []
    for one in driver.happened:
        if isinstance(one.effect, Raise):
            found.append(("fired", one.effect.trigger.subject.id, rfc3339(one.effect.trigger.time)))
        elif isinstance(one.effect, Cleared):
            found.append(("expired" if one.effect.expired else "cleared", one.effect.subject.id, rfc3339(utc(one.effect.at_ms))))
    return found


def raised(driver: Driver) -> list[Trigger]:
    return [one.effect.trigger for one in driver.happened if isinstance(one.effect, Raise)]


def p1(at: str, ticket: str = "T-1") -> dict[str, Any]:
    return {"at": at, "type": "ticket.created", "data": {"ticket_id": ticket, "priority": "P1"}}


def test_a_p1_is_over_with_the_event_that_ends_it_and_only_the_one_it_is_about() -> None:
    events = [p1("d0 09:00"), p1("d0 09:30", "T-2"), {"at": "d0 12:00", "type": "ticket.resolved", "data": {"ticket_id": "T-1"}}]
    events.append({"at": "d1 12:00", "type": "ticket.closed", "data": {"ticket_id": "T-1"}})
    driver = driven(events, "T07")

    assert in_order(driver) == [
        ("fired", "T-1", "2026-03-02T09:00:00.000Z"),
        ("fired", "T-2", "2026-03-02T09:30:00.000Z"),
        ("cleared", "T-1", "2026-03-02T12:00:00.000Z"),
    ]
    judge, (first, second) = EpisodeJudge(RuleBook([RULES["T07"]])), raised(driver)
    assert judge.holds(driver.cells, EpisodeRef.of(first), Moment(driver.now_ms)) is False
    assert judge.holds(driver.cells, EpisodeRef.of(second), Moment(driver.now_ms)) is True


def test_of_what_never_fired_and_of_rules_that_do_not_run_nothing_can_be_said() -> None:
    driver = driven([p1("d0 09:00")], "T07")
    (trigger,) = raised(driver)
    now, ref = Moment(driver.now_ms), EpisodeRef.of(trigger)

    assert EpisodeJudge(RuleBook([RULES["T07"]])).holds(driver.cells, ref._replace(subject_id="T-9"), now) is None
    assert EpisodeJudge(RuleBook([RULES["T04"]])).holds(driver.cells, ref, now) is None
    assert EpisodeJudge(RuleBook([RULES["T07"]])).holds(driver.cells, ref._replace(rule="MODEL1"), now) is None


def test_churn_ends_all_and_says_nothing_of_each() -> None:
    driver = driven([p1("d0 09:00"), {"at": "d2 09:00", "type": "account.churned"}], "T07")
    (trigger,) = raised(driver)

    assert in_order(driver) == [("fired", "T-1", "2026-03-02T09:00:00.000Z")]
    assert EpisodeJudge(RuleBook([RULES["T07"]])).holds(driver.cells, EpisodeRef.of(trigger), Moment(driver.now_ms)) is False


def test_an_episode_opened_in_silence_ends_in_silence() -> None:
    """Nobody was told that it began."""
    processor = SignalsProcessor(RuleBook([RULES["T07"].model_copy(update={"status": "experimental"})]), SEGMENTS)
    trial = Driver(processor, "acme")
    case = Case(name="s", kind="fires", events=(p1("d0 09:00"), {"at": "d1", "type": "ticket.resolved", "data": {"ticket_id": "T-1"}}))
    trial.run(events_of(case.payloads()))

    assert in_order(trial) == []


def test_a_retired_rule_forgets_what_stands_and_an_edited_one_goes_on() -> None:
    low = {"at": "d0 09:00", "type": "survey.responded", "data": {"kind": "csat", "score": 1, "contact_id": "c-1"}}
    driver = driven([low, p1("d0 10:00")], "T07", "T10")
    score, ticket = (EpisodeRef.of(one) for one in raised(driver))
    assert [name for name, _ in driver.deadlines] == ["clears_T10"]

    now, both = Moment(driver.now_ms), EpisodeJudge(RuleBook([RULES["T07"], RULES["T10"]]))
    retired = SignalsProcessor(RuleBook([RULES["T07"]]), SEGMENTS)
    driver.pass_to(retired, Change(frozenset(), frozenset({"T07"}), frozenset({"T10"}), frozenset()))

    assert driver.deadlines == []
    assert both.holds(driver.cells, score, now) is None
    assert both.holds(driver.cells, ticket, now) is True


def test_what_ends_by_time_is_planned_anew_by_other_figures() -> None:
    low = {"at": "d0 09:00", "type": "survey.responded", "data": {"kind": "csat", "score": 1, "contact_id": "c-1"}}
    driver = driven([low, {"at": "d40 09:00", "type": "account.updated"}], "T10")
    shorter = RULES["T10"].detector.model_copy(update={"lasts": 30})
    edited = SignalsProcessor(RuleBook([RULES["T10"].model_copy(update={"detector": shorter})]), SEGMENTS)
    driver.pass_to(edited, Change(frozenset(), frozenset({"T10"}), frozenset(), frozenset()))
    driver.run([], driver.now_ms)

    assert in_order(driver)[1:] == [("expired", "c-1", "2026-04-01T09:00:00.000Z")]


def test_what_ends_because_nothing_came_waits_for_its_feed_and_a_clock_for_none() -> None:
    processor = SignalsProcessor(RuleBook(RULES.values()), SEGMENTS)

    assert [processor.silent_topics(f"clears_{name}") for name in ("T30", "T31", "T10", "T57")] == [("tickets",), ("tickets",), (), ()]


def test_of_more_than_two_hundred_at_once_the_oldest_is_forgotten_without_a_word() -> None:
    events = [
        p1(f"d{number // 20} {9 + number % 20 // 2:02d}:{30 * (number % 2):02d}", f"T-{number}") for number in range(MAX_STANDING + 1)
    ]
    driver = driven(events, "T07")
    judge, now = EpisodeJudge(RuleBook([RULES["T07"]])), Moment(driver.now_ms)

    assert [judge.holds(driver.cells, EpisodeRef.of(one), now) for one in raised(driver)] == [None] + [True] * MAX_STANDING
    assert {what for what, _, _ in in_order(driver)} == {"fired"}


def test_what_began_later_than_the_event_named_ends_not_by_it() -> None:
    """Of events of the same instant none is before the other."""
    updated = {"type": "plan.updated", "data": {"plan_id": "P"}}
    signal = {"type": "expansion.signal", "data": {"kind": "seats"}}
    events = [{"at": "d0 09:00", **updated}, {"at": "d5 09:00", **signal}, {"at": "d5 09:00", **updated}, {"at": "d6 09:00", **updated}]

    assert in_order(driven(events, "T49")) == in_order(driven([events[0], events[2], events[1], events[3]], "T49")) == [
        ("fired", "acme", "2026-03-07T09:00:00.000Z"),
        ("cleared", "acme", "2026-03-08T09:00:00.000Z"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "what", "ends", "how"),
    [
        ("T17", {"type": "contact.left"}, "expired", "contact left"),
        ("T17", {"type": "contact.role_changed", "data": {"role": "user"}}, "expired", "contact role changed"),
        ("T17", {"type": "email.replied", "data": {"from": "c-1"}}, "cleared", "email replied"),
        ("T14", {"type": "renewal.stage_changed", "data": {"stage": "Closed Lost"}}, "expired", "renewal stage changed"),
        ("T14", {"type": "renewal.stage_changed", "data": {"stage": "won"}}, "cleared", "renewal stage changed"),
        ("T14", {"type": "contract.ended"}, "expired", "contract ended"),
        ("T14", {"type": "contract.renewed", "data": {"renewal_date": "d800"}}, "cleared", "contract renewed"),
        ("T19", {"type": "contract.started", "data": {"renewal_date": "d500"}}, "expired", "it is to be renewed on 2027-07-15 now"),
        ("T27", {"type": "contract.started", "data": {"renewal_date": "d500"}}, "cleared", "it is to be renewed on 2027-07-15 now"),
        ("T19", {"type": "renewal.confidence", "data": {"confidence": "medium"}}, "cleared", "nothing speaks against the renewal any more"),
    ],
)
def test_what_is_gone_has_not_recovered(rule: str, what: dict[str, Any], ends: str, how: str) -> None:
    named = {"contact_id": "c-1"} if rule == "T17" else {"contract_id": "K-1"}
    named = {} if what["type"] == "email.replied" else named
    before = [
        {"at": "d0 08:00", "type": "contract.started", "data": {"contract_id": "K-1", "renewal_date": "d100"}},
        {"at": "d0 09:00", "type": "contact.added", "data": {"contact_id": "c-1", "role": "executive_sponsor"}},
        {"at": "d0 09:00", "type": "renewal.stage_changed", "data": {"contract_id": "K-1", "stage": "procurement"}},
        {"at": "d1 09:00", "type": "renewal.confidence", "data": {"contract_id": "K-1", "confidence": "low"}},
    ]
    driver = driven([*before, {**what, "at": "d68 09:00", "data": {**named, **what.get("data", {})}}], rule, touch_model="mid")
    (end,) = [one.effect for one in driver.happened if isinstance(one.effect, Cleared)]

    assert ("expired" if end.expired else "cleared", end.how) == (ends, how)
