"""What is known of contracts, counters and results, and the rules that rest on it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plays.loading.rules import LIBRARY, load_rules
from plays.loading.segments import POLICY, load_segments
from plays.policy.health import HealthPolicy
from plays.rules.book import RuleBook
from plays.rules.rule import Rule
from schemas.records.trigger import Trigger
from streams.processing.bounded import CELL_MAX
from streams.processing.cell import Cell
from streams.processing.cells import Cells
from streams.processing.effects import Decide, Raise
from streams.signals.driver import Driver
from streams.signals.facts.counters import COUNTERS
from streams.signals.facts.milestones import PLANNED
from streams.signals.facts.renewals import RENEWALS
from streams.signals.facts.results import RESULTS
from streams.signals.facts.subscriptions import SUBSCRIPTIONS
from streams.signals.processor import SignalsProcessor
from streams.signals.timeline import events_of

SEGMENTS = load_segments(POLICY)
BY_NPS = HealthPolicy.model_validate(
    {
        "indicators": {"nps": {"measure": "nps_latest", "healthy": {"at_least": 9}, "at_risk": {"at_least": 7}}},
        "weights": {"general": {"nps": 100}},
        "by_segment": {"all": "general"},
    }
)
RULES = {rule.id: rule for rule in load_rules(LIBRARY, SEGMENTS.names)}
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
CREATED = {"at": 0, "type": "account.created", "touch_model": "mid"}


def told(rules: Sequence[Rule], *events: dict[str, Any], until: float | None = None, health: HealthPolicy | None = None) -> Driver:
    driver = Driver(SignalsProcessor(RuleBook(rules), SEGMENTS, health), "acme")
    payloads = [
        {"event_id": f"e{n}", "account_id": "acme", "source": "test", **one, "occurred_at": (START + timedelta(days=one["at"])).isoformat()}
        for n, one in enumerate(events)
    ]
    end = None if until is None else round((START + timedelta(days=until)).timestamp() * 1000)
    driver.run(events_of([{name: value for name, value in one.items() if name != "at"} for one in payloads]), end)
    return driver


def raised(driver: Driver) -> list[Trigger]:
    return [one.effect.trigger for one in driver.happened if isinstance(one.effect, Raise)]


stages = st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["proposal", "legal", "won", "Closed Lost"])), min_size=1, max_size=8)


@given(stages, st.randoms(use_true_random=False))
def test_stages_of_one_instant_may_come_in_any_order(story: list[tuple[int, str]], chance: Any) -> None:
    story.sort(key=lambda one: one[0])
    shuffled = list(story)
    chance.shuffle(shuffled)
    shuffled.sort(key=lambda one: one[0])

    def known(order: list[tuple[int, str]]) -> Any:
        events = [{"at": at, "type": "renewal.stage_changed", "stage": stage} for at, stage in order]
        stage = told([], *events).cells[RENEWALS].by_contract["acme"]
        return stage.stage, stage.since_ms, stage.told_ms

    assert known(shuffled) == known(story)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 130)), min_size=1, max_size=12, unique_by=lambda one: one[0]))
def test_a_mark_is_passed_once_and_never_by_the_opening_balance(story: list[tuple[int, int]]) -> None:
    """Against a plain recount; events come in the order of the list, late ones among them. What is told of one instant is one episode."""
    rule = RULES["T33"].model_copy(update={"detector": RULES["T33"].detector.model_copy(update={"marks": {"members": (50.0, 100.0)}})})
    story = [(at * 10, value) for at, value in story]
    found = raised(told([rule], *({"at": at, "type": "usage.counter", "counter": "members", "value": value} for at, value in story)))

    opened, highest = story[0]
    crossed: list[tuple[int, float, int]] = []
    for at, value in story[1:]:
        marks = [mark for mark in (50, 100) if highest < mark <= value]
        if marks and at > opened:
            crossed.append((at, max(marks), highest))
        highest = max(highest, value)
    evidence = [one.evidence for one in found]
    assert [(e.threshold, e.baseline) for e in evidence] == [(mark, before) for _, mark, before in crossed]
    assert [one.episode[:10] for one in found] == [(START + timedelta(days=at)).date().isoformat() for at, _, _ in crossed]


@given(st.lists(st.tuples(st.integers(0, 120), st.integers(-5, 20)), max_size=25))
def test_results_without_a_period_are_summed_over_the_month_and_told_when_it_is_over(story: list[tuple[int, int]]) -> None:
    story.sort()
    events = [{"at": at, "type": "value.measured", "metric": "hours_saved", "value": value} for at, value in story]
    found = raised(told([RULES["T35"]], *events, until=200))

    by_month: dict[str, list[int]] = {}
    for at, value in story:
        by_month.setdefault((START + timedelta(days=at)).date().isoformat()[:7], []).append(value)
    wanted = [(month, sum(values), len(values)) for month, values in by_month.items() if sum(values) > 0]
    assert [(one.evidence.facts["period"], one.evidence.observed, len(one.evidence.sources)) for one in found] == wanted
    assert [(one.time.day, one.time.hour, one.time.minute) for one in found] == [(1, 0, 10)] * len(wanted)


@given(st.integers(0, 90), st.lists(st.integers(0, 320), max_size=30))
def test_the_usage_of_a_term_is_what_a_plain_count_says(start: int, days: list[int]) -> None:
    begun = START.date() + timedelta(days=start)
    events: list[dict[str, Any]] = [
        {"at": day, "type": "feature.used", "feature": "export", "user_id": f"u{day % 3}"} for day in sorted(days)
    ]
    dated = {"type": "contract.started", "contract_id": "K", "start": begun.isoformat(), "renewal_date": str(START.date() + timedelta(400))}
    (trigger,) = raised(told([RULES["T27"]], {"at": 0, **dated}, *events, until=390))

    facts = trigger.evidence.facts
    if "usage_events" in facts:
        since = date.fromisoformat(str(facts["usage_since"]))
        assert since >= begun
        assert (since.toordinal() - date(1970, 1, 1).toordinal()) % 28 == 0
        assert facts["usage_events"] == sum(START.date() + timedelta(days=day) >= since for day in days)
        assert facts["active_users"] == len({day % 3 for day in days if 325 - 28 <= day < 325})
    else:
        assert not days


@pytest.mark.parametrize(
    ("cell", "of", "events", "most"),
    [
        (COUNTERS, "by_name", {"type": "usage.counter", "counter": "{}", "value": 1}, 100),
        (RENEWALS, "by_contract", {"type": "renewal.stage_changed", "contract_id": "{}", "stage": "{}"}, 50),
        (SUBSCRIPTIONS, "by_contract", {"type": "subscription.changed", "contract_id": "{}", "plan": "{}"}, 50),
        (PLANNED, "by_id", {"type": "milestone.started", "milestone_id": "{}", "kind": "{}", "due": "2026-09-01"}, 200),
    ],
    ids=["counters", "renewals", "subscriptions", "milestones"],
)
def test_facts_are_bounded_whatever_publishers_send(cell: Cell[Any], of: str, events: dict[str, Any], most: int) -> None:
    named = ({key: wide(n) if value == "{}" else value for key, value in events.items()} for n in range(most + 50))
    known = told([], *({"at": 0, **one} for one in named)).cells[cell]

    assert len(getattr(known, of)) == most
    assert len(cell.encode(known)) < CELL_MAX


def test_results_are_bounded_in_months_metrics_and_records() -> None:
    metrics = [{"at": day, "type": "value.measured", "metric": wide(n), "value": 1} for day in range(0, 200, 10) for n in range(30)]
    known = told([], *metrics).cells[RESULTS]
    daily = told([], *({"at": n / 100, "type": "value.measured", "metric": "m", "value": 1} for n in range(100))).cells[RESULTS]

    assert list(known.by_month) == ["2026-07", "2026-08", "2026-09"]
    assert {len(results) for results in known.by_month.values()} == {20}
    assert len(RESULTS.encode(known)) < CELL_MAX
    assert (daily.by_month["2026-03"]["m"].value, len(daily.by_month["2026-03"]["m"].records)) == (100, 40)


def wide(number: int) -> str:
    return f"{number:06d}" + "\U0001f4a5" * 200


def renewal(contract: str, days: int) -> dict[str, Any]:
    return {"at": 0, "type": "contract.started", "contract_id": contract, "renewal_date": str(START.date() + timedelta(days))}


def test_a_score_that_falls_doubts_the_contracts_inside_their_window_and_later_those_that_come_into_it() -> None:
    events = [
        CREATED, renewal("near", 130), renewal("next", 160), renewal("far", 300), {"at": 5, **answer(9)}, {"at": 20.5, **answer(0)},
        {"at": 21, **answer(0)},
    ]  # fmt: skip
    stated_only = RULES["T19"].model_copy(update={"detector": RULES["T19"].detector.model_copy(update={"stated_only": True})})

    found = raised(told([RULES["T19"]], *events, until=150, health=BY_NPS))

    assert [(one.subject.id, one.time.isoformat()[:16], one.episode[:10]) for one in found] == [
        ("near", "2026-03-22T21:00", "2026-03-12"),
        ("next", "2026-04-11T00:10", "2026-04-11"),
    ]
    assert [one.evidence.facts["health_band"] for one in found] == ["critical", "critical"]
    assert [len(one.evidence.sources) for one in found] == [1, 0]
    assert raised(told([RULES["T19"]], *events[:-2], until=150, health=BY_NPS)) == []
    assert raised(told([stated_only], *events, until=150, health=BY_NPS)) == []
    assert raised(told([RULES["T19"]], *events, until=150)) == []


def answer(score: int) -> dict[str, Any]:
    return {"type": "survey.responded", "kind": "nps", "score": score, "contact_id": "c"}


def test_the_checkpoint_of_a_contract_is_held_against_the_feed_that_would_tell_of_it_alone() -> None:
    signals = SignalsProcessor(RuleBook([RULES["T19"], RULES["T34"]]), SEGMENTS)

    assert signals.silent_topics("T19:K-1") == ("billing",)
    assert signals.silent_topics("day_close") == signals.silent_topics("on_activate:T34") == ("product-usage",)


def test_nothing_is_known_of_an_account_that_told_nothing() -> None:
    cells = Cells("acme")

    assert (cells[RENEWALS].by_contract, cells[COUNTERS].by_name, cells[RESULTS].by_month) == ({}, {}, {})


def test_an_unconfirmed_checkpoint_is_a_decision_and_one_without_doubt_is_none() -> None:
    reminded = told([RULES["T27"]], renewal("K", 100), until=60)
    doubted = told([RULES["T20"]], renewal("K", 100), until=60)

    assert [one.subject.id for one in raised(reminded)] == ["K"]
    assert raised(doubted) == []
    assert [str(one.effect.decision.reason) for one in doubted.happened if isinstance(one.effect, Decide)] == ["unconfirmed"]
