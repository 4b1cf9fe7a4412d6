"""Every rule of the library, on a story in which it fires: what scope, a trial and a policy make of its triggers."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest

from plays.loading.health import load_health
from plays.loading.rules import LIBRARY, load_rules, load_timeline
from plays.loading.segments import POLICY, load_segments
from plays.rules.book import RuleBook
from plays.rules.resolution import Layer
from plays.rules.rule import Rule
from schemas.records.decision import Decision
from schemas.records.trigger import Trigger
from streams.processing.effects import Decide, Raise
from streams.signals.driver import Driver
from streams.signals.processor import SignalsProcessor
from streams.signals.timeline import events_of

SEGMENTS = load_segments(POLICY)
HEALTH = load_health(POLICY, SEGMENTS.names)
RULES = {rule.id: rule for rule in load_rules(LIBRARY, SEGMENTS.names)}
ANSWER = {"play": "kickoff", "owner": "csm_pool+cs_lead", "sla": "17h"}

BEGINS = {
    "plan": ("plan.created", "plan.updated"), "onboarding": ("account.created", "account.handoff"),
    "onboarded": ("onboarding.completed",),
}  # fmt: skip
OF_THE_PLAN_ITSELF = {"T48"}  # what it waits for is the plan's own events


def told(rule: Rule, policy: Sequence[Layer] = (), *, on_trial: bool = False) -> tuple[list[Trigger], list[Decision]]:
    """Triggers and decisions of the rule on the first story of its timeline in which it fires."""
    case = next(case for case in load_timeline(LIBRARY, rule.id).cases if case.fires)
    others = [RULES[name] for name in rule.detector.sources()]
    book = RuleBook([rule, *others], {rule.id: policy}, {rule.id} if on_trial else ())
    driver = Driver(SignalsProcessor(book, SEGMENTS, HEALTH), "acme")
    driver.run(events_of(case.payloads()), None if case.until is None else round(case.moment(case.until).timestamp() * 1000))
    effects = [one.effect for one in driver.happened]
    return (
        [one.trigger for one in effects if isinstance(one, Raise) and one.trigger.rule == rule.id],
        [one.decision for one in effects if isinstance(one, Decide) and one.decision.rule == rule.id],
    )


@cache
def as_shipped(rule_id: str) -> tuple[list[Trigger], list[Decision]]:
    return told(RULES[rule_id])


def the_same_but_for(trigger: Trigger, **changes: Any) -> dict[str, Any]:
    stated = trigger.model_dump()
    stated["evidence"]["set_by"] |= dict.fromkeys(changes, "all (policy)")
    named = {"sla": "first_action", "owner": "owner_role"}
    return stated | {named.get(name, name): value for name, value in changes.items()}


@pytest.mark.parametrize("rule_id", RULES)
def test_play_owner_sla_and_priority_of_the_policy_are_on_its_triggers(rule_id: str) -> None:
    rule = RULES[rule_id]
    answer = {**ANSWER, "priority": "P4" if rule.priority != "P4" else "P3"}

    triggers, _ = told(rule, [Layer("policy", {"all": answer})])

    shipped, _ = as_shipped(rule_id)
    assert len(shipped) > 0
    assert [trigger.model_dump() for trigger in triggers] == [the_same_but_for(trigger, **answer) for trigger in shipped]


@pytest.mark.parametrize("rule_id", RULES)
def test_out_of_scope_it_says_nothing(rule_id: str) -> None:
    assert told(RULES[rule_id].model_copy(update={"applies_to": ("elsewhere",)})) == ([], [])


@pytest.mark.parametrize("rule_id", RULES)
def test_on_trial_it_records_what_it_would_have_raised(rule_id: str) -> None:
    triggers, decisions = told(RULES[rule_id], on_trial=True)

    shipped, _ = as_shipped(rule_id)
    assert triggers == []
    found = [(one.trigger_id, one.time, one.subject, one.detail, one.facts) for one in decisions if one.reason == "experimental"]
    assert found == [(one.trigger_id, one.time, one.subject, one.evidence.summary, one.evidence.facts) for one in shipped]


@pytest.mark.parametrize("rule_id", [rule.id for rule in RULES.values() if rule.requires is not None])
def test_without_what_it_requires_it_is_silent(rule_id: str) -> None:
    rule = RULES[rule_id]
    other = rule.model_copy(update={"requires": None})
    case = next(case for case in load_timeline(LIBRARY, rule_id).cases if case.fires)
    events = [event for event in events_of(case.payloads()) if event.type not in BEGINS[rule.requires or ""]]

    fired = []
    for one in (rule, other):
        others = [RULES[name] for name in rule.detector.sources()]
        driver = Driver(SignalsProcessor(RuleBook([one, *others]), SEGMENTS, HEALTH), "acme")
        driver.run(events, None if case.until is None else round(case.moment(case.until).timestamp() * 1000))
        fired.append([here.effect for here in driver.happened if isinstance(here.effect, Raise) and here.effect.trigger.rule == rule_id])

    assert fired[0] == []
    assert bool(fired[1]) == (rule_id not in OF_THE_PLAN_ITSELF), "without firing otherwise it would show nothing"
