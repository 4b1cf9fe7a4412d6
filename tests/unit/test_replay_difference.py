"""`playcall replay --diff`: what an edited library gains and loses on the same events."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from plays.loading.rules import LIBRARY
from schemas.records.trigger import Trigger
from streams.cli.replay import app
from streams.replay.difference import compare
from tests.desk import trigger

START = datetime(2026, 3, 2, tzinfo=UTC)


def event(day: float, kind: str, account: str, **data: Any) -> str:
    at = (START + timedelta(days=day)).isoformat()
    event_id = f"{kind}-{day}-{sorted(data.items())}"
    return json.dumps({"event_id": event_id, "type": kind, "account_id": account, "source": "test", "occurred_at": at, **data})


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """Five accounts open a P1 ticket each, on days that follow; acme starts a milestone that stalls."""
    lines = [event(n, "ticket.created", f"account-{n}", ticket_id=f"T-{n}", priority="P1") for n in range(5)]
    lines += [event(0.4, "milestone.started", "acme", milestone_id="M-1"), event(0.2, "account.updated", "acme", touch_model="mid")]
    lines += [event(day + 0.5, "account.updated", "acme", name=f"Acme {day}") for day in range(15)]
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join(sorted(lines, key=lambda line: str(json.loads(line)["occurred_at"]))))
    return path


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return copytree(LIBRARY, tmp_path / "new")


def edit(library: Path, rule: str, find: str, put: str) -> None:
    path = library / f"{rule}.yaml"
    text = path.read_text(encoding="utf-8")
    assert find in text
    path.write_text(text.replace(find, put, 1), encoding="utf-8")


def diff(events: Path, new: Path, *more: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["--diff", str(LIBRARY), str(new), str(events), "--rules", "T03,T07", *more])
    return result.exit_code, result.stdout if result.exit_code < 2 else result.stderr


def test_an_equal_library_changes_nothing(events: Path, library: Path) -> None:
    assert diff(events, library, "--fail-on-change") == (0, "0 triggers gained, 0 lost, 0 changed, 6 the same\n")


def test_gained_lost_and_changed_are_counted_by_rule_with_examples(events: Path, library: Path) -> None:
    edit(library, "T03", "mid: {days: 10}", "mid: {days: 12}")
    edit(library, "T07", "where: {priority: P1}", "where: {priority: P2}")

    code, said = diff(events, library)

    assert code == 0
    assert said.splitlines() == [
        "0 triggers gained, 5 lost, 1 changed, 0 the same",
        "  rule    gained    lost  changed",
        "  T03          0       0        1",
        "  T07          0       5        0",
        "lost:",
        *[
            f"  T07 account-{n} ticket T-{n}, episode 2026-03-0{2 + n}T00:00:00.000Z, at 2026-03-0{2 + n}T00:00:00.000Z: "
            f"P1 ticket (ticket T-{n}): priority P1."
            for n in range(5)
        ],
        "changed:",
        "  T03 acme milestone M-1, episode 2026-03-02T09:36:00.000Z: time 2026-03-13T00:10:00.000Z -> 2026-03-15T00:10:00.000Z",
    ]


def test_as_json_every_trigger_is_there(events: Path, library: Path) -> None:
    edit(library, "T03", "sla: 48h", "sla: 24h")
    edit(library, "T07", "status: stable", "status: experimental")

    code, said = diff(events, library, "--json", "--fail-on-change")
    found = json.loads(said)

    assert code == 1
    assert found["by_rule"] == {"T03": {"changed": 1, "gained": 0, "lost": 0}, "T07": {"changed": 0, "gained": 0, "lost": 5}}
    assert [one["account_id"] for one in found["lost"]] == [f"account-{n}" for n in range(5)]
    assert found["changed"][0]["fields"] == {"first_action": ["48h", "24h"]}
    assert (found["same"], found["gained"]) == (0, [])


def test_what_one_library_loses_the_other_gains(events: Path, library: Path) -> None:
    edit(library, "T07", "status: stable", "status: retired")

    result = CliRunner().invoke(app, ["--diff", str(library), str(LIBRARY), str(events), "--rules", "T03,T07", "--fail-on-change"])

    assert result.exit_code == 1
    assert result.stdout.startswith("5 triggers gained, 0 lost, 0 changed, 1 the same\n")


def test_a_library_that_cannot_be_read_is_refused(events: Path, library: Path) -> None:
    edit(library, "T07", "sla: 2h", "sla: soon")

    code, said = diff(events, library)

    assert code == 2
    assert "T07.yaml:11: sla: string should match pattern" in said.replace("\n", "")


def test_one_library_or_two(events: Path, library: Path) -> None:
    assert diff(events, library, "--library", str(library)) == (2, "refused: --library and --diff: give one of them\n")


TRIGGERS = st.lists(
    st.builds(
        lambda account, episode, first: trigger(account=account, episode=f"2026-02-2{episode}T00:00:00.000Z", first_action=first),
        st.sampled_from("abc"), st.integers(0, 3), st.sampled_from(["2h", "4h"]),
    ),
    unique_by=lambda one: one.trigger_id,
)  # fmt: skip


@given(TRIGGERS, TRIGGERS)
def test_a_difference_accounts_for_every_trigger_and_turns_round(old: list[Trigger], new: list[Trigger]) -> None:
    there, back = compare(old, new), compare(new, old)

    assert len(there.gained) + len(there.changed) + there.same == len(new)
    assert len(there.lost) + len(there.changed) + there.same == len(old)
    assert (there.gained, there.lost, there.same) == (back.lost, back.gained, back.same)
    assert [(one.old, one.new) for one in there.changed] == [(one.new, one.old) for one in back.changed]
    assert compare(old, old).empty
