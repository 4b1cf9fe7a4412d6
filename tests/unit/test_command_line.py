"""The command as a whole: every sub-command explains itself, and what goes wrong before any work is one clear line."""

import importlib
import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest
import typer
from typer.testing import CliRunner

from plays.loading.rules import LIBRARY
from streams.cli.main import COMMANDS, main


def playcall(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PLAYCALL_")}
    command = [sys.executable, "-m", "streams.cli.main", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment | variables)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_file_and_its_help(command: str) -> None:
    app: typer.Typer = importlib.import_module(f"streams.cli.{command}").app

    shown = CliRunner().invoke(app, ["--help"], env={"NO_COLOR": "1"})

    assert shown.exit_code == 0
    assert "--help" in shown.output


def test_the_top_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    assert ended.value.code == 0
    listed = {line.strip("│ ").split()[0] for line in capsys.readouterr().out.splitlines() if line.startswith("│ ") and line.strip("│ ")}
    assert set(COMMANDS) <= listed


def test_the_version_is_the_distributions(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])

    assert capsys.readouterr().out == f"playcall {importlib.metadata.version('playcall')}\n"


def test_a_wrong_setting_is_one_line_and_exit_code_two() -> None:
    done = playcall("topics", "check", PLAYCALL_PARTITIONS="0")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "playcall: setting partitions (from PLAYCALL_PARTITIONS): Input should be greater than or equal to 1\n"


def test_an_unknown_option_is_exit_code_two() -> None:
    assert playcall("topics", "check", "--partition", "4").returncode == 2


def test_output_that_is_no_terminal_has_no_colour() -> None:
    assert "\x1b[" not in playcall("kafka", "--help").stdout


def test_a_worker_refuses_a_library_that_differs_from_its_lock(tmp_path: Path) -> None:
    library = tmp_path / "library"
    copytree(LIBRARY, library)
    rule = library / "T07.yaml"
    rule.write_text(rule.read_text(encoding="utf-8").replace("sla: 2h", "sla: 3h"), encoding="utf-8")

    done = playcall("worker", "--library", str(library))

    assert done.returncode == 2
    assert done.stderr.strip().splitlines() == [
        (
            "playcall: refused to run: the library differs from its lock.json (rule T07 changed but is still version 1: set `version: 2`, "
            "then run `playcall rules lock`): run `playcall rules lock`"
        ),
    ]
