"""`playcall plays`: lists, checks and shows playbooks the way people would meet them."""

import json
from pathlib import Path
from shutil import copytree
from typing import Any

from typer.testing import CliRunner

from plays.loading.rules import LIBRARY
from streams.cli.compose import load_configuration
from streams.cli.plays import app
from streams.cli.preview import SAMPLE_ACCOUNT, preview, sample_trigger

T0 = 1_772_000_000_000

TRIGGER = {
    "rule": "PB1",
    "time": "2026-03-02T09:00:00Z",
    "evidence": {"summary": "Weekly active users fell from 20 to 11 and 10.", "clears_when": "they are back"},
}
ACCOUNT = [
    {"account_id": "globex", "name": "Globex", "csm": "Maya Lindqvist", "touch_model": "high", "occurred_at": "2026-03-01T00:00:00Z"},
    {"type": "contact.added", "contact_id": "k-1", "name": "Kim Roe", "role": "champion", "occurred_at": "2026-03-01T00:00:00Z"},
]


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def files(folder: Path, trigger: Any = TRIGGER, account: Any = ACCOUNT) -> list[str]:
    (folder / "trigger.json").write_text(json.dumps(trigger))
    (folder / "account.json").write_text(json.dumps(account))
    return ["--trigger", str(folder / "trigger.json"), "--account", str(folder / "account.json")]


def test_the_list_names_every_play_with_its_steps_and_rules() -> None:
    code, said, _ = run("ls", "--json")
    rows = {row["id"]: row for row in json.loads(said)}

    assert code == 0
    assert rows["PB1"]["rules"] == ["PB1"]
    assert [step["name"] for step in rows["PB1"]["steps"]] == ["review the account", "check-in e-mail", "call"]
    assert rows["PB1"]["exits"] == ["churned", "recovered"]
    assert "review the account > check-in e-mail > call" in run("ls")[1]


def test_a_preview_has_dates_from_the_trigger_and_words_for_the_account(tmp_path: Path) -> None:
    code, said, _ = run("preview", "PB1", *files(tmp_path), "--json")
    seen = json.loads(said)
    review, mail, call = seen["steps"]

    assert code == 0
    assert (seen["launch"]["owner"]["id"], seen["launch"]["clocks"]["act_by"]) == ("maya.lindqvist", "2026-03-03T09:00:00Z")
    assert [step["due_by"] for step in seen["launch"]["steps"]] == [
        "2026-03-03T09:00:00Z", "2026-03-03T13:00:00Z", "2026-03-09T13:00:00Z",
    ]  # fmt: skip
    assert (review["message"], review["reach"]) == ("", [])
    assert mail["message"].startswith("Subject: Checking in\n\nHi Kim,")
    assert mail["message"].endswith("Maya")
    assert mail["reach"] == [{"id": "k-1", "name": "Kim Roe", "role": "champion"}]
    assert (call["begins"], call["due_by"]) == ("2026-03-06T13:00:00.000Z", "2026-03-09T13:00:00.000Z")
    assert seen["launch"]["message"].split("\n---\n")[1].startswith("Weekly active users fell from 20 to 11 and 10.")


def test_a_preview_is_readable_and_takes_what_replay_prints(tmp_path: Path) -> None:
    code, said, _ = run("preview", "PB1", *files(tmp_path, {"topic": "triggers", "record": TRIGGER}))

    assert code == 0
    assert said.startswith("PB1 v2: Usage decline over two weeks, as PB1 (P2) would launch it for Globex\n")
    assert "begins      after check-in e-mail, 3bd later, only if no_reply, at the latest 2026-03-06T13:00:00.000Z" in said
    assert "    | Subject: Checking in" in said


def test_every_play_of_the_library_has_a_preview_without_any_file() -> None:
    configuration = load_configuration(only=("all",))
    for play in configuration.playbooks:
        fired = sample_trigger(play, configuration.stated, "acme", T0, {"play": play})
        seen = preview(configuration, play, fired, SAMPLE_ACCOUNT.context(configuration))
        assert [step.name for step in seen.launch.steps] == [step.name for step in seen.playbook.steps]
        assert all(bool(view.message) == step.writes for view, step in zip(seen.steps, seen.playbook.steps, strict=True))


def test_what_cannot_be_shown_is_refused_in_words(tmp_path: Path) -> None:
    assert run("preview", "swatt")[::2] == (
        2, "playcall: no playbook 'swatt': did you mean swat? `playcall plays ls` lists all there are\n",
    )  # fmt: skip
    code, _, said = run("preview", "PB1", *files(tmp_path, {"priority": "urgent"}))
    assert (code, said) == (2, "playcall: the trigger is not one: priority: Input should be 'P1', 'P2', 'P3' or 'P4'\n")
    assert run("preview", "PB1", *files(tmp_path, [1]))[::2] == (2, f"playcall: {tmp_path}/trigger.json: give one trigger, an object\n")
    gone = [*ACCOUNT, {"type": "account.churned", "occurred_at": "2026-03-01T12:00:00Z"}]
    code, _, said = run("preview", "PB1", *files(tmp_path, TRIGGER, gone))
    assert (code, said) == (2, "playcall: the router launches nothing for globex: has the account churned?\n")
    (tmp_path / "trigger.json").write_text("{")
    assert run("preview", "PB1", "--trigger", str(tmp_path / "trigger.json"))[0] == 2


def test_lint_says_what_can_never_happen_with_file_line_and_fix(tmp_path: Path) -> None:
    copytree(LIBRARY, tmp_path / "library")
    assert run("lint", "--library", str(tmp_path / "library"))[0] == 0
    path = tmp_path / "library" / "playbooks" / "swat.yaml"
    path.write_text(path.read_text().replace("max_age: 4h\n", "max_age: 4h\nexits:\n  - {when: renewed, code: resolved}\n", 1))

    code, said, _ = run("lint", "--library", str(tmp_path / "library"))
    what = "exit 'renewed' can never come: "
    assert code == 1
    assert said.startswith(f"{path}:8: {what}")
    assert said.endswith("speak of no contract. Fix: remove the exit\n")

    path.write_text(path.read_text().replace("due: sla", "due: soon", 1))
    code, _, said = run("lint", "--library", str(tmp_path / "library"))
    assert code == 2
    assert f"{path}:17: steps.0.due: " in said
