"""Laws of the end of an episode, for every kind of detector, on stories of the events it listens to."""

import os
from functools import cache

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from plays.rules.book import RuleBook
from schemas.records.trigger import Trigger
from streams.processing.cells import Cells
from streams.processing.effects import Cleared, Raise
from streams.processing.judging import EpisodeRef
from streams.processing.moment import Moment
from streams.signals.driver import Driver
from streams.signals.judge import EpisodeJudge
from streams.signals.standing import LEDGER, MAX_ENDED, MAX_STANDING
from tests.laws.kinds import KINDS, PROCESSORS, Guarded, Story, rules_of, run, stories
from tests.laws.test_detector_laws import CONTRADICTING

EXAMPLES = int(os.environ.get("PLAYCALL_LAW_EXAMPLES") or 500)
LAWS = settings(
    max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
pytestmark = pytest.mark.timeout(600)
ENDLESS = ("achievement",)
"""Kinds of which no rule says what ends an episode."""
of_each_kind = pytest.mark.parametrize("kind", KINDS)


@cache
def judge(kind: str) -> EpisodeJudge:
    return EpisodeJudge(RuleBook(rules_of(kind)))


def cleared(driver: Driver) -> list[Cleared]:
    return [one.effect for one in driver.happened if isinstance(one.effect, Cleared)]


def ended(driver: Driver) -> list[tuple[str, int, bool]]:
    return sorted((one.trigger_id, one.at_ms, one.expired) for one in cleared(driver))


@of_each_kind
@LAWS
@given(data=st.data())
def test_an_episode_ends_at_most_once_and_the_judge_says_what_was_said(kind: str, data: st.DataObject) -> None:
    """From its trigger until `Cleared` it holds, or cannot be said; from then on it does not, whatever comes. Churn ends all."""
    story = data.draw(stories(kind, churn=True))
    clearing = {rule.id for rule in rules_of(kind) if judge(kind).knows(rule.id)}
    driver = Driver(PROCESSORS[kind], "acme")

    def look(cells: Cells) -> None:
        fired: dict[str, Trigger] = {}
        over: set[str] = set()
        for one in driver.happened:
            if isinstance(one.effect, Raise):
                fired[one.effect.trigger.trigger_id] = one.effect.trigger
            elif isinstance(one.effect, Cleared):
                known = fired[one.effect.trigger_id]
                assert (known.rule, known.subject, known.episode) == (one.effect.rule, one.effect.subject, one.effect.episode)
                assert one.effect.since_ms <= one.effect.at_ms
                assert one.effect.how
                assert one.effect.trigger_id not in over, "it is said to have ended twice"
                over.add(one.effect.trigger_id)
        churned = any(event.type == "account.churned" and event.time_ms <= driver.now_ms for event in story.events)
        standing = {one.number for of_rule in cells[LEDGER].by_rule.values() for one in of_rule}
        assert all(len(of_rule) <= MAX_STANDING for of_rule in cells[LEDGER].by_rule.values())
        assert len(cells[LEDGER].ended) <= MAX_ENDED
        for trigger in fired.values():
            found = judge(kind).holds(cells, EpisodeRef.of(trigger), Moment(driver.now_ms))
            if trigger.trigger_id in over:
                assert found is False
            elif trigger.rule not in clearing:
                assert found is None
            else:
                assert found is not False or churned
        assert standing or not cells[LEDGER].by_rule, "a rule without episodes is kept"

    driver.run(story.events, story.end_ms, look)
    look(driver.cells)


@of_each_kind
@LAWS
@given(data=st.data())
def test_the_order_within_an_instant_changes_no_end_and_a_repeated_beginning_none(kind: str, data: st.DataObject) -> None:
    story = calm(kind, data.draw(stories(kind)))
    first = run(PROCESSORS[kind], story)
    shuffled = [story.events[0], *sorted(data.draw(st.permutations(story.events[1:])), key=lambda event: event.time_ms)]
    cut = data.draw(st.integers(0, len(story.events)))
    again = Guarded(PROCESSORS[kind], "acme")
    again.run([*story.events[:cut], *story.events], story.end_ms)

    assert ended(run(PROCESSORS[kind], story._replace(events=shuffled))) == ended(first)
    assert ended(again) == ended(first)


def calm(kind: str, story: Story) -> Story:
    """Without what the order of one instant may change in which triggers fire at all (see `test_kind_laws`)."""
    left_out = {*CONTRADICTING, "account.updated"}
    events = story.events
    if kind == "count":
        left_out.add("ticket.escalated")
        opened = {event.time_ms for event in events if event.type in ("ticket.created", "ticket.reopened")}
        ends = ("ticket.resolved", "ticket.closed")  # in the instant of an opening they contradict it: what is read last counts
        events = [event for event in events if event.type not in ends or event.time_ms not in opened]
    if kind in ("all_of", "any_of"):
        left_out |= {"ticket.resolved", "ticket.closed", "ticket.priority_changed"}
        first = {event.time_ms: event.type for event in reversed(events)}  # of two grounds that meet, the one read first is told
        events = [event for event in events if event.type == first[event.time_ms]]
    stated = {
        (event.type, event.time_ms, event.data.get("milestone_id", event.event_id)): event for event in events if event.type not in left_out
    }
    return story._replace(events=list(stated.values()))


@pytest.mark.parametrize("kind", sorted(set(KINDS) - set(ENDLESS)))
def test_an_episode_of_every_kind_ends_in_some_story(kind: str) -> None:
    first_that_ends = settings(LAWS, max_examples=3_000, phases=[Phase.generate], derandomize=True)

    assert find(stories(kind), lambda story: bool(cleared(run(PROCESSORS[kind], story))), settings=first_that_ends)


@pytest.mark.parametrize("kind", ENDLESS)
def test_what_has_no_end_is_said_to_have_none(kind: str) -> None:
    assert not any(judge(kind).knows(rule.id) for rule in rules_of(kind))
