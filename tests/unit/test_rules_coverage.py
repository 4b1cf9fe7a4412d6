"""`playcall rules coverage`: a row counts if its values are the checklist's and it fired."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from plays.loading.checklist import load_checklist
from streams.cli.rules import app


def outcome(path: Path, **fired: int) -> Path:
    quarters = [{"total": {"fired": 3}}, {"total": {"fired": 0}}]
    body = {"rules": {rule: {"triggers": count} for rule, count in fired.items()}, "reports": {"PB6": quarters}}
    path.write_text(json.dumps(body))
    return path


def ask(demo: Path, *more: str) -> tuple[int, dict[str, object]]:
    done = CliRunner().invoke(app, ["coverage", "--demo", str(demo), "--json", *more])
    return done.exit_code, json.loads(done.stdout)


def test_what_fired_counts_and_what_did_not_is_named(tmp_path: Path) -> None:
    code, answer = ask(outcome(tmp_path / "demo.json", T04=7, T07=2, T01=0))

    assert code == 1
    assert (answer["asked"], answer["covered"]) == (76, 3)
    assert answer["lacks"]["PB6"] == answer["lacks"]["T04"] == []  # type: ignore[index]
    assert answer["lacks"]["T01"] == ["did not fire in the demonstration"]  # type: ignore[index]


def test_all_rows_fired_is_all_rows_covered(tmp_path: Path) -> None:
    checklist = tmp_path / "checklist.csv"
    rows = [line for line in Path("plays/library/checklist.csv").read_text().splitlines() if line.split(",")[0] in ("id", "T04", "T07")]
    checklist.write_text("\n".join(rows))

    assert ask(outcome(tmp_path / "demo.json", T04=1, T07=1), "--checklist", str(checklist))[0] == 0


def test_another_value_than_the_checklists_does_not_count(tmp_path: Path) -> None:
    checklist = tmp_path / "checklist.csv"
    rows = [line for line in Path("plays/library/checklist.csv").read_text().splitlines() if line.split(",")[0] in ("id", "T07")]
    checklist.write_text("\n".join(rows).replace(",2h,", ",4h,"))

    code, answer = ask(outcome(tmp_path / "demo.json", T07=1), "--checklist", str(checklist))

    assert code == 1
    assert answer["lacks"] == {"T07": ["first_action_sla is '2h', the checklist says '4h'"]}


@pytest.mark.parametrize("text", [None, "{}", "no json"])
def test_without_a_demonstration_it_says_how_to_get_one(tmp_path: Path, text: str | None) -> None:
    demo = tmp_path / "demo.json"
    if text is not None:
        demo.write_text(text)

    done = CliRunner().invoke(app, ["coverage", "--demo", str(demo)])

    assert done.exit_code == 2
    assert "playcall demo" in done.stderr


def test_the_checklist_has_seventy_six_rows() -> None:
    assert len(load_checklist()) == 76
