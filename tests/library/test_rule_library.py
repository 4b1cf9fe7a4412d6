"""The rules we ship: as the checklist defines them, locked, and each with timeline tests that hold."""

import csv
from pathlib import Path

import pytest

from plays.loading.playbooks import load_playbooks
from plays.loading.rules import LIBRARY, load_rules, load_timeline, read_lock
from plays.loading.segments import POLICY, load_segments
from plays.rules.lock import differences
from plays.rules.rule import Rule
from plays.runs.roles import parse_role
from streams.signals.processor import LOGIC
from streams.signals.timeline import run_timeline

SEGMENTS = load_segments(POLICY)
RULES = {rule.id: rule for rule in load_rules(LIBRARY, SEGMENTS.names)}
FIRST_LIBRARY = [
    "J2", "J5", "PB1", "PB2", "T01", "T02", "T03", "T04", "T06", "T07", "T08", "T15", "T16", "T19", "T20", "T21", "T30",
]  # fmt: skip
CASES = [(rule_id, case.name) for rule_id in sorted(RULES) for case in load_timeline(LIBRARY, rule_id).cases]


def checklist() -> dict[str, dict[str, str]]:
    with (Path(__file__).parent / "checklist.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def scope_in_words(rule: Rule) -> str:
    words = ", ".join(rule.applies_to)
    return "all human-touch" if words == "human-touch" else words


def test_the_first_library_is_complete() -> None:
    assert sorted(RULES) == FIRST_LIBRARY


@pytest.mark.parametrize("rule_id", FIRST_LIBRARY)
def test_a_rule_has_the_values_of_the_checklist(rule_id: str) -> None:
    rule, row = RULES[rule_id], checklist()[rule_id]

    found = {
        "id": rule.id, "concern": rule.concern, "subject": rule.subject, "applies_to": scope_in_words(rule), "timer": rule.timer,
        "priority": rule.priority, "owner": rule.owner, "first_action_sla": rule.sla, "outcome": rule.outcome, "play": rule.play,
    }  # fmt: skip

    assert found == {name: row[name] for name in found}


@pytest.mark.parametrize(("rule_id", "name"), CASES)
def test_a_timeline_comes_out_as_written(rule_id: str, name: str) -> None:
    timeline = load_timeline(LIBRARY, rule_id)
    only = timeline.model_copy(update={"cases": tuple(case for case in timeline.cases if case.name == name)})

    (outcome,) = run_timeline(only, RULES[rule_id], SEGMENTS)

    assert outcome.faults == ()


def test_a_changed_rule_needs_a_new_version_and_the_lock_command() -> None:
    playbooks = load_playbooks().stated()

    assert list(differences(read_lock(LIBRARY), RULES.values(), playbooks)) == [], "bump its version, then run `playcall rules lock`"


def test_every_rule_names_a_play_and_an_owner_that_exist() -> None:
    load_playbooks().require(rule.play for rule in RULES.values())

    assert [parse_role(rule.owner).first for rule in RULES.values() if rule.id == "T15"] == ["csm"]


def test_parameters_and_logic_of_detectors_are_same_named_files() -> None:
    plays, streams = Path("plays/rules/detectors"), Path("streams/signals/detectors")
    shared = {"__init__", "parameters", "any_kind"}

    parameters = {path.stem for path in plays.glob("*.py")} - shared
    logic = {path.stem for path in streams.glob("*.py")} - {"__init__"}

    assert parameters == logic == set(LOGIC)


def test_a_rule_file_states_every_default_that_matters_to_a_reader() -> None:
    for rule in RULES.values():
        assert {"rearm", "clears_when", "max_hold", "on_activate", "rationale", "false_positives"} <= rule.model_fields_set
