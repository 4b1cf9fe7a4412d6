"""The CRM desk: what it answers depends on seed and run alone, and only on runs that are open."""

from typing import Any, get_args

import pytest

from plays.rules.rule import Concern
from schemas.records.play_message import ClosureCode
from streams.demo.answers import Desk
from streams.fleet.span import HOUR_MS, rfc3339

NOW = 1_790_000_000_000


def message(kind: str, run: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "run_id": run,
        "time": rfc3339(NOW),
        "account_id": "acct-0001",
        "concern": "support",
        "owner": {"id": "marcus.bell", "reason": "pool"},
        "clocks": {name: rfc3339(NOW + hours * HOUR_MS) for name, hours in (("acknowledge_by", 1), ("act_by", 4), ("resolve_by", 16))},
        "steps": [{"name": "join"}, {"name": "document"}],
        **more,
    }


def step(run: str, name: str, **more: Any) -> dict[str, Any]:
    person = {"id": "marcus.bell", "reason": "pool"}
    return message("step_due", run, **{"step": name, "holder": person, "due": rfc3339(NOW + HOUR_MS), "time_of": None, **more})


def answers(desk: Desk, after_ms: int = NOW, until_ms: int = NOW + 400 * HOUR_MS) -> list[dict[str, Any]]:
    return [body for _, body in desk.due(after_ms, until_ms)]


def runs(count: int) -> list[str]:
    return [f"run-{number}" for number in range(count)]


def launched(seed: int, count: int = 200) -> Desk:
    desk = Desk(seed)
    for run in runs(count):
        desk.read(message("launched", run))
        for name in ("join", "document"):
            desk.read(step(run, name))
        desk.read(message("steps_ended", run, time=rfc3339(NOW + 20 * HOUR_MS)))
    return desk


def test_the_same_seed_answers_alike_and_another_one_otherwise() -> None:
    assert answers(launched(1)) == answers(launched(1))
    assert answers(launched(1)) != answers(launched(2))


def test_most_runs_are_answered_and_some_are_ignored_until_they_are_given_up() -> None:
    lives: dict[str, list[str]] = {run: [] for run in runs(200)}
    for body in answers(launched(1)):
        lives[body["run_id"]].append(body["type"].removeprefix("run."))

    assert all(life[-1] == "closed" for life in lives.values())
    assert 4 <= sum(life == ["closed"] for life in lives.values()) <= 40
    whole = {"acknowledged", "started", "step_completed", "closed"}
    assert sum(set(life) == whole and life.count("step_completed") == 2 for life in lives.values()) > 100
    assert all(life.index("acknowledged") < life.index("started") for life in lives.values() if "started" in life)
    assert any("step_skipped" in life for life in lives.values())


def test_a_step_that_is_not_wanted_any_more_is_not_done() -> None:
    desk = launched(1)
    for run in runs(200):
        desk.read(message("step_cancelled", run, step="document"))

    assert {body["step"] for body in answers(desk) if "step" in body} == {"join"}


def test_several_closure_codes_are_used() -> None:
    assert {body["code"] for body in answers(launched(1)) if body["type"] == "run.closed"} == {"resolved", "false_positive"}


@pytest.mark.parametrize("concern", get_args(Concern))
def test_every_concern_is_answered_with_codes_that_may_close_it(concern: str) -> None:
    desk = Desk(1)
    for run in runs(60):
        desk.read(
            message("launched", run, concern=concern, owner={"id": "marcus.bell", "reason": "automation" if run[-1] == "3" else "pool"})
        )
    codes = {body["code"] for body in answers(desk) if body["type"] == "run.closed"}

    assert codes <= set(get_args(ClosureCode))
    assert concern != "expansion" or codes <= {"expansion_progressed", "no_response"}
    assert len(codes) > 1


def test_times_of_answers_lie_within_what_was_asked_for_and_never_go_back() -> None:
    desk = launched(1)
    late = NOW + 2 * HOUR_MS
    times = [body["occurred_at"] for body in answers(desk, late, late + HOUR_MS)]

    assert times == sorted(times)
    assert rfc3339(late) < times[0]
    assert times[-1] <= rfc3339(late + HOUR_MS)


def test_a_run_that_was_closed_elsewhere_gets_no_answer() -> None:
    desk = launched(1)
    for run in runs(200):
        desk.read(message("closed", run))

    assert answers(desk) == []


def test_an_escalated_run_is_answered_by_its_new_owner() -> None:
    desk = launched(1)
    before = {body["run_id"] for body in answers(launched(1)) if body["type"] == "run.acknowledged"}
    for run in runs(200):
        if run not in before:
            desk.read(message("escalated", run, owner={"id": "victor.hale", "reason": "escalation"}))
    actors = {body["actor"] for body in answers(desk) if body["run_id"] not in before}

    assert actors == {"victor.hale", "marcus.bell"}  # steps stay with who has them


def test_automation_sends_and_closes_without_anybody_starting() -> None:
    desk = Desk(1)
    system = {"id": "automation", "reason": "automation"}
    desk.read(message("launched", "run-a", owner=system))
    desk.read(step("run-a", "send", holder=system))
    desk.read(message("steps_ended", "run-a", owner=system))

    assert [body["type"] for body in answers(desk)] == ["run.step_completed", "run.closed"]


def test_answers_to_a_run_that_had_ended_by_itself_are_known_to_have_crossed_its_end() -> None:
    desk = Desk(1)
    for run in runs(60):
        desk.read(message("launched", run))
        desk.read(step(run, "join"))
    told = answers(desk, NOW, NOW + 4 * HOUR_MS)
    ended_ms = NOW + 2 * HOUR_MS
    for run in runs(60):
        desk.read(message("closed", run, time=rfc3339(ended_ms), actor="playcall" if run < "run-5" else "marcus.bell"))
        desk.read(message("closed", run, time=rfc3339(NOW), actor="playcall"))  # nothing was told since

    late = [body["event_id"] for body in told if body["occurred_at"] >= rfc3339(ended_ms)]
    assert len(late) > len(desk.crossed) > 0
    assert sorted(desk.crossed) == sorted(identity for identity in late if identity.removeprefix("crm-") < "run-5")
    assert answers(desk, NOW + 4 * HOUR_MS) == []
