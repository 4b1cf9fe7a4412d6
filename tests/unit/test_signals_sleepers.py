"""Rules that sleep until a slow measure may hold: what wakes them earlier."""

from datetime import UTC, datetime, timedelta
from typing import Any

from plays.rules.rule import Rule
from schemas.records.decision import Reason
from schemas.records.wire import rfc3339
from streams.processing.effects import Decide, Raise
from streams.processing.library import Change
from streams.signals.driver import Driver
from streams.signals.timeline import events_of
from tests.laws.kinds import Doubting
from tests.unit.test_signals_boundaries import processor
from tests.unit.test_signals_detectors import rule

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
EDITED = Change(frozenset(), frozenset({"X1"}), frozenset(), frozenset())


def unseen(days: int, *applies_to: str) -> Rule:
    parts = [{"measure": "days_since_login", "at_least": days}, {"measure": "onboarding_open", "equals": True}]
    return rule({"kind": "all_of", "parts": parts}, applies_to=applies_to or ("all",))


def drive(tried: Rule, *events: tuple[float, str, dict[str, Any]]) -> Driver:
    every = [(0.0, "account.created", {"acv": 1_000}), *events]
    payloads = [
        {
            "type": name, "account_id": "acme", "event_id": f"e{n}", "source": "test",
            "occurred_at": (START + timedelta(days=day)).isoformat(), **data,
        }
        for n, (day, name, data) in enumerate(every)
    ]  # fmt: skip
    driver = Driver(processor(tried), "acme")
    driver.run(events_of(payloads))
    return driver


def fired(driver: Driver, days: float = 60) -> list[str]:
    driver.run([], round((START + timedelta(days=days)).timestamp() * 1000))
    return [rfc3339(one.effect.trigger.time)[:16] for one in driver.happened if isinstance(one.effect, Raise)]


def test_it_wakes_at_the_close_of_the_day_on_which_it_holds() -> None:
    driver = drive(unseen(10))

    assert [name for name, _ in driver.deadlines] == ["X1:"]
    assert fired(driver) == ["2026-03-13T00:10"]
    assert fired(drive(unseen(10), (5.0, "user.login", {"user_id": "u1"}))) == ["2026-03-18T00:10"]


def test_an_account_that_comes_into_its_scope_wakes_it() -> None:
    bigger = (5.0, "account.updated", {"acv": 90_000})

    assert fired(drive(unseen(10, "high"), bigger)) == ["2026-03-13T00:10"]
    assert fired(drive(unseen(10, "high"))) == []


def test_a_day_ends_where_the_account_is() -> None:
    west = (5.0, "account.updated", {"timezone": "America/New_York"})
    east = (5.0, "account.updated", {"timezone": "Asia/Tokyo"})

    assert fired(drive(unseen(10), west)) == ["2026-03-13T04:10"]
    assert fired(drive(unseen(10), east)) == ["2026-03-12T15:10"]


def test_a_smaller_figure_wakes_it_earlier() -> None:
    driver = drive(unseen(40), (5.0, "account.updated", {"seats": 3}))
    driver.pass_to(processor(unseen(10)), EDITED)

    assert fired(driver) == ["2026-03-13T00:10"]


def test_the_first_of_two_that_may_hold_wakes_it() -> None:
    parts = [{"measure": "login_days_share", "at_most": 0.5}, {"measure": "days_since_login", "at_least": 10}]

    assert fired(drive(rule({"kind": "any_of", "parts": parts}))) == ["2026-03-13T00:10"]


def test_a_close_in_doubt_is_told_only_where_there_would_be_something_to_say() -> None:
    doubts: list[list[Reason]] = []
    for applies_to in ("all", "high"):
        driver = Doubting(processor(unseen(10, applies_to)), [3_600_000])
        created = {"type": "account.created", "account_id": "acme", "event_id": "e1", "source": "test", "acv": 1_000}
        driver.run(events_of([{**created, "occurred_at": START.isoformat()}]), round((START + timedelta(days=12)).timestamp() * 1000))
        doubts.append([one.effect.decision.reason for one in driver.happened if isinstance(one.effect, Decide)])

    assert doubts == [[Reason.HELD], []]


def test_nothing_is_doubtful_about_a_condition_that_does_not_hold() -> None:
    signals = processor(unseen(10))
    driver = Doubting(signals, [3_600_000])
    created = {"type": "account.created", "account_id": "acme", "event_id": "e1", "source": "test", "occurred_at": START.isoformat()}
    seen = {**created, "type": "user.login", "user_id": "u1", "event_id": "e2", "occurred_at": (START + timedelta(days=3)).isoformat()}
    driver.run(events_of([created, seen]), round((START + timedelta(days=12)).timestamp() * 1000))

    assert [one.now_ms for one in driver.in_doubt] != []
    assert driver.happened == []
