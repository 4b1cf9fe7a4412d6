"""`playcall route test --runs`: how things stood by what was published says the same as the events that made it so."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from streams.cli.replay import app as replay_app
from tests.unit.test_route_command import ACCOUNT, answer, policy_with, route
from tests.unit.test_route_history import requested, told

ANA = {"type": "contact.added", "account_id": "globex", "contact_id": "c-1", "name": "Ana", "role": "champion"}
KNOWN: list[dict[str, Any]] = [ACCOUNT, ANA]
NUDGE = {"rule": "T04", "concern": "expansion", "priority": "P3"}
OTHER = {"account_id": "initech", "touch_model": "high", "csm": "jonas.weber"}


def replayed(tmp_path: Path, events: list[dict[str, Any]], *arguments: Any) -> Path:
    """What `playcall replay --json` makes of the events up to Monday noon; those without a date come first."""
    usual = {"type": "account.updated", "source": "test", "occurred_at": "2026-03-02T07:00:00Z"}
    whole = [{"event_id": f"e{index}", **usual, **one} for index, one in enumerate(events)]
    (tmp_path / "events.jsonl").write_text("".join(json.dumps(one) + "\n" for one in whole))
    until = ("--until", "2026-03-02T12:00:00Z", "--partitions", "1", "--json")
    result = CliRunner().invoke(replay_app, [str(tmp_path / "events.jsonl"), *until, *map(str, arguments)])
    assert result.exit_code == 0, result.stderr
    path = tmp_path / "replay.jsonl"
    path.write_text(result.stdout)
    return path


def both(tmp_path: Path, trigger: dict[str, Any], history: list[dict[str, Any]], *arguments: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answers by the events of the account, and by what a replay of them published."""
    records = replayed(tmp_path, history, *arguments)
    by_events = answer(tmp_path, trigger, *arguments, account=history)[1]
    by_records = answer(tmp_path, trigger, *arguments, "--runs", records, account=KNOWN)[1]
    return by_events, by_records


