"""`playcall runs ls` and `playcall runs show` over files as the topic and the replay write them."""

import gzip
import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from schemas.records.decision import Decision, Reason
from schemas.records.wire import Wire, rfc3339, utc
from streams.cli.runs import app
from tests.desk import DAY, HOUR, MINUTE, T0, Desk, trigger, usage_drop


def runs(*arguments: Any) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(map(str, arguments)))
    return result.exit_code, result.stdout, result.stderr


def written(path: Path, *records: Wire) -> Path:
    """As `replay --json` prints them, the last first."""
    lines = [json.dumps({"topic": one.TOPIC, "record": json.loads(one.to_json())}) for one in reversed(records)]
    text = "\n".join([*lines, json.dumps({"topic": "triggers", "record": {"trigger_id": "t"}}), ""])
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def two_accounts(tmp_path: Path) -> tuple[Path, Desk, Desk]:
    """Acme: a P1 that was acknowledged and one that waits for the customer. Globex: one that nobody answers, and a closed one."""
    acme, globex = Desk(), Desk("globex", csm="maya.lindqvist")
    (p1,) = acme.trigger(trigger())
    (drop,) = acme.trigger(usage_drop())
    acme.update("acknowledged", p1.run_id)
    acme.update("paused", drop.run_id, reason="waiting_on_customer")
    globex.trigger(usage_drop(account="globex", at_ms=T0))
    (other,) = globex.trigger(trigger(account="globex"))
    globex.update("closed", other.run_id, code="resolved")
    for desk in (acme, globex):
        desk.advance(50 * MINUTE)  # before the first word of the cadence is late
    path = tmp_path / "launches.jsonl.gz"
    return written(path, *acme.messages, *acme.outcomes, *globex.messages, *globex.outcomes), acme, globex


def listed(*arguments: Any, at: int = T0 + HOUR) -> list[dict[str, Any]]:
    code, said, problem = runs("ls", *arguments, "--at", rfc3339(utc(at)), "--json")
    assert (code, problem) == (0, "")
    found: list[dict[str, Any]] = json.loads(said)
    return found


def test_open_runs_come_the_most_urgent_first_and_those_that_rest_last(tmp_path: Path) -> None:
    path, _, _ = two_accounts(tmp_path)
    found = listed("--file", path)
    assert [(one["account_id"], one["play"], one["state"], one["overdue"]) for one in found] == [
        ("acme", "swat", "acknowledged", False), ("globex", "usage-review", "waiting", False), ("acme", "usage-review", "resting", False),
    ]  # fmt: skip
    assert found[0]["next_due"] == {"clock": "act", "at": rfc3339(utc(T0 + 2 * HOUR))}
    assert found[2]["rest"] == {"kind": "paused", "reason": "waiting_on_customer", "until": None}


def test_runs_are_found_by_owner_play_account_and_by_being_overdue(tmp_path: Path) -> None:
    path, _, _ = two_accounts(tmp_path)
    assert [one["account_id"] for one in listed("--file", path, "--owner", "MAYA Lindqvist")] == ["globex"]
    assert [one["owner"]["id"] for one in listed("--file", path, "--owner", "marcus.bell@playcall.example")] == ["marcus.bell"]
    assert [one["play"] for one in listed("--file", path, "--play", "swat")] == ["swat"]
    assert [one["play"] for one in listed("--file", path, "--account", "globex")] == ["usage-review"]
    assert listed("--file", path, "--overdue") == []
    late = listed("--file", path, "--overdue", at=T0 + 7 * HOUR)
    assert [(one["account_id"], one["next_due"]["clock"]) for one in late] == [("acme", "act"), ("globex", "acknowledge")]
    assert [one["state"] for one in listed("--file", path, "--all", "--account", "globex")] == ["waiting", "closed"]


def test_a_breach_is_told_and_a_snooze_that_is_over_is_no_rest(tmp_path: Path) -> None:
    desk = Desk()
    (launched,) = desk.trigger(trigger())
    desk.update("snoozed", launched.run_id, until=utc(T0 + HOUR), reason="lunch")
    desk.advance(100 * MINUTE)
    path = written(tmp_path / "l.jsonl", *desk.messages)
    (before,), (after,) = listed("--file", path, at=T0 + 1), listed("--file", path, at=T0 + HOUR)
    assert (before["state"], before["rest"]["until"], before["overdue"]) == ("resting", rfc3339(utc(T0 + HOUR)), False)
    assert (after["rest"], after["breached"]) == (None, ["acknowledge"])


def test_the_table_is_for_people(tmp_path: Path) -> None:
    path, acme, _ = two_accounts(tmp_path)
    code, said, _ = runs("ls", "--file", path, "--at", rfc3339(utc(T0 + 3 * HOUR)))
    assert code == 0
    assert "3 runs at 2026-02-25T09:13:20.000Z" in said
    assert acme.messages[0].run_id in said
    assert "act 60m ago" in said
    assert "paused: waiting_on_customer" in " ".join(said.split())


