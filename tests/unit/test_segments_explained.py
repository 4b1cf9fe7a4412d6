"""`playcall segments`: the path with what held at each node, and every value of every rule with where it was said."""

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from plays.loading.run_policy import DEFAULT_POLICY
from plays.loading.segments import POLICY, load_segments
from plays.policy.explanation import walk
from plays.policy.segments import Facts, SegmentIndex
from streams.cli.segments import app

TREE = """
touch_bands: {high: 50000, mid: 5000}
tree:
  name: all
  children:
    - name: human-touch
      when: {touch_model: [high, mid]}
      children:
        - name: high
          when: {touch_model: [high]}
          children:
            - {name: strategic, when: {strategic: true}}
            - {name: new-high, when: {age_days: {below: 90}}}
            - {name: big-emea, when: {acv: {at_least: 200000}, region: [emea], seats: {at_least: 100}}}
        - name: mid
          when: {touch_model: [mid]}
          children:
            - {name: logistics-annual, when: {industry: [logistics, retail], plan_type: [annual], tier: [business]}}
    - name: tech
      when: {touch_model: [tech]}
"""
OVERRIDES = """
rules:
  T03: {strategic: {days: 3, owner: csm+implementation_lead}, human-touch: {sla: 12h}}
choose: [slow-p1]
alternatives:
  slow-p1: {says: four hours are enough, instead_of: two hours as it is, source: the table, rules: {T07: {all: {sla: 4h}}}}
  fewer: {says: one checkpoint is enough, instead_of: three of them, source: the table, off: [T19]}
"""


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    folder = copytree(DEFAULT_POLICY, tmp_path / "policy")
    (folder / "segments.yaml").write_text(TREE, encoding="utf-8")
    (folder / "overrides.yaml").write_text(OVERRIDES, encoding="utf-8")
    return folder


def explained(tmp_path: Path, policy: Path, stated: Any, *more: str) -> dict[str, Any]:
    account = tmp_path / "account.json"
    account.write_text(json.dumps(stated), encoding="utf-8")
    result = CliRunner().invoke(app, ["explain", str(account), "--policy", str(policy), "--json", *more])
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def path(found: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(node["segment"], node["held"]) for node in found["path"]]


def test_the_path_says_what_held_at_every_node(tmp_path: Path, policy: Path) -> None:
    found = explained(tmp_path, policy, {"account_id": "acme", "acv": 85_000, "strategic": True})

    assert path(found) == [
        ("all", ["every account"]),
        ("human-touch", ["touch_model is high (one of high, mid)"]),
        ("high", ["touch_model is high"]),
        ("strategic", ["strategic is True"]),
    ]
    assert found["touch_model"] == {"value": "high", "because": "it is strategic"}


def test_bands_words_and_age_of_an_account_told_as_events(tmp_path: Path, policy: Path) -> None:
    created = {"type": "account.created", "occurred_at": "2026-01-01T00:00:00Z", "acv": 250_000, "region": "emea", "seats": 120}
    later = {"occurred_at": "2026-06-01T00:00:00Z", "name": "Acme"}

    young, old = (explained(tmp_path, policy, events) for events in ([created], [created, later]))

    assert path(young)[-1] == ("new-high", ["age_days is 0 (below 90)"])
    assert path(old)[-1] == ("big-emea", ["region is emea", "acv is 250,000 (at least 200,000)", "seats is 120 (at least 100)"])
    assert old["touch_model"]["because"] == "its annual contract value is 250,000; high from 50,000, mid from 5,000"
    assert old["at"] == "2026-06-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("profile", "touch", "because"),
    [
        ({"touch_model": "mid"}, "mid", "its publisher says so"),
        ({"mrr": 500}, "mid", "no annual contract value is known, twelve months of its MRR are 6,000; high from 50,000, mid from 5,000"),
        ({}, "tech", "neither annual contract value nor MRR is known, which counts as 0; high from 50,000, mid from 5,000"),
    ],
)
def test_why_an_account_has_its_touch_model(tmp_path: Path, policy: Path, profile: dict[str, Any], touch: str, because: str) -> None:
    assert explained(tmp_path, policy, profile)["touch_model"] == {"value": touch, "because": because}


def test_every_value_says_where_it_comes_from(tmp_path: Path, policy: Path) -> None:
    (found,) = explained(tmp_path, policy, {"strategic": True, "csm": "maya.lindqvist"}, "--rule", "T03")["rules"]

    assert found["answer"] == {
        "play": {"value": "unblock-implementation", "source": "rule file"},
        "owner": {"value": "csm+implementation_lead", "source": "strategic (policy)"},
        "sla": {"value": "12h", "source": "human-touch (policy)"},
        "priority": {"value": "P2", "source": "rule file"},
    }
    assert found["figures"]["days"] == {"value": 3, "source": "strategic (policy)"}
    assert found["owner_now"].startswith("Maya Lindqvist: the account's csm; with Oliver Grant")
    (mid,) = explained(tmp_path, policy, {"touch_model": "mid"}, "--rule", "T03")["rules"]
    assert mid["figures"]["days"] == {"value": 10, "source": "mid (rule file)"}
    (defaults,) = explained(tmp_path, policy, {}, "--rule", "T19")["rules"]
    assert defaults["figures"]["from_days"]["source"] == "rule file"


