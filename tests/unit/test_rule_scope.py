"""What a rule requires of an account besides its segment, judged when it would fire."""

from itertools import permutations
from typing import Any

import pytest
from pydantic import TypeAdapter

from plays.loading.rules import LIBRARY, load_rules
from plays.loading.segments import POLICY, load_segments
from plays.rules.book import RuleBook
from plays.rules.rule import Rule
from plays.rules.timeline import Case
from streams.processing.effects import Raise
from streams.signals.driver import Driver
from streams.signals.processor import SignalsProcessor
from streams.signals.timeline import events_of

SEGMENTS = load_segments(POLICY)
RULES = {rule.id: rule for rule in load_rules(LIBRARY, SEGMENTS.names)}
TICKET = {"at": "d5 09:00", "type": "ticket.created", "data": {"ticket_id": "T-1", "priority": "P1"}}


def requiring(situation: str, rule_id: str = "T07") -> Rule:
    return Rule.model_validate({**RULES[rule_id].model_dump(mode="json", exclude_unset=True), "requires": situation})


def fired(rule: Rule, *happenings: dict[str, Any], until: str | None = None) -> list[str]:
    case = TypeAdapter(Case).validate_python({"name": "story", "kind": "fires", "events": happenings, "until": until})
    driver = Driver(SignalsProcessor(RuleBook([rule]), SEGMENTS), "acme")
    driver.run(events_of(case.payloads()), None if case.until is None else round(case.moment(case.until).timestamp() * 1000))
    return [one.effect.trigger.rule for one in driver.happened if isinstance(one.effect, Raise)]


def at(when: str, event_type: str) -> dict[str, Any]:
    return {"at": when, "type": event_type}


@pytest.mark.parametrize(
    ("before", "fires"),
    [
        ([], False),
        ([at("d4 09:00", "plan.created")], True),
        ([at("d4 09:00", "plan.updated")], True),
        ([at("d6 09:00", "plan.created")], False),
        ([at("d3 09:00", "plan.created"), at("d4 09:00", "account.churned"), at("d4 10:00", "account.reactivated")], False),
    ],
)
def test_with_a_plan(before: list[dict[str, Any]], fires: bool) -> None:
    assert fired(requiring("plan"), *before, TICKET) == ["T07"] * fires


@pytest.mark.parametrize(
    ("before", "fires"),
    [
        ([], False),
        ([at("d4 09:00", "account.created")], True),
        ([at("d4 09:00", "account.handoff")], True),
        ([at("d3 09:00", "account.created"), at("d4 09:00", "onboarding.completed")], False),
        ([at("d3 09:00", "account.created"), at("d6 09:00", "onboarding.completed")], True),
    ],
)
def test_in_onboarding(before: list[dict[str, Any]], fires: bool) -> None:
    assert fired(requiring("onboarding"), *before, TICKET) == ["T07"] * fires


@pytest.mark.parametrize(
    ("situation", "event_type", "fires"),
    [("plan", "plan.created", False), ("onboarding", "account.created", False), ("onboarding", "onboarding.completed", True)],
)
def test_of_events_of_one_instant_none_is_before_the_other(situation: str, event_type: str, fires: bool) -> None:
    created = [at("d1 09:00", "account.created")] if event_type == "onboarding.completed" else []

    found = {tuple(fired(requiring(situation), *created, *order)) for order in permutations((TICKET, at("d5 09:00", event_type)))}

    assert found == {("T07",) * fires}


def test_a_deadline_is_judged_when_it_comes_not_when_it_was_planned() -> None:
    created, planned = at("d0 09:00", "account.created"), at("d5 09:00", "plan.created")
    profile = {"at": "d0 08:00", "type": "account.updated", "data": {"touch_model": "mid"}}

    assert fired(requiring("plan", "J2"), profile, created, until="d20") == []
    assert fired(requiring("plan", "J2"), profile, created, planned, until="d20") == ["J2"]
    assert fired(requiring("onboarding", "J2"), profile, created, at("d5 09:00", "onboarding.completed"), until="d20") == []