def test_the_whole_history_of_a_run_is_shown_in_order(tmp_path: Path) -> None:
    desk = Desk()
    (launched,) = desk.trigger(trigger())
    desk.advance(35 * MINUTE)
    desk.update("step_completed", launched.run_id, step="SWAT response", note="engineer\non it")
    desk.advance(HOUR)
    desk.update("closed", launched.run_id, code="resolved")
    held = Decision(
        decision_id="d", account_id="acme", time=utc(T0 + 90 * MINUTE), reason=Reason.HELD, run_id=launched.run_id, detail="quiet hours"
    )
    other = held.model_copy(update={"decision_id": "e", "run_id": "another"})
    path = written(tmp_path / "l.jsonl", *desk.messages, *desk.outcomes, held, other)

    code, said, problem = runs("show", launched.run_id[:9], "--file", path, "--file", path)
    assert (code, problem) == (0, "")
    kinds = [line.split()[2] for line in said.splitlines() if line.startswith("2026-") and " step_" not in line]
    assert kinds == ["launched", "sla_warning", "sla_warning", "sla_breach", "escalated", "completed", "decision", "closed"]
    assert "completed       step 'SWAT response'; by dana; engineer on it" in said
    assert "held: quiet hours" in said
    assert "outcome   resolved; acknowledged after 35m, acted upon after 35m, closed after 95m; 1 steps done" in said

    whole = json.loads(runs("show", launched.run_id, "--file", path, "--json")[1])
    assert whole["messages"] == [json.loads(message.to_json()) for message in desk.messages]
    assert ([one["decision_id"] for one in whole["decisions"]], whole["outcome"]["code"]) == (["d"], "resolved")


def test_what_is_not_there_or_not_clear_has_its_exit_code(tmp_path: Path) -> None:
    path, _, _ = two_accounts(tmp_path)
    code, _, problem = runs("show", "nothing", "--file", path)
    assert (code, problem) == (1, "playcall: no run 'nothing' in what can be read: `playcall runs ls --all` lists those there are\n")
    code, _, problem = runs("show", "", "--file", path)
    assert (code, "4 runs begin with ''" in problem) == (2, True)
    assert runs("ls", "--file", path, "--at", "yesterday")[0] == 2
    assert runs("ls", "--file", path, "--at", "2026-01-01T00:00:00")[0] == 2


def test_lines_that_are_no_records_are_counted_and_the_others_shown(tmp_path: Path) -> None:
    desk = Desk()
    desk.trigger(trigger())
    path = written(tmp_path / "l.jsonl", *desk.messages)
    path.write_text(path.read_text() + "{broken\n[1]\n" + json.dumps({"run_id": "r", "sequence": 1}) + "\n")
    code, said, problem = runs("ls", "--file", path, "--json")
    assert (code, len(json.loads(said))) == (0, 1)
    assert "3 records unreadable, the first: " in problem


def test_a_run_whose_beginning_is_no_longer_kept_is_shown_from_where_it_is_known(tmp_path: Path) -> None:
    desk = Desk()
    (launched,) = desk.trigger(trigger())
    desk.advance(DAY)
    path = written(tmp_path / "l.jsonl", *desk.messages[2:])
    assert "the first 2 messages are not here any more" in runs("show", launched.run_id, "--file", path)[1]


def test_a_late_step_makes_a_run_overdue_until_it_is_reported(tmp_path: Path) -> None:
    desk = Desk()
    (launched,) = desk.trigger(trigger(first_action="-"))
    desk.advance(65 * MINUTE)
    (step,) = {m.step for m in desk.messages if m.kind == "step_overdue"}
    path = written(tmp_path / "l.jsonl", *desk.messages)
    (late,) = listed("--file", path, "--overdue", at=desk.now_ms)
    assert (late["next_due"], late["late_steps"]) == (None, [step])
    desk.update("step_completed", launched.run_id, step=step)
    assert listed("--file", written(path, *desk.messages), "--overdue", at=desk.now_ms) == []


def test_what_was_decided_of_its_triggers_is_part_of_a_runs_history(tmp_path: Path) -> None:
    """A launch that waited: the decisions name the trigger, there was no run yet."""
    desk = Desk()
    (launched,) = desk.trigger(trigger())
    waited, other = (
        Decision(
            decision_id=f"d-{about}", account_id="acme", time=utc(T0 - HOUR), reason=Reason.INHIBITED, trigger_id=about, detail="it waits"
        )
        for about in (launched.triggers[0], "another")
    )
    path = written(tmp_path / "l.jsonl", *desk.messages, waited, other)
    code, said, problem = runs("show", launched.run_id, "--file", path)
    assert (code, problem) == (0, "")
    assert said.count("decision        inhibited: it waits") == 1
    assert said.index("it waits") < said.index("launched  ")
    whole = json.loads(runs("show", launched.run_id, "--file", path, "--json")[1])
    assert [one["decision_id"] for one in whole["decisions"]] == [waited.decision_id]


def test_steps_say_with_whom_they_are_and_until_when(tmp_path: Path) -> None:
    desk = Desk()
    (launched,) = desk.trigger(trigger())
    path = written(tmp_path / "l.jsonl", *desk.messages)
    due = next(message for message in desk.messages if message.kind == "step_due" and message.due is not None)
    assert due.holder is not None
    assert due.due is not None
    said = runs("show", launched.run_id, "--file", path)[1]
    assert f"step {due.step!r}; with {due.holder.name} ({due.holder.role}); due {rfc3339(due.due)}" in said
    assert "was due -" not in said


def test_an_owner_nobody_knows_is_told_from_one_without_work(tmp_path: Path) -> None:
    path, _, _ = two_accounts(tmp_path)
    code, said, problem = runs("ls", "--file", path, "--owner", "maya.lindqvst", "--json")
    assert (code, said.strip()) == (0, "[]")
    assert problem.startswith("playcall: maya.lindqvst has no run in what can be read; those who have: ")
    assert "maya.lindqvist" in problem
    assert runs("ls", "--file", path, "--owner", "maya.lindqvist", "--play", "swat", "--json")[2] == ""
