"""`playcall route test --account` with a history: the trigger is judged on what the account's own events have made of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from streams.cli.route import app
from tests.unit.test_route_command import ACCOUNT, MONDAY, answer, policy_with, route

RENEWAL = {"rule": "T04", "concern": "expansion", "priority": "P3"}
BEFORE = "2026-03-02T08:00:00Z"


def requested(rule: str = "ml-1", at: str = BEFORE, **fields: Any) -> dict[str, Any]:
    """Somebody asks for a play: by default for a P1 on support."""
    usual = {"concern": "support", "play": "swat", "priority": "P1", "why": "They cannot log in."}
    return {"type": "trigger.requested", "account_id": "globex", "occurred_at": at, "rule": rule, **usual, **fields}


def told(kind: str, run: str, at: str, **fields: Any) -> dict[str, Any]:
    """A report about a run."""
    return {"type": f"run.{kind}", "account_id": "globex", "occurred_at": at, "run_id": run, "actor": "dana", **fields}


def test_an_open_p1_holds_expansion_back_and_its_end_lets_it_go(tmp_path: Path) -> None:
    history = [ACCOUNT, requested()]
    code, found = answer(tmp_path, RENEWAL, account=history)
    (run,) = found["open_runs"]
    assert (run["concern"], run["priority"], run["play"]) == ("support", "P1", "swat")
    assert (code, found["reaches_somebody"]) == (1, False)
    (cause,) = found["against"]["launch"]["causes"]
    assert (cause["kind"], cause["by"], cause["until"]) == ("inhibited", "trouble first", None)
    assert run["run"] in cause["detail"]
    assert found["expires"] > found["trigger"]["time"]
    assert found["owner"]["id"]  # who would have it is told all the same

    over = [*history, told("closed", run["run"], "2026-03-02T09:00:00Z", code="resolved")]
    code, found = answer(tmp_path, RENEWAL, account=over)
    assert (code, found["open_runs"], found["against"]["launch"]) == (0, [], None)


def test_what_happens_later_is_not_known_yet(tmp_path: Path) -> None:
    code, found = answer(tmp_path, RENEWAL, account=[ACCOUNT, requested(at="2026-03-02T09:15:00Z"), requested(at="2026-03-04T08:00:00Z")])
    assert (code, found["open_runs"]) == (0, [])
    assert found["remarks"] == ["2 of its events are of 2026-03-02T09:15:00.000Z or later: not read"]


def test_a_trigger_of_an_open_concern_joins_its_run_and_may_raise_it(tmp_path: Path) -> None:
    history = [ACCOUNT, requested(concern="adoption", play="usage-review", priority="P3", first_action="5bd")]
    code, found = answer(tmp_path, {"rule": "T04", "concern": "adoption", "priority": "P2", "first_action": "24h"}, account=history)
    (run,) = found["open_runs"]
    assert (code, found["told"], found["joins"]) == (0, "upgraded", {"run": run["run"], "priority": "P3", "owner": run["owner"]})
    assert (found["priority"], found["owner"]["id"], found["choice"]) == (
        "P2",
        run["owner"],
        None,
    )
    act = next(clock for clock in found["clocks"] if clock["clock"] == "act")
    assert (act["due"], act["percent_of_first_action"]) == ("2026-03-03T09:15:00.000Z", None)
    said = route(tmp_path, {"rule": "T04", "concern": "adoption", "priority": "P2"}, account=history)[1]
    assert f"joins     run {run['run']} on adoption, and makes it P2 (it was P3): nothing is launched" in said
    assert "launch    " not in said


def test_messages_that_went_out_spend_the_budget_until_the_window_is_over(tmp_path: Path) -> None:
    """One to a contact a week: the P1 has used it."""
    budget = "contact_budget: {window: 7d, per_contact: 1, per_account: 3}\n"
    policy = policy_with(tmp_path, "suppression.yaml", budget)
    ana = {"type": "contact.added", "account_id": "globex", "contact_id": "c-1", "name": "Ana", "role": "champion"}
    nudge, know = {"rule": "T04", "priority": "P3"}, [ACCOUNT, ana]
    _, free = answer(tmp_path, nudge, "--policy", policy, account=know)
    assert (free["messages_in_window"], free["against"]["message"]) == (0, None)
    (run,) = answer(tmp_path, nudge, "--policy", policy, account=[*know, requested()])[1]["open_runs"]
    history = [*know, requested(), told("closed", run["run"], "2026-03-02T08:01:00Z", code="resolved")]
    code, spent = answer(tmp_path, nudge, "--policy", policy, account=history)
    assert (code, spent["messages_in_window"], spent["against"]["launch"]) == (0, 1, None)
    (cause,) = spent["against"]["message"]["causes"]
    assert (cause["kind"], cause["until"]) == ("contact_budget", "2026-03-09T08:00:00.000Z")
    _, over = answer(tmp_path, nudge, "--policy", policy, account=history, at="2026-03-09T08:00:00Z")
    assert (over["messages_in_window"], over["against"]["message"]) == (0, None)


def test_the_same_trigger_again_is_answered_already(tmp_path: Path) -> None:
    usage = {"rule": "T04", "episode": "2026-03-01T00:00:00.000Z"}
    _, first = answer(tmp_path, usage, account=ACCOUNT)
    ask = requested("T04", at="2026-03-01T00:00:00Z", concern="adoption", play="usage-review", priority="P2")
    code, again = answer(tmp_path, usage, account=[ACCOUNT, ask])
    (run,) = again["open_runs"]
    assert (code, again["declined"]) == (1, f"it came before: run {run['run']} answers it, of {_name(run['owner'])} ({run['owner']})")
    assert first["declined"] is None
    closed = told("closed", run["run"], "2026-03-02T08:00:00Z", code="resolved")
    assert answer(tmp_path, usage, account=[ACCOUNT, ask, closed])[1]["declined"] == "it came before: a run that is closed has answered it"


def _name(person: str) -> str:
    return " ".join(part.title() for part in person.split("."))


def test_what_waits_is_told_and_stays_out_of_the_answer(tmp_path: Path) -> None:
    nudge = requested("ml-2", at="2026-03-02T08:30:00Z", concern="expansion", play="expansion-talk", priority="P3")
    code, found = answer(tmp_path, {"rule": "T04"}, account=[ACCOUNT, requested(), nudge])
    assert code == 0
    (held,) = found["waiting"]
    assert (held["rule"], held["causes"][0]["kind"]) == ("ml-2", "inhibited")
    assert found["play"]["id"] == "usage-review"
    said = route(tmp_path, {"rule": "T04"}, account=[ACCOUNT, requested(), nudge])[1]
    assert "ml-2 waits since 2026-03-02T08:30:00.000Z: while P1 run" in said


def test_runs_of_the_history_weigh_on_their_owners_and_who_is_full_is_told(tmp_path: Path) -> None:
    ladders = ("cs_lead", "implementation_lead", "renewal_specialist", "support_lead")
    pools = "".join(f"  {role}: [{{person: boss}}]\n" for role in ladders)
    people = "".join(
        f"  - {{id: {name}, name: {name.title()}, capacity: {runs}}}\n" for name, runs in (("ana", 1), ("ben", 4), ("boss", 9))
    )
    owners = (
        f"people:\n{people}pools:\n{pools}  csm_pool: [{{person: boss}}]\n"
        "  csm: {policy: least_open_runs, members: [{person: ana}, {person: ben}]}\nfallback: boss\n"
    )
    policy = policy_with(tmp_path, "owners.yaml", owners)
    history = [{**ACCOUNT, "csm": "ana"}, requested(at="2026-03-02T09:05:00Z")]
    _, found = answer(tmp_path, {"rule": "T04"}, "--policy", policy, account=history)
    assert [run["owner"] for run in found["open_runs"]] == ["ana"]
    assert (found["owner"]["id"], found["choice"]["policy"], found["choice"]["score"]) == ("ben", "least_open_runs", 0.125)
    assert found["choice"]["full"] == [{"person": "ana", "holds": {"runs": 1, "sla_minutes": 4320, "arr": 80_000}}]
    said = route(tmp_path, {"rule": "T04"}, "--policy", policy, account=history)[1]
    assert "full: ana, 1 of 1 runs" in said


def test_only_rules_that_run_make_history(tmp_path: Path) -> None:
    """T07 launches on a P1 ticket; it is tried all the same where it does not run."""
    ticket = {
        "type": "ticket.created",
        "account_id": "globex",
        "occurred_at": BEFORE,
        "ticket_id": "t-1",
        "priority": "P1",
        "subject": "down",
    }
    _, on = answer(tmp_path, {"rule": "T07"}, "--rules", "T07", account=[ACCOUNT, ticket])
    _, off = answer(tmp_path, {"rule": "T07"}, "--rules", "T04", account=[ACCOUNT, ticket])
    assert [run["rules"] for run in on["open_runs"]] == [["T07"]]
    assert off["open_runs"] == []
    assert off["play"] is not None


def test_profiles_without_a_date_launch_nothing(tmp_path: Path) -> None:
    _, found = answer(tmp_path, {"rule": "T04"}, "--rules", "all", account={**ACCOUNT, "csm": "nobody@else"})
    assert (found["open_runs"], found["waiting"]) == ([], [])


def test_events_that_would_be_dead_letters_are_named(tmp_path: Path) -> None:
    _, found = answer(tmp_path, {"rule": "T04"}, account=[ACCOUNT, told("acknowledged", "no-such-run", BEFORE)])
    assert found["remarks"] == ["dead letters, live: 1 on play-updates: unknown_run"]


@pytest.mark.parametrize(
    ("trigger", "account", "problem"),
    [
        ({"rule": "T04", "account_id": "initech"}, ACCOUNT, "is about the account initech"),
        ({"rule": "T04"}, [{"type": "no.such"}], "unknown event type no.such"),
        ({"rule": "T04"}, [{"type": "ticket.created", "account_id": "globex"}], "ticket.created"),
        ({"rule": "T04"}, [{"type": "person.changed", "person_id": "maya"}], "no event of an account"),
    ],
)
def test_a_history_that_is_none_is_refused(tmp_path: Path, trigger: Any, account: Any, problem: str) -> None:
    code, said, refusal = route(tmp_path, trigger, account=account)
    assert (code, said) == (2, "")
    assert problem in refusal


def test_a_time_that_is_none_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "t.json"
    for time in ("noon", "2026-03-02T09:15:00", 7):
        file.write_text(json.dumps({"rule": "T04", "time": time}))
        result = CliRunner().invoke(app, ["test", str(file)])
        assert (result.exit_code, "no moment with an offset" in result.stderr) == (2, True)


def test_the_sample_account_takes_the_name_the_trigger_gives(tmp_path: Path) -> None:
    code, found = answer(tmp_path, {"rule": "T04", "account_id": "initech"}, at=MONDAY)
    assert (code, found["trigger"]["account_id"], found["account_from"]) == (0, "initech", "7 events of the sample account")