def loads(found: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """Runs and minutes of whoever is shown."""
    choice = found["choice"]
    shown = [{"person": found["owner"]["id"], "holds": choice["holds"]}, *choice["runners_up"], *choice["full"]]
    return {one["person"]: (one["holds"]["runs"], one["holds"]["sla_minutes"]) for one in shown}


def test_runs_messages_loads_and_verdicts_are_those_of_the_events(tmp_path: Path) -> None:
    owners = (
        "people:\n  - {id: ana, name: Ana}\n  - {id: ben, name: Ben}\n  - {id: boss, name: Boss}\n"
        "pools:\n  csm: {policy: least_open_minutes, members: [{person: ana}, {person: ben}, {person: boss}]}\n"
        + "".join(
            f"  {role}: [{{person: boss}}]\n"
            for role in ("csm_pool", "cs_lead", "implementation_lead", "renewal_specialist", "support_lead")
        )
        + "fallback: boss\n"
    )
    policy = policy_with(tmp_path, "owners.yaml", owners)
    (policy / "calendars.yaml").write_text("company: always\ncustomer: always\ncalendars:\n  always: {timezone: UTC, hours: always}\n")
    adoption = requested("ml-2", concern="adoption", play="usage-review", priority="P2", first_action="24h")
    by_events, by_records = both(tmp_path, NUDGE, [*KNOWN, requested(), adoption], "--policy", policy)
    assert [run["concern"] for run in by_events["open_runs"]] == ["support", "adoption"]
    for same in ("open_runs", "messages_in_window", "against", "owner", "reaches_somebody", "clocks"):
        assert by_records[same] == by_events[same], same
    assert by_events["against"]["launch"]["causes"][0]["kind"] == "inhibited"
    assert loads(by_records) == loads(by_events)
    assert sum(runs for runs, _ in loads(by_events).values()) > len(by_events["open_runs"])  # steps that others have weigh, too


def test_a_run_that_takes_the_trigger_in_is_the_recorded_one(tmp_path: Path) -> None:
    history = [*KNOWN, requested(concern="adoption", play="usage-review", priority="P3", first_action="5bd")]
    trigger = {"rule": "T04", "concern": "adoption", "priority": "P2", "first_action": "24h"}
    by_events, by_records = both(tmp_path, trigger, history)
    for same in ("joins", "told", "priority", "owner", "play"):
        assert by_records[same] == by_events[same], same
    assert by_records["told"] == "upgraded"
    due = {clock["clock"]: clock["due"] for clock in by_events["clocks"]}
    assert {clock["clock"]: clock["due"] for clock in by_records["clocks"]} == due
    # A plain join leaves the clocks: of these the records say when they are due, not what they count.
    _, joined = both(tmp_path, {**trigger, "priority": "P4"}, history)
    assert (joined["told"], {clock["counts"] for clock in joined["clocks"]}) == ("joined", {None})
    said = route(tmp_path, {**trigger, "priority": "P4"}, "--runs", tmp_path / "replay.jsonl", account=KNOWN)[1]
    assert "counts" not in next(line for line in said.splitlines() if line.startswith("clocks"))


def test_what_is_over_and_what_comes_later_weighs_nothing(tmp_path: Path) -> None:
    (run,) = answer(tmp_path, NUDGE, account=[*KNOWN, requested()])[1]["open_runs"]
    closed = told("closed", run["run"], "2026-03-02T09:00:00Z", code="resolved")
    records = replayed(tmp_path, [*KNOWN, requested(), closed, requested("late", at="2026-03-02T11:00:00Z")])
    _, found = answer(tmp_path, NUDGE, "--runs", records, account=KNOWN)
    assert (found["open_runs"], found["against"]["launch"], found["choice"]["holds"]["runs"]) == ([], None, 0)
    _, later = answer(tmp_path, NUDGE, "--runs", records, account=KNOWN, at="2026-03-02T11:30:00Z")
    assert len(later["open_runs"]) == 1


def test_a_trigger_that_was_answered_is_known_by_its_run(tmp_path: Path) -> None:
    records = replayed(tmp_path, [*KNOWN, requested("T04", concern="adoption", play="usage-review", priority="P2")])
    (launched,) = [json.loads(line)["record"] for line in records.read_text().splitlines() if '"kind":"launched"' in line]
    again = {"rule": "T04", "episode": "2026-03-02T08:00:00.000Z"}
    code, found = answer(tmp_path, again, "--runs", records, account=KNOWN)
    assert (code, found["declined"].startswith(f"it came before: run {launched['run_id']} answers it")) == (1, True)


def test_runs_of_other_accounts_weigh_on_their_owners_and_the_account_stays_as_it_is(tmp_path: Path) -> None:
    records = replayed(tmp_path, [OTHER, {**requested(), "account_id": "initech", "occurred_at": "2026-03-02T09:05:00Z"}])
    _, found = answer(tmp_path, {"rule": "T04"}, "--runs", records, account=KNOWN)
    _, free = answer(tmp_path, {"rule": "T04"}, account=KNOWN)
    assert (found["open_runs"], found["account_from"]) == ([], free["account_from"])
    assert (free["loads_from"], found["loads_from"]) == (None, f"{records} tells")
    assert "annual revenue of other accounts is not in these records" in found["remarks"][0]
    _, his = answer(tmp_path, {"rule": "T04"}, "--runs", records, account=[{**ACCOUNT, "csm": "jonas.weber"}, ANA])
    assert (his["owner"]["id"], his["choice"]["holds"]["runs"]) == ("jonas.weber", 1)


def test_who_helps_out_at_night_and_has_a_run_of_the_account_is_known_by_the_records_too(tmp_path: Path) -> None:
    night = requested("ml-7", at="2026-03-02T02:00:00Z")
    records = replayed(tmp_path, [*({**one, "occurred_at": "2026-03-01T00:00:00Z"} for one in KNOWN), night])
    trigger = {"rule": "T04", "concern": "other", "first_action": "2h"}
    for role, reason in (("csm", "continuity"), ("support_lead", "pool")):
        asked = {**trigger, "owner_role": role}
        owner = answer(tmp_path, asked, "--runs", records, account=KNOWN, at="2026-03-02T03:00:00Z")[1]["owner"]
        assert (owner["reason"], owner["id"] in ("noor.haddad", "ethan.cole")) == (reason, reason == "continuity")


def test_files_of_other_things_are_said_to_be_unreadable(tmp_path: Path) -> None:
    (tmp_path / "other.jsonl").write_text("{broken\n")
    code, _, problem = route(tmp_path, {"rule": "T04"}, "--runs", tmp_path / "other.jsonl", account=KNOWN)
    assert (code, problem) == (0, f"  1 records unreadable, the first: {tmp_path}/other.jsonl: a line is no JSON object\n")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--live", "--runs", "FILE"), "--live and --runs both tell what people hold"),
        (("--bootstrap", "127.0.0.1:1"), "say where --live reads"),
        (("--runs", "no-such-file"), "does not exist"),
    ],
)
def test_options_that_contradict_each_other_are_refused(tmp_path: Path, arguments: tuple[str, ...], problem: str) -> None:
    (tmp_path / "FILE").write_text("")
    code, said, refusal = route(tmp_path, {"rule": "T04"}, *(tmp_path / one if one == "FILE" else one for one in arguments))
    assert (code, said) == (2, "")
    assert problem in refusal
