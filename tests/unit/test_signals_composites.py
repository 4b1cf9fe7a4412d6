"""Conditions of several parts, events with conditions beside them, rules that listen to rules, silences."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from plays.loading.rules import LIBRARY, load_rules
from plays.loading.segments import POLICY, load_segments
from plays.rules.book import RuleBook
from plays.rules.matcher import EventMatch
from plays.rules.measures import MEASURES as MEASURES_TOLD
from plays.rules.rule import Rule
from plays.rules.scales import scaled
from plays.rules.silences import SILENCES as SILENCES_TOLD
from schemas.records.trigger import Trigger
from streams.processing.deadline import Deadline
from streams.processing.effects import Decide, Raise
from streams.processing.moment import Moment
from streams.processing.proof import Proof
from streams.signals.driver import Driver
from streams.signals.measures.registry import MEASURES
from streams.signals.processor import SignalsProcessor
from streams.signals.silences.registry import SILENCES
from streams.signals.timeline import events_of

SEGMENTS = load_segments(POLICY)
LIBRARY_RULES = {rule.id: rule for rule in load_rules(LIBRARY, SEGMENTS.names)}
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
CREATED = {"type": "account.created", "at": 0, "touch_model": "mid"}


def rule(detector: dict[str, Any], **fields: Any) -> Rule:
    stated = LIBRARY_RULES["T07"].model_dump(mode="json", exclude_unset=True)
    made = Rule.model_validate({**stated, "id": "X1", "subject": "account", **fields, "detector": detector})
    assert list(made.problems()) == []
    return made


def told(rules: list[Rule], *events: dict[str, Any], until: float | None = None) -> list[Trigger]:
    payloads = [
        {
            "event_id": f"e{n}",
            "account_id": "acme",
            "source": "test",
            **event,
            "occurred_at": (START + timedelta(days=event["at"])).isoformat(),
        }
        for n, event in enumerate(events)
    ]
    driver = Driver(SignalsProcessor(RuleBook(rules), SEGMENTS), "acme")
    end = None if until is None else round((START + timedelta(days=until)).timestamp() * 1000)
    driver.run(events_of([{name: value for name, value in one.items() if name != "at"} for one in payloads]), end)
    return [happened.effect.trigger for happened in driver.happened if isinstance(happened.effect, Raise)]


ESCALATED = {"event": {"type": "ticket.escalated"}, "within": "10d"}
OPEN = {"measure": "onboarding_open", "equals": True}
BOTH = rule({"kind": "all_of", "parts": [ESCALATED, OPEN]})
EITHER = rule({"kind": "any_of", "parts": [ESCALATED, {"measure": "onboarding_open", "equals": True}]})


def escalated(at: float) -> dict[str, Any]:
    return {"type": "ticket.escalated", "at": at, "ticket_id": "T-1"}


def test_all_of_fires_when_the_last_part_becomes_true_and_once() -> None:
    assert [one.episode for one in told([BOTH], escalated(0), {**CREATED, "at": 3}, escalated(4))] == ["2026-03-05T09:00:00.000Z"]


@pytest.mark.parametrize("events", [[escalated(0)], [CREATED], [escalated(0), {**CREATED, "at": 10}]], ids=["one", "other", "too late"])
def test_all_of_is_silent_without_one_part(events: list[dict[str, Any]]) -> None:
    assert told([BOTH], *events) == []


def test_all_of_fires_again_after_an_event_has_gone_out_of_its_days() -> None:
    found = told([BOTH], CREATED, escalated(1), escalated(9), escalated(19), escalated(30))

    assert [one.episode[:10] for one in found] == ["2026-03-03", "2026-04-01"]


def test_a_condition_that_comes_and_goes_is_said_once_in_its_cooldown() -> None:
    resting = rule({"kind": "all_of", "parts": [ESCALATED, OPEN]}, cooldown="20d")

    found = told([resting], CREATED, escalated(1), escalated(12), escalated(13), escalated(30))

    assert [one.episode[:10] for one in found] == ["2026-03-03", "2026-04-01"]


def test_any_of_fires_at_the_first_part() -> None:
    assert [one.episode for one in told([EITHER], escalated(0), {**CREATED, "at": 3})] == ["2026-03-02T09:00:00.000Z"]
    assert [one.evidence.facts for one in told([EITHER], CREATED)] == [{"onboarding_open": True}]


def test_an_event_with_a_condition_beside_it() -> None:
    asking = rule({"kind": "event", "on": [{"type": "ticket.created"}], "also": [OPEN]})
    ticket = {"type": "ticket.created", "ticket_id": "T-1"}

    assert len(told([asking], CREATED, {**ticket, "at": 1})) == 1
    assert told([asking], CREATED, {"type": "onboarding.completed", "at": 1}, {**ticket, "at": 2}) == []


def test_a_rule_listens_to_another() -> None:
    first = rule({"kind": "event", "on": [{"type": "ticket.escalated"}]})
    second = rule({"kind": "event", "on_rules": ["X1"]}, id="X2")

    found = told([first, second], escalated(1))

    assert [one.rule for one in found] == ["X1", "X2"]
    assert found[1].evidence.facts["trigger_id"] == found[0].trigger_id
    assert found[1].episode == found[0].episode
    assert told([second], escalated(1)) == []


@pytest.mark.parametrize(
    ("match", "data", "holds"),
    [
        ({"at_most": {"score": 2}, "scaled": "1-5"}, {"kind": "csat", "score": 2}, True),
        ({"at_most": {"score": 2}, "scaled": "1-5"}, {"kind": "csat", "score": 25, "scale": "0-100"}, True),
        ({"at_most": {"score": 2}, "scaled": "1-5"}, {"kind": "csat", "score": 26, "scale": "0-100"}, False),
        ({"at_most": {"score": 6}, "scaled": "0-10"}, {"kind": "nps", "score": 7}, False),
        ({"at_least": {"score": 9}}, {"kind": "nps", "score": 9}, True),
        ({"at_least": {"score": 9}}, {"kind": "nps"}, False),
        ({"at_most": {"score": 2}, "scaled": "1-5"}, {"kind": "csat", "score": 7}, False),
        ({"missing": ["contact_id", "comment"]}, {"contact_id": "c"}, True),
        ({"missing": ["contact_id", "comment"]}, {"contact_id": "c", "comment": "x"}, False),
    ],
)
def test_events_are_matched_by_bounds_and_by_what_is_missing(match: dict[str, Any], data: dict[str, Any], *, holds: bool) -> None:
    assert EventMatch.model_validate({"type": "survey.responded", **match}).holds(data) is holds


def test_scores_move_between_scales_without_rounding_at_the_ends() -> None:
    assert [scaled(score, "1-5", "0-10") for score in (1, 3, 5)] == [0, 5, 10]
    assert scaled(6, "0-10", "0-10") == 6


@pytest.mark.parametrize(
    "detector",
    [
        {"kind": "all_of", "parts": [OPEN, {"measure": "mood", "at_least": 1}]},
        {"kind": "all_of", "parts": [OPEN, {"measure": "active_users_7d"}]},
        {"kind": "any_of", "parts": [OPEN, {"event": {"type": "no.such"}, "within": "3d"}]},
        {"kind": "event"},
        {"kind": "silence", "of": "birds", "days": "3d"},
    ],
)
def test_what_nobody_knows_is_refused(detector: dict[str, Any]) -> None:
    stated = LIBRARY_RULES["T07"].model_dump(mode="json", exclude_unset=True)

    assert list(Rule.model_validate({**stated, "detector": detector}).problems()) != []


def test_what_authors_are_told_of_is_what_there_is() -> None:
    assert sorted(MEASURES) == sorted(MEASURES_TOLD)
    assert sorted(SILENCES) == sorted(SILENCES_TOLD)


def test_a_silence_that_is_held_is_told_with_its_subjects_and_cleared_when_it_was_none() -> None:
    review = LIBRARY_RULES["T41"]
    signals = SignalsProcessor(RuleBook([review]), SEGMENTS)
    driver = Driver(signals, "acme")
    created = {"event_id": "e0", "account_id": "acme", "source": "test", "type": "account.created", "touch_model": "mid"}
    driver.run(events_of([{**created, "occurred_at": START.isoformat()}]))
    ((name, at_ms),) = driver.deadlines
    proof = Proof(unproven=False, held_ms=None, topics=("engagement",), heard=lambda _: {"engagement/calendar": at_ms - 5})

    held = list(signals.on_held(driver.cells, Deadline(name, at_ms), Moment(at_ms, proof=proof)))
    driver.run(events_of([{**created, "type": "qbr.completed", "event_id": "e1", "occurred_at": (START + timedelta(days=91)).isoformat()}]))
    returned = Moment(at_ms + 9, proof=proof._replace(held_ms=at_ms))
    cleared = list(signals.on_deadline(driver.cells, Deadline(name, at_ms), returned))

    assert [one.decision.reason for one in held if isinstance(one, Decide)] == ["held"]
    assert [one.decision.facts["subjects"] for one in held if isinstance(one, Decide)] == ["acme"]
    assert [one.decision.reason for one in cleared if isinstance(one, Decide)] == ["cleared"]
