"""Laws that every kind of detector keeps, on stories of the events it listens to.

What is compared: "told" is every trigger and every decision with its task time, ids, evidence and all, in order. Where the order
of events of one instant is changed it is the trigger ids (rule, account, subject, episode) with their task times.
"""

import os
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from plays.rules.rule import Rule
from schemas.records.decision import Reason
from schemas.records.trigger import Trigger
from schemas.records.wire import utc
from streams.processing.effects import Decide, Raise
from streams.signals.context import MAX_SUBJECTS
from streams.signals.driver import Driver, flush
from streams.signals.processor import SignalsProcessor
from streams.signals.state import EPISODES
from tests.laws.kinds import (
    DAY_MS,
    KINDS,
    PROCESSORS,
    RULES,
    TIMERS,
    Doubting,
    Guarded,
    processor_of,
    rules_of,
    run,
    stories,
    told,
    triggers,
)
from tests.laws.recounts import RECOUNTS
from tests.laws.test_detector_laws import CONTRADICTING

EXAMPLES = int(os.environ.get("PLAYCALL_LAW_EXAMPLES") or 200)
LAWS = settings(
    max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
pytestmark = pytest.mark.timeout(600)
of_each_kind = pytest.mark.parametrize("kind", KINDS)


@of_each_kind
@LAWS
@given(data=st.data())
def test_what_is_told_follows_from_the_events_alone(kind: str, data: st.DataObject) -> None:
    """Again, by another processor, with all state encoded after every event and its duplicates refused: the same is told."""
    story = data.draw(stories(kind, churn=True))
    first = run(PROCESSORS[kind], story)
    encoded = run(processor(kind), story, flush)

    assert told(encoded) == told(first)
    for subjects in first.cells[EPISODES].spells.values():
        assert len(subjects) <= MAX_SUBJECTS

    cut = data.draw(st.integers(0, len(story.events)))
    again = Guarded(PROCESSORS[kind], "acme")
    again.run([*story.events[:cut], *story.events[:cut], *story.events[cut:]], story.end_ms)
    assert told(again) == told(first)


@cache
def processor(kind: str) -> SignalsProcessor:
    """Another one than all the others use."""
    return processor_of(rules_of(kind))


@of_each_kind
@LAWS
@given(data=st.data())
def test_each_trigger_is_an_episode_of_its_own_in_scope_and_can_be_recounted(kind: str, data: st.DataObject) -> None:
    """Also where the publisher of the story sends all of it twice and nobody refuses what comes again: an episode is one trigger."""
    story = data.draw(stories(kind))
    once = run(PROCESSORS[kind], story)
    twice = Driver(PROCESSORS[kind], "acme")
    twice.run([event for event in story.events for _ in range(2)], story.end_ms)

    for driver in (once, twice):
        found = triggers(driver)
        assert len({trigger.trigger_id for trigger in found}) == len(found)
        for trigger in found:
            assert datetime.fromisoformat(trigger.episode) <= trigger.time
            assert story.segments & set(rule_of(kind, trigger).applies_to)
            assert set(trigger.evidence.segment_path) == story.segments
    told_before: dict[str, Trigger] = {}
    for trigger in triggers(once):
        RECOUNTS[kind](trigger, rule_of(kind, trigger), story)
        if "trigger_id" in trigger.evidence.facts:  # of a rule that listens to others
            heard = told_before[str(trigger.evidence.facts["trigger_id"])]
            assert (heard.rule, heard.episode, heard.time) == (trigger.evidence.facts["rule"], trigger.episode, trigger.time)
            assert set(heard.evidence.sources) <= set(trigger.evidence.sources)
        told_before[trigger.trigger_id] = trigger
    if kind not in COUNTING:
        assert [(one.trigger_id, one.time) for one in triggers(twice)] == [(one.trigger_id, one.time) for one in triggers(once)]


COUNTING = ("count", "spike", "drop", "threshold", "all_of", "any_of", "checkpoint")
"""Kinds that count events: told apart by the engine, which knows their ids, not by rules."""


def rule_of(kind: str, trigger: Trigger) -> Rule:
    return next(rule for rule in rules_of(kind) if rule.id == trigger.rule)


@of_each_kind
@LAWS
@given(data=st.data())
def test_events_of_one_instant_may_come_in_any_order(kind: str, data: st.DataObject) -> None:
    story = data.draw(stories(kind))
    left_out = {*CONTRADICTING, "account.updated"}
    if kind == "count":  # of a third ticket and an escalation in one instant the one that is read first is what PB2 is about
        left_out.add("ticket.escalated")
    if kind in ("all_of", "any_of"):  # of a ticket that is opened and ended in one instant both are true
        left_out |= {"ticket.resolved", "ticket.closed", "ticket.priority_changed"}
    calm = [event for event in story.events if event.type not in left_out]
    stated = {(event.type, event.time_ms, event.data.get("milestone_id", event.event_id)): event for event in calm}
    calm = list(stated.values())  # no milestone is started twice in one instant, as two kinds
    shuffled = [calm[0], *sorted(data.draw(st.permutations(calm[1:])), key=lambda event: event.time_ms)]

    assert fired(run(PROCESSORS[kind], story._replace(events=shuffled))) == fired(run(PROCESSORS[kind], story._replace(events=calm)))


def fired(driver: Driver) -> list[tuple[str, datetime]]:
    return sorted((trigger.trigger_id, trigger.time) for trigger in triggers(driver))


@pytest.mark.parametrize("kind", TIMERS)
@LAWS
@given(data=st.data())
def test_silence_in_doubt_is_told_once_and_ends_in_a_trigger_or_cleared(kind: str, data: st.DataObject) -> None:
    story = data.draw(stories(kind))
    waits = data.draw(st.lists(st.sampled_from([0, 3_600_000, DAY_MS, 3 * DAY_MS]), min_size=1, max_size=4))
    driver = Doubting(PROCESSORS[kind], waits)
    driver.run(story.events, story.end_ms + 4 * DAY_MS)

    for doubt in driver.in_doubt:
        assert [decision(effect) for effect in doubt.effects] in ([], [Reason.HELD])
    for answer in driver.in_earnest:
        raised = [effect.trigger for effect in answer.effects if isinstance(effect, Raise)]
        cleared = [effect for effect in answer.effects if decision(effect) == Reason.CLEARED]
        assert len(cleared) == (answer.held_ms is not None and not raised)
        for trigger in raised:
            silence = trigger.evidence.silence
            assert silence is not None, "it says that something did not happen, and not how that is known"
            assert silence.held_since == (None if answer.held_ms is None else utc(answer.held_ms))


def decision(effect: object) -> Reason | None:
    return effect.decision.reason if isinstance(effect, Decide) else None


FIGURES: Mapping[str, tuple[str, dict[str, Any]]] = {
    "absence": ("J2", {"days": 12}),
    "achievement": ("T28", {"marks": {"members": [95, 985]}}),
    "all_of": ("X1", {"parts": [{"measure": "tickets_30d", "at_least": 1}, {"event": {"type": "account.org_changed"}, "within": "20d"}]}),
    "anniversary": ("T47", {"at": ["10d"], "every": "1mo"}),
    "any_of": ("X2", {"parts": [{"measure": "tickets_30d", "at_least": 1}, {"event": {"type": "account.org_changed"}, "within": "20d"}]}),
    "change": ("PB5", {"away_from": ["team_lead"]}),
    "checkpoint": ("T27", {"from_days": 110, "until_days": 70}),
    "count": ("T08", {"forms": [{"of": "ticket", "at_least": 3, "days": "10d"}, {"of": "account", "at_least": 2, "days": "1d"}]}),
    "drop": ("T04", {"ratio": 0.9, "floor": 3, "exact": True}),
    "due": ("T15", {"days_after": 2}),
    "event": ("X5", {"also": [{"measure": "tickets_30d", "at_least": 1}]}),
    "milestone": ("T03", {"days": 21}),
    "overdue": ("T50", {"days_after": 3}),
    "silence": ("T41", {"days": "33d"}),
    "spike": ("T30", {"at_least": 2, "probability": 0.2}),
    "threshold": ("T05", {"share_of_seats": 0.8, "closes": 4, "from_day": 10}),
}
"""A rule of each kind and other figures than its own."""


@of_each_kind
@LAWS
@given(data=st.data())
def test_a_figure_set_for_a_segment_is_as_if_it_were_the_rules_own_there_and_nowhere_else(kind: str, data: st.DataObject) -> None:
    plain, set_for_high, outright = with_figures(kind)
    story = data.draw(stories(kind))
    there = "high" in story.segments

    assert said(run(set_for_high, story)) == said(run(outright if there else plain, story))


@of_each_kind
@LAWS
@given(data=st.data())
def test_out_of_scope_nothing_is_said_and_in_scope_all_that_the_widest_scope_says(kind: str, data: st.DataObject) -> None:
    wide, narrow = scoped(kind)
    story = data.draw(stories(kind))

    assert said(run(narrow, story)) == (said(run(wide, story)) if "mid" in story.segments else [])


def said(driver: Driver) -> list[tuple[Any, ...]]:
    """Triggers and decisions, without what names the version of a rule and who set its figures."""
    found: list[tuple[Any, ...]] = []
    for one in driver.happened:
        if isinstance(one.effect, Raise):
            trigger = one.effect.trigger
            found.append((trigger.trigger_id, trigger.time, trigger.evidence.model_copy(update={"set_by": {}})))
        elif isinstance(one.effect, Decide):
            found.append((one.effect.decision.decision_id, one.effect.decision.reason, one.effect.decision.facts))
    return found


@cache
def with_figures(kind: str) -> tuple[SignalsProcessor, SignalsProcessor, SignalsProcessor]:
    """The rule of `FIGURES` for everybody; with the figures for the segment high; with the figures for everybody."""
    name, figures = FIGURES[kind]
    known = {rule.id: rule for rule in (*rules_of(kind), EVENT_WITH_PARTS)}
    rule = known[name].model_copy(update={"applies_to": ("all",), "overrides": {}, "requires": None})
    high = rule.model_copy(update={"overrides": {"high": figures}})
    outright = rule.model_copy(update={"detector": rule.overridden(figures)})
    return processor_of([rule]), processor_of([high]), processor_of([outright])


EVENT_WITH_PARTS = Rule.model_validate(
    {
        **RULES["T18"].model_dump(exclude_unset=True),
        "id": "X5",
        "detector": {"kind": "event", "on": [{"type": "account.org_changed"}], "also": [{"measure": "tickets_30d", "at_least": 3}]},
    }
)


@cache
def scoped(kind: str) -> tuple[SignalsProcessor, SignalsProcessor]:
    """All rules of a kind for everybody, and the same for the segment mid alone."""
    wide = [rule.model_copy(update={"applies_to": ("all",)}) for rule in rules_of(kind)]
    return processor_of(wide), processor_of([rule.model_copy(update={"applies_to": ("mid",)}) for rule in wide])


@of_each_kind
def test_every_kind_fires_in_some_story(kind: str) -> None:
    """Laws about what never happens hold for ever: each kind must fire in stories like these."""
    first_that_fires = settings(LAWS, max_examples=2_000, phases=[Phase.generate], derandomize=True)

    assert find(stories(kind), lambda story: bool(triggers(run(PROCESSORS[kind], story))), settings=first_that_fires)
