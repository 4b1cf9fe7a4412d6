"""Rules that sleep until a slow measure may hold fire on the day on which a plain recount of every day says so."""

from collections.abc import Callable, Mapping
from math import ceil
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plays.loading.rules import LIBRARY, load_rules
from plays.loading.segments import POLICY, load_segments
from plays.rules.book import RuleBook
from streams.processing.effects import Raise
from streams.processing.library import Change
from streams.signals.calendar import DAY_MS
from streams.signals.driver import Driver
from streams.signals.processor import SignalsProcessor
from tests.unit.test_signals_logins import DAY_0, driven, events_told, visits

SEGMENTS = load_segments(POLICY)
RULES = {rule.id: rule for rule in load_rules(LIBRARY, SEGMENTS.names)}
LAST = 300
Days = Mapping[str, frozenset[int]]


@st.composite
def leavers(draw: st.DrawFn) -> list[dict[str, Any]]:
    """People who come often until they leave, and some who come seldom for longer."""
    events: list[dict[str, Any]] = []
    for user in "abcdefgh"[: draw(st.integers(2, 8))]:
        often = draw(st.booleans())
        every, last = draw(st.integers(1, 3) if often else st.integers(5, 40)), draw(st.integers(60, 130) if often else st.integers(0, 230))
        kinds = draw(st.sampled_from([("user.login",), ("user.login", "feature.used"), ("feature.used",)]))
        for day in range(draw(st.integers(0, 30)), last, every):
            events.extend({"type": kind, "at": day + 0.5, "user_id": user, **FIELDS[kind]} for kind in kinds)
    return sorted(events, key=lambda event: event["at"])


FIELDS: dict[str, dict[str, str]] = {"user.login": {}, "feature.used": {"feature": "export"}}
STORIES = visits() | leavers() | leavers()


def dormant(_logins: Days, there: Days, day: int) -> bool:
    return day - max((one for days in there.values() for one in days if one <= day), default=0) >= 30


def declined(logins: Days, _there: Days, day: int) -> bool:
    days = frozenset[int]().union(*logins.values())
    before = len([one for one in days if day - 89 <= one <= day - 60])
    return bool(before) and min(days) <= day - 89 and 5 * len([one for one in days if day - 29 <= one <= day]) <= before


def gone(_logins: Days, there: Days, day: int) -> bool:
    counts = {user: len([one for one in days if day - 149 <= one <= day - 60]) for user, days in there.items()}
    active = sorted((count for count in counts.values() if count), reverse=True)
    if len(active) < 2:
        return False
    least = active[max(2, ceil(len(active) / 5)) - 1]
    return all(count < least or not any(day - 59 <= one <= day for one in there[user]) for user, count in counts.items())


HOLDS: dict[str, Callable[[Days, Days, int], bool]] = {"T44": declined, "T45": gone, "T53": dormant}
CONTENT = [{"type": "survey.responded", "at": day, "kind": "csat", "score": 5} for day in range(0, LAST, 60)]


def expected(rule: str, events: list[dict[str, Any]]) -> int | None:
    def days(*types: str) -> Days:
        chosen = [event for event in events if event["type"] in types]
        users = dict.fromkeys(event["user_id"] for event in chosen)
        return {user: frozenset(int(event["at"]) for event in chosen if event["user_id"] == user) for user in users}

    logins, there = days("user.login"), days("user.login", "feature.used")
    return next((day for day in range(LAST) if HOLDS[rule](logins, there, day)), None)


def first_of(driver: Driver) -> int | None:
    """The complete day at whose close the first trigger came."""
    return next(((one.now_ms // DAY_MS) - DAY_0 - 1 for one in driver.happened if isinstance(one.effect, Raise)), None)


def told(rule: str, events: list[dict[str, Any]], *, cut: int | None = None) -> Driver:
    """The rule alone on an account; at the end of day `cut` its words are edited."""
    signals = SignalsProcessor(RuleBook([RULES[rule]]), SEGMENTS)
    story = events_told({"type": "account.created", "at": 0, "touch_model": "mid"}, *sorted([*events, *CONTENT], key=lambda e: e["at"]))
    driver = Driver(signals, "acme")
    if cut is not None:
        cut_ms = (DAY_0 + cut + 1) * DAY_MS
        driver.run([event for event in story if event.time_ms < cut_ms], cut_ms)
        driver.pass_to(signals, Change(frozenset(), frozenset({rule}), frozenset(), frozenset()))
        story = [event for event in story if event.time_ms >= cut_ms]
    driver.run(story, (DAY_0 + LAST) * DAY_MS + 600_000)
    return driver


@pytest.mark.parametrize("rule", sorted(HOLDS))
@settings(max_examples=40, deadline=None)
@given(STORIES)
def test_the_first_trigger_comes_on_the_first_day_of_a_recount(rule: str, events: list[dict[str, Any]]) -> None:
    assert first_of(told(rule, events)) == expected(rule, events)


@pytest.mark.parametrize("rule", sorted(HOLDS))
@settings(max_examples=15, deadline=None)
@given(STORIES)
def test_an_edit_of_words_while_it_sleeps_changes_nothing(rule: str, events: list[dict[str, Any]]) -> None:
    untouched = [str(one) for one in told(rule, events).happened]

    for cut in (20, 110):
        assert [str(one) for one in told(rule, events, cut=cut).happened] == untouched


def test_a_rule_asleep_is_woken_a_few_times_a_year() -> None:
    daily = [{"type": "user.login", "at": day + 0.4, "user_id": user} for day in range(240) for user in "ab"]

    assert {rule: told(rule, daily).deadlines_met <= 14 for rule in HOLDS} == dict.fromkeys(HOLDS, True)
    assert driven().deadlines_met == 0
