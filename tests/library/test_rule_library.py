"""The rules we ship: as the checklist defines them, locked, and each with timeline tests that hold."""

from pathlib import Path

import pytest

from plays.loading.checklist import load_checklist
from plays.loading.health import load_health
from plays.loading.playbooks import load_playbooks
from plays.loading.reports import load_reports
from plays.loading.rules import LIBRARY, load_rules, load_timeline, read_lock
from plays.loading.run_policy import load_run_policy
from plays.loading.segments import POLICY, load_segments
from plays.rules import checklist
from plays.rules.clearing import clears_by_itself
from plays.rules.lock import differences
from plays.runs.owner import AccountPeople, choose_owner
from plays.runs.roles import parse_role
from plays.sla.first_action import check_first_action
from streams.cli.compose import load_configuration
from streams.signals.logic import LOGIC
from streams.signals.timeline import run_timeline

SEGMENTS = load_segments(POLICY)
HEALTH = load_health(POLICY, SEGMENTS.names)
RULES = {rule.id: rule for rule in load_rules(LIBRARY, SEGMENTS.names)}
REPORTS = {"PB6"}  # rows of the checklist that are no rule: a report over the outcomes of plays
CHECKLIST = load_checklist()
CASES = [(rule_id, case.name) for rule_id in sorted(RULES) for case in load_timeline(LIBRARY, rule_id).cases]


def test_every_row_of_the_checklist_is_a_rule_or_the_report() -> None:
    assert len(CHECKLIST) == 76
    assert sorted([*RULES, *REPORTS]) == sorted(CHECKLIST)


@pytest.mark.parametrize("row", CHECKLIST.values(), ids=lambda row: str(row["id"]))
def test_every_row_can_be_said_by_a_rule_file(row: dict[str, str]) -> None:
    if row["id"] in REPORTS:
        return
    ask = parse_role(row["owner"])
    team = load_run_policy().team
    for touch in ("high", "mid", "tech"):
        owner = choose_owner(ask, AccountPeople("acme", touch=touch), team, "Priya Nair").owner
        assert owner.reason in ("pool", "automation", "named"), "nobody of the default team holds it"
    check_first_action(row["first_action_sla"])
    scope = row["applies_to"].removesuffix(" with a plan").removesuffix(" in onboarding").removeprefix("all ")
    assert set(scope.split(", ")) <= set(SEGMENTS.names)


@pytest.mark.parametrize("rule_id", sorted(RULES))
def test_a_rule_has_the_values_of_the_checklist(rule_id: str) -> None:
    assert list(checklist.differences(RULES[rule_id], CHECKLIST[rule_id])) == []


def test_the_report_has_the_values_of_the_checklist() -> None:
    (report,) = load_reports()

    assert list(checklist.differences(report, CHECKLIST[report.id])) == []


@pytest.mark.parametrize(("rule_id", "name"), CASES)
def test_a_timeline_comes_out_as_written(rule_id: str, name: str) -> None:
    timeline = load_timeline(LIBRARY, rule_id)
    only = timeline.model_copy(update={"cases": tuple(case for case in timeline.cases if case.name == name)})

    (outcome,) = run_timeline(only, RULES[rule_id], SEGMENTS, RULES.values(), HEALTH)

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


OVERRIDES = load_configuration().overrides
ALTERNATIVES = OVERRIDES.alternatives


def test_the_shipped_policy_sets_nothing_and_chooses_no_alternative() -> None:
    assert (OVERRIDES.rules, OVERRIDES.choose) == ({}, ())


@pytest.mark.parametrize("name", ALTERNATIVES)
def test_an_alternative_of_the_policy_can_be_chosen_and_changes_what_it_says(name: str) -> None:
    one, shipped = ALTERNATIVES[name], load_configuration(only=("all",))
    chosen = load_configuration(only=("all",), alternatives=(name,))
    now = {compiled.rule.id: compiled for compiled in chosen.rules}

    assert {*one.rules, *one.off} <= CHECKLIST.keys()
    for rule_id in RULES.keys() & one.rules.keys():
        for segment, values in one.rules[rule_id].items():
            (path,) = [path for path in SEGMENTS.paths if path[-1] == segment]
            before, after = shipped.rules[rule_id].resolve(path), now[rule_id].resolve(path)
            assert dict.fromkeys(values, f"{segment} (policy, {name})").items() <= after.set_by.items()
            assert before != after, "it says what the rule file says already"
            for value in values:
                assert getattr(before, value, None) != getattr(after, value, 0) or before.parameters != after.parameters
    assert not now.keys() & set(one.off)
    assert one.touch_bands is None or chosen.segments.bands == one.touch_bands != shipped.segments.bands


@pytest.mark.parametrize(
    ("what", "rule_id", "stated", "alternative"),
    [
        ("first action on a P1", "T07", "2h", "p1-first-action-4h"),
        ("first action on a usage drop", "T04", "24h", "usage-drop-72h"),
        ("first action on a detractor", "T11", "48h", "detractor-24h"),
        ("first action on a detractor", "PB3", "24h", "detractor-48h"),
    ],
)
def test_both_answers_of_the_sources_can_be_had(what: str, rule_id: str, stated: str, alternative: str) -> None:
    assert CHECKLIST[rule_id]["first_action_sla"] == stated, what
    assert all(values["sla"] != stated for values in ALTERNATIVES[alternative].rules[rule_id].values())


@pytest.mark.parametrize("rule_id", sorted(rule.id for rule in RULES.values() if clears_by_itself(rule)))
def test_a_rule_that_clears_by_itself_does_so_in_its_timeline(rule_id: str) -> None:
    ends = [end for case in load_timeline(LIBRARY, rule_id).cases for end in case.clears or ()]

    assert any(not end.expired for end in ends) or rule_id in ONLY_GONE


ONLY_GONE = {"T39"}
"""What a person new in a role is told of ends only with their leaving."""


def test_of_few_rules_only_people_know_when_it_is_over() -> None:
    """What no event tells: that somebody was written to, welcomed, shown something, or asked."""
    endless = sorted(rule.id for rule in RULES.values() if not clears_by_itself(rule))

    assert endless == [
        "J3",
        "T18",
        "T28",
        "T29",
        "T32",
        "T33",
        "T35",
        "T55",
    ]
