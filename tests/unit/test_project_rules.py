"""Rules about the project itself that no tool checks."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from streams.broker.jars import KAFKA_VERSION

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE = 500
PURE = ("schemas", "plays", "streams/processing", "streams/signals", "streams/router", "streams/engine")
REGISTRIES = re.compile(r"https?://[^\s\"']*(?:pypi|pythonhosted|/simple\b|maven2|nexus|artifactory|repo1)", re.IGNORECASE)
MACHINE_PATH = re.compile(r"(?<![\w.$}~*/-])/(?:home|root|work|Users|farm|tmp)/[A-Za-z.]")


def tracked(*patterns: str) -> list[Path]:
    """What git tracks, as it lies in the folder now."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def text_of(file: Path) -> str:
    raw = file.read_bytes()
    return "" if b"\0" in raw else raw.decode(errors="replace")


def test_no_file_is_longer_than_500_lines() -> None:
    too_long = {
        str(file.relative_to(ROOT)): lines for file in tracked("*.py") if (lines := len(file.read_text().splitlines())) > LONGEST_FILE
    }

    assert too_long == {}


def test_the_import_contracts_are_kept() -> None:
    tool = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run([tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_no_tracked_file_names_a_path_of_one_machine() -> None:
    found = [
        f"{file.relative_to(ROOT)}: {match[0]}"
        for file in tracked()
        if file.name != Path(__file__).name
        for match in MACHINE_PATH.finditer(text_of(file))
    ]

    assert found == []


def test_no_tracked_file_names_a_package_registry() -> None:
    found = [f"{file.relative_to(ROOT)}: {match[0]}" for file in tracked() for match in REGISTRIES.finditer(text_of(file))]

    assert [line for line in found if not line.startswith("tests/unit/test_project_rules.py")] == []


@pytest.mark.parametrize(
    ("pattern", "forbidden", "allowed"),
    [
        (
            MACHINE_PATH,
            ["/" + "home/someone", 'open("/' + 'tmp/x")', "see /" + "root/.cache"],
            ["/var/lib/kafka", "#!/bin/sh", "a/home/page", "$X/tmp/y"],
        ),
        (REGISTRIES, ["https://mirror.example/" + "simple/", "https://" + "pypi.org"], ["https://kafka.apache.org/protocol"]),
    ],
    ids=["machine paths", "registries"],
)
def test_the_patterns_of_these_rules_bite(pattern: re.Pattern[str], forbidden: list[str], allowed: list[str]) -> None:
    assert [text for text in forbidden if not pattern.search(text)] == []
    assert [text for text in allowed if pattern.search(text)] == []


def test_pure_code_neither_opens_files_nor_prints() -> None:
    """What ruff's banned-api cannot see: builtins."""
    found = [
        f"{file.relative_to(ROOT)}:{node.lineno}: {node.func.id}"
        for file in tracked(*(f"{folder}/*.py" for folder in PURE))
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"open", "print", "input", "exec", "eval"}
    ]

    assert found == []


def test_test_files_have_names_of_their_own() -> None:
    """Import mode importlib does not need it; people who run one file by name do."""
    names = [file.name for file in tracked("tests/**/test_*.py")]

    assert sorted(names) == sorted(set(names))


def test_every_make_target_is_in_the_help() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony is not None

    shown = subprocess.run(["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert [line.split()[0] for line in shown.splitlines()] == phony[1].split()


def test_every_direct_dependency_is_locked_with_hashes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    entries = re.split(r"\n(?=\S)", (ROOT / "requirements.lock").read_text())
    locked = {entry.split("==")[0] for entry in entries if " --hash=sha256:" in entry}

    assert {re.split(r"[<>=\[ ]", need)[0].lower() for need in wanted} - locked == set()


def test_compose_runs_the_kafka_that_everything_is_tested_with() -> None:
    """Same release as the local node, and the same behaviour wherever both say something."""
    kafka = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"]["kafka"]
    local = dict(
        line.split("=", 1)
        for line in (ROOT / "streams" / "broker" / "server.properties").read_text().splitlines()
        if "=" in line and not line.startswith("#")
    )
    composed = {name.removeprefix("KAFKA_").lower().replace("_", "."): str(value) for name, value in kafka["environment"].items()}
    of_the_machine = {name for name in composed if "listener" in name or name in {"log.dirs", "controller.quorum.voters"}}
    shared = (composed.keys() & local.keys()) - of_the_machine

    assert kafka["image"] == f"apache/kafka:{KAFKA_VERSION}"
    assert {name: composed[name] for name in shared} == {name: local[name] for name in shared}
    assert "auto.create.topics.enable" in shared
