"""`playcall outcomes report` over files as the topic, the replay and the publishers write them."""

import gzip
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from plays.loading.reports import load_reports
from schemas.records.examples import PLAY_OUTCOME
from streams.cli.outcomes import app
from tests.unit.test_outcomes_review import JULY, done, run


def report(*arguments: Any) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["report", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def launches(path: Path) -> Path:
    """Two runs: one as the topic holds it, one as `replay --json` prints it, in no order."""
    plain = [message.to_json().decode() for message in run("a", "PB1", "acme", JULY, *done("look", "write"))]
    wrapped = [
        json.dumps({"topic": "play-launches", "record": json.loads(m.to_json())}) for m in run("b", "swat", "globex", JULY, *done("look"))
    ]
    trigger = json.dumps({"topic": "triggers", "record": {"trigger_id": "t-1"}})
    path.write_text("\n".join([*reversed(plain), trigger, *wrapped, ""]))
    return path


def test_messages_of_every_form_and_events_make_the_report(tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl.gz"
    left = {"type": "account.churned", "account_id": "globex", "occurred_at": (JULY + timedelta(days=9)).isoformat()}
    last = {"type": "user.login", "account_id": "acme", "occurred_at": "2026-10-09T09:00:00+00:00"}
    events.write_bytes(gzip.compress(f"{json.dumps(left)}\n{json.dumps(last)}\n".encode()))

    code, said, problem = report(launches(tmp_path / "launches.jsonl"), events, "--json")

    (quarter,) = json.loads(said)
    rows = {row["play"]: row for row in quarter["plays"]}
    assert (code, problem, quarter["quarter"], quarter["complete"], quarter["retained_days"]) == (0, "", "2026Q3", True, 90)
    assert (rows["PB1"]["fired"], rows["PB1"]["codes"], rows["PB1"]["steps"]) == (1, {"resolved": 1}, {"part": 2, "whole": 2, "share": 1.0})
    assert rows["swat"]["stayed"] == {"part": 0, "whole": 1, "share": 0.0}
    assert (rows["PB1"]["stayed_days"]["share"], rows["PB1"]["pending"]) == (1.0, 0)
    assert quarter["total"]["fired"] == 2


def test_outcomes_make_the_report_and_say_which_rules_and_segments_it_was(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.jsonl"
    told = PLAY_OUTCOME.model_copy(update={"opened": JULY, "acknowledged": JULY, "acted": JULY, "closed": JULY + timedelta(hours=5)})
    wrapped = json.dumps({"topic": "play-outcomes", "record": json.loads(told.to_json())})
    path.write_text(f"{wrapped}\n{told.to_json().decode()}\n")

    code, said, problem = report(path, "--by", "rule", "--by", "segment")
    assert (code, problem) == (0, "")
    assert "Closed runs of 2026Q3 by rule" in said
    assert "default > high" in said
    assert "5.0h / 5.0h" in said
    (quarter,) = json.loads(report(path, "--json")[1])
    assert [(row["name"], row["acted"]["share"], row["resolve_seconds"]["p90"]) for row in quarter["by"]["rule"]] == [("T07", 1.0, 18000.0)]


def test_the_table_is_for_people(tmp_path: Path) -> None:
    code, said, _ = report(launches(tmp_path / "launches.jsonl"))

    assert code == 0
    assert "2026Q3, as far as the records go" in said
    assert "100% of 2" in said
    assert "resolved 1" in said


def test_a_quarter_without_launches_and_wrong_words_have_their_codes(tmp_path: Path) -> None:
    path = launches(tmp_path / "launches.jsonl")

    assert report(path, "--quarter", "2025Q1")[::2] == (1, "playcall: nothing was launched in 2025Q1 in these files\n")
    assert report(path, "--quarter", "summer")[::2] == (2, "playcall: 'summer' is no quarter: write 2026Q3\n")
    assert json.loads(report(path, "--quarter", "2026Q3", "--json")[1])[0]["total"]["fired"] == 2
    assert report(tmp_path / "nowhere.jsonl")[0] == 2


def test_lines_that_are_no_records_are_named_and_the_others_count(tmp_path: Path) -> None:
    path = launches(tmp_path / "launches.jsonl")
    path.write_text(path.read_text() + '{"half\n{"run_id": "x", "sequence": 1}\n[]\n')

    code, said, problem = report(path, "--json")

    assert (code, json.loads(said)[0]["total"]["fired"]) == (0, 2)
    assert "launches.jsonl:9: " in problem
    assert "3 lines unreadable; read: 0 outcomes, 7 play messages" in problem


def test_the_shipped_definition_is_the_row_of_the_checklist() -> None:
    (definition,) = load_reports()

    assert (definition.id, definition.owner, definition.timer, definition.play) == ("PB6", "cs_lead", "D", "report")
    assert {definition.concern, definition.subject, definition.applies_to, definition.priority, definition.sla, definition.outcome} == {"-"}


def test_a_definition_nobody_could_run_is_refused(tmp_path: Path) -> None:
    text = Path("plays/library/reports/PB6.yaml").read_text()
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "PB6.yaml").write_text(text.replace("owner: cs_lead", "owner: nobody"))

    code, _, problem = report(launches(tmp_path / "launches.jsonl"), "--library", tmp_path)

    assert code == 2
    assert "reports/PB6.yaml:9: unknown role 'nobody'. Fix: use one of account_executive, " in problem