def test_a_chosen_alternative_is_named(tmp_path: Path, policy: Path) -> None:
    (found,) = explained(tmp_path, policy, {}, "--rule", "T07")["rules"]

    assert found["answer"]["sla"] == {"value": "4h", "source": "all (policy, slow-p1)"}


def test_the_state_of_every_rule_and_the_entry_that_decides_it(tmp_path: Path, policy: Path) -> None:
    (policy / "rules.yaml").write_text("on: [few, T04]\noff: [T02]\nexperimental: [T03]\npacks: {few: [T02, T03, T19]}\n", encoding="utf-8")
    overrides = policy / "overrides.yaml"
    overrides.write_text(OVERRIDES.replace("choose: [slow-p1]", "choose: [fewer]"), encoding="utf-8")

    rules = {one["rule"]: one for one in explained(tmp_path, policy, {"acv": 6000})["rules"]}

    assert {rule: (rules[rule]["state"], rules[rule]["because"]) for rule in ("T02", "T03", "T04", "T07", "T19")} == {
        "T02": ("off", "rules.yaml: `off` names it"),
        "T03": ("experimental", "rules.yaml: `experimental` names it; it runs, for `on` names the pack few"),
        "T04": ("on", "rules.yaml: `on` names it"),
        "T07": ("off", "rules.yaml: neither it nor a pack with it is among `on: [few, T04]`"),
        "T19": ("off", "overrides.yaml: the alternative fewer is chosen"),
    }
    assert (rules["J2"]["in_scope"], rules["T01"]["in_scope"]) == (True, True)
    assert rules["J2"]["scope"] == "applies_to tech, mid"


def test_for_a_person_it_is_text(tmp_path: Path, policy: Path) -> None:
    account = tmp_path / "account.json"
    account.write_text('{"account_id": "acme", "acv": 85000}')

    result = CliRunner().invoke(app, ["explain", str(account), "--policy", str(policy), "--rules", "all"])

    assert "  human-touch: touch_model is high (one of high, mid)" in result.stdout
    assert "T03 Implementation milestone stalled: on (rules.yaml: `on` names the pack all); in scope (applies_to all)" in result.stdout
    assert "  days            14  [high (rule file)]" in result.stdout
    assert "J2 No login in the first week: on (rules.yaml: `on` names the pack all); not in scope (applies_to tech, mid)" in result.stdout


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not JSON"),
        ("[]", "give an object with the fields of account.updated"),
        ('[{"account_id": "a"}, {"account_id": "b"}]', "events of 2 accounts (a, b, ...)"),
        ('{"acv": "much"}', "acv"),
        ('{"type": "account.vanished"}', "unknown event type account.vanished"),
    ],
)
def test_an_account_that_cannot_be_read_is_refused(tmp_path: Path, policy: Path, text: str, says: str) -> None:
    (tmp_path / "account.json").write_text(text)

    result = CliRunner().invoke(app, ["explain", str(tmp_path / "account.json"), "--policy", str(policy)])

    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr


def test_an_unknown_rule_is_refused(tmp_path: Path, policy: Path) -> None:
    (tmp_path / "account.json").write_text("{}")

    result = CliRunner().invoke(app, ["explain", str(tmp_path / "account.json"), "--rule", "T999"])

    assert result.exit_code == 2
    assert "no rule T999" in result.stderr


def test_the_tree_is_printed_with_its_conditions(policy: Path) -> None:
    result = CliRunner().invoke(app, ["ls", "--policy", str(policy)])

    assert "    mid: touch_model mid  sets something for T03\n" in result.stdout
    assert "      big-emea: region emea and acv at least 200,000 and seats at least 100\n" in result.stdout
    tree = json.loads(CliRunner().invoke(app, ["ls", "--policy", str(policy), "--json"]).stdout)["tree"]
    assert [child["name"] for child in tree["children"]] == ["human-touch", "tech"]


WORDS = st.sampled_from([None, "emea", "logistics", "annual", "business"])
FACTS = st.builds(
    Facts, st.sampled_from(["high", "mid", "tech"]), WORDS, WORDS, WORDS, WORDS, st.booleans(),
    st.none() | st.floats(0, 1e6), st.none() | st.integers(0, 500), st.none() | st.integers(0, 900),
)  # fmt: skip


@given(FACTS)
def test_what_is_explained_is_the_path_that_rules_see(facts: Facts) -> None:
    for index in (load_segments(POLICY), DEEP):
        assert tuple(node.segment for node in walk(index.segments.tree, facts)) == index.path(facts)
        assert index.path(facts) in index.paths


def _deep() -> SegmentIndex:
    import tempfile  # noqa: PLC0415 only here

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "segments.yaml").write_text(TREE, encoding="utf-8")
        return load_segments(Path(folder))


DEEP = _deep()
