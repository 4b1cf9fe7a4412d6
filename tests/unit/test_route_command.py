"""`playcall route test`: what would happen to a trigger, by the pieces that decide it live."""

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from typer.testing import CliRunner

from plays.loading.run_policy import DEFAULT_POLICY
from streams.cli.route import app

MONDAY = "2026-03-02T09:15:00Z"
ACCOUNT = {"account_id": "globex", "name": "Globex", "touch_model": "high", "acv": 80_000, "timezone": "Europe/Berlin"}


def route(tmp_path: Path, trigger: Any, *arguments: Any, account: Any = None, at: str = MONDAY) -> tuple[int, str, str]:
    file = tmp_path / "trigger.json"
    file.write_text(json.dumps(trigger) if not isinstance(trigger, str) else trigger)
    whose = []
    if account is not None:
        (tmp_path / "account.json").write_text(json.dumps(account))
        whose = ["--account", str(tmp_path / "account.json")]
    result = CliRunner().invoke(app, ["test", str(file), *whose, "--at", at, *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def answer(tmp_path: Path, trigger: Any, *arguments: Any, account: Any = None, at: str = MONDAY) -> tuple[int, dict[str, Any]]:
    code, said, problem = route(tmp_path, trigger, *arguments, "--json", account=account, at=at)
    assert problem == ""
    return code, json.loads(said)


def policy_with(tmp_path: Path, file: str, text: str) -> Path:
    policy = copytree(DEFAULT_POLICY, tmp_path / "policy")
    (policy / file).write_text(text, encoding="utf-8")
    return policy


def test_what_the_trigger_leaves_out_is_as_its_rule_has_it_for_the_segments(tmp_path: Path) -> None:
    code, found = answer(tmp_path, {"rule": "T04"}, account=ACCOUNT)
    assert (code, found["reaches_somebody"]) == (0, True)
    assert found["segment_path"] == ["all", "human-touch", "high"]
    assert found["play"]["id"] == "usage-review"
    assert (found["trigger"]["priority"], found["trigger"]["account_id"]) == ("P2", "globex")
    assert found["declined"] is None


def test_the_owner_has_a_score_and_runners_up(tmp_path: Path) -> None:
    _, found = answer(tmp_path, {"rule": "T04"}, account=ACCOUNT)
    choice = found["choice"]
    assert found["owner"]["reason"] == "pool"
    assert (choice["pool"], choice["policy"] is not None, choice["score"] is not None) == ("csm", True, True)
    assert 1 <= len(choice["runners_up"]) <= 3
    assert all(one["score"] >= choice["score"] for one in choice["runners_up"])
    assert found["owner"]["id"] not in [one["person"] for one in choice["runners_up"]]


def test_the_accounts_own_person_comes_first(tmp_path: Path) -> None:
    code, found = answer(tmp_path, {"rule": "T04"}, account={**ACCOUNT, "csm": "Jonas Weber"})
    assert (code, found["owner"]["id"], found["owner"]["reason"]) == (0, "jonas.weber", "account")


def test_clocks_in_business_time_show_the_hours_they_count_and_elapsed_ones_none(tmp_path: Path) -> None:
    _, found = answer(tmp_path, {"rule": "T04", "first_action": "12bh"}, account=ACCOUNT)
    act = next(clock for clock in found["clocks"] if clock["clock"] == "act")
    assert act["working_intervals"] == [
        ["2026-03-02T09:15:00.000Z", "2026-03-02T17:00:00.000Z"], ["2026-03-03T09:00:00.000Z", "2026-03-03T13:15:00.000Z"],
    ]  # fmt: skip
    assert (act["due"], act["calendar"], act["percent_of_first_action"]) == ("2026-03-03T13:15:00.000Z", "office (UTC)", 100)
    _, elapsed = answer(tmp_path, {"rule": "T04", "first_action": "24h"}, account=ACCOUNT)
    assert [clock["working_intervals"] for clock in elapsed["clocks"]] == [None, None, None]
    assert answer(tmp_path, {"rule": "T04", "first_action": "-"}, account=ACCOUNT)[1]["clocks"] == []


def test_a_silence_that_would_hold_it_is_told_with_its_author_and_the_answer_is_no(tmp_path: Path) -> None:
    silence = (
        "silences:\n  - {name: freeze, author: kim, reason: merger talks, accounts: [globex],\n"
        "     starts: 2026-03-01T00:00:00Z, expires: 2026-03-05T00:00:00Z}\n"
    )
    policy = policy_with(tmp_path, "suppression.yaml", silence)
    code, found = answer(tmp_path, {"rule": "T04"}, "--policy", policy, account=ACCOUNT)
    assert code == 1
    assert found["against"]["launch"]["verdict"] == "hold"
    (cause,) = found["against"]["launch"]["causes"]
    assert (cause["kind"], cause["by"], cause["until"]) == ("silenced", "freeze", "2026-03-05T00:00:00.000Z")
    assert "silenced by kim" in cause["detail"]
    said = route(tmp_path, {"rule": "T04"}, "--policy", policy, account=ACCOUNT)[1]
    assert "launch    held until 2026-03-05T00:00:00.000Z: silenced freeze: silenced by kim" in said


def test_quiet_hours_hold_words_to_the_customer_and_not_the_launch(tmp_path: Path) -> None:
    code, found = answer(tmp_path, {"rule": "T04", "first_action": "5bd"}, account=ACCOUNT, at="2026-03-02T23:30:00Z")
    assert code in (0, 1)
    assert found["against"]["launch"] is None
    assert found["against"]["message"]["causes"][0]["kind"] == "quiet_hours"


def test_nobody_but_the_fallback_is_an_answer_of_no(tmp_path: Path) -> None:
    ladders = ("cs_lead", "csm_pool", "implementation_lead", "renewal_specialist", "support_lead")  # a hole in one is refused
    pools = "".join(f"  {role}:\n    - {{person: victor.hale}}\n" for role in ladders)
    owners = f"people:\n  - {{id: victor.hale, name: Victor Hale}}\npools:\n{pools}fallback: victor.hale\n"
    policy = policy_with(tmp_path, "owners.yaml", owners)
    code, found = answer(tmp_path, {"rule": "T04", "owner_role": "enablement"}, "--policy", policy, account=ACCOUNT)
    assert (code, found["owner"]["reason"], found["reaches_somebody"]) == (1, "fallback", False)


def test_an_account_that_has_gone_gets_nothing(tmp_path: Path) -> None:
    events = [ACCOUNT, {"type": "account.churned", "account_id": "globex", "occurred_at": "2026-03-01T00:00:00Z"}]
    events[0] = {**ACCOUNT, "occurred_at": "2026-02-01T00:00:00Z"}
    code, found = answer(tmp_path, {"rule": "T04"}, account=events)
    assert (code, found["play"]) == (1, None)
    assert "churned" in found["declined"]


def test_automation_is_an_owner_where_the_rule_asks_for_it(tmp_path: Path) -> None:
    code, found = answer(tmp_path, {"rule": "T04", "owner_role": "automation"}, account=ACCOUNT)
    assert (code, found["owner"]["id"], found["choice"]) == (0, "automation", None)


def test_the_words_are_for_people(tmp_path: Path) -> None:
    code, said, _ = route(tmp_path, {"rule": "T04", "first_action": "5bd"}, account=ACCOUNT)
    assert code == 0
    lines = {line.split("  ")[0]: line for line in said.splitlines()}
    assert lines["segments"].endswith("all > human-touch > high")
    assert "the lowest score wins" in said
    assert "nobody is taken to hold anything else" in said
    assert "act by 2026-03-09T09:15:00.000Z: 5bd, counts working hours of office (UTC)" in said
    assert "and 4 more" in said or "2026-03-03T09:00:00.000Z to 2026-03-03T17:00:00.000Z" in said
    assert lines["launch"] == "launch    nothing stands against it"


@pytest.mark.parametrize(
    ("trigger", "problem"),
    [
        ("{broken", "not JSON"),
        ([1], "give one trigger, an object"),
        ({}, "say which `rule` fired"),
        ({"rule": "T999"}, "say which `rule` fired"),
        ({"rule": "T04", "play": "no-such-play"}, "no-such-play"),
        ({"rule": "T04", "owner_role": "wizard"}, "owner role 'wizard' is not understood"),
        ({"rule": "T04", "first_action": "soon"}, "first-action SLA 'soon' is not understood"),
        ({"rule": "T04", "priority": "P9"}, "the trigger is not one: priority"),
    ],
)
def test_what_is_no_trigger_is_refused_with_what_is_wrong(tmp_path: Path, trigger: Any, problem: str) -> None:
    code, said, refusal = route(tmp_path, trigger)
    assert (code, said) == (2, "")
    assert problem in refusal


def test_a_line_of_the_topic_is_taken_as_it_is(tmp_path: Path) -> None:
    _, first = answer(tmp_path, {"rule": "T04"}, account=ACCOUNT)
    code, again = answer(tmp_path, {"topic": "triggers", "record": first["trigger"]}, account=ACCOUNT)
    assert (code, again["trigger"]) == (0, first["trigger"])


def test_skills_of_the_play_and_languages_of_the_account_are_wished_for(tmp_path: Path) -> None:
    speaking = {**ACCOUNT, "languages": ["sv-SE", "EN"]}
    code, found = answer(tmp_path, {"rule": "T04", "play": "kickoff"}, account=speaking)
    assert (code, found["owner"]["id"]) == (0, "maya.lindqvist")
    assert found["wishes"] == {"skills": ["onboarding"], "languages": ["sv", "en"]}
    said = route(tmp_path, {"rule": "T04", "play": "kickoff"}, account=speaking)[1]
    assert "          wished for: skills onboarding; languages sv, en\n" in said
    assert answer(tmp_path, {"rule": "T04", "owner_role": "automation"}, account=ACCOUNT)[1]["wishes"] is None
