"""Rule and segment files that are refused: each with file, line and what to do; and the lock."""

import json
import re
from pathlib import Path
from shutil import copytree

import pytest
from typer.testing import CliRunner

from plays.loading.errors import ConfigError
from plays.loading.playbooks import load_playbooks
from plays.loading.rules import LIBRARY, load_rule, load_rules, load_timeline, read_lock
from plays.loading.segments import POLICY, load_segments
from plays.rules.book import RuleBook
from plays.rules.lock import UNLOCKED, differences, dump, must_bump, next_lock, parse
from plays.rules.resolution import RULE_FILE, Layer, path_problems
from streams.cli.rules import app

SEGMENTS = load_segments(POLICY)
GOOD = (LIBRARY / "T07.yaml").read_text(encoding="utf-8")
DROP = (LIBRARY / "T04.yaml").read_text(encoding="utf-8")


def refusal(folder: Path, name: str, text: str) -> tuple[int, str]:
    """(line, what) of the one complaint about a rule file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_rule(path, SEGMENTS.names)
    (complaint,) = refused.value.complaints
    assert complaint.fix
    assert str(refused.value).startswith(f"{path}:{complaint.line}: {complaint.what}. Fix: ")
    return complaint.line, complaint.what


@pytest.mark.parametrize(
    ("find", "put", "line", "what"),
    [
        ("version: 1", "version: one", 2, "version: input should be a valid integer"),
        ("priority: P1\nowner", "priority: P9\nowner", 9, "priority: input should be 'P1', 'P2', 'P3' or 'P4'"),
        ("title: P1 ticket", "title: P1 ticket\ntitle: twice", 4, "key 'title' is there twice"),
        ("sla: 2h", "slo: 2h\nsla: 2h", 11, "slo: extra inputs are not permitted"),
        ("kind: event", "kind: magic", 14, "detector: input tag 'magic'"),
        ("applies_to: [all]", "applies_to: [all, vip]", 7, "no segment 'vip'"),
        ("type: ticket.resolved", "type: ticket.vanished", 14, "no event type 'ticket.vanished'"),
        ("where: {priority: P1}", "where: {urgency: P1}", 14, "ticket.created has no field 'urgency'"),
        ("id: T07", "id: T99", 1, "rule T99 is in file T07.yaml"),
        ("id: T07", "id: &anchor T07\nsource: *anchor", 1, "an alias"),
        ("id: T07", "id: !!python/name:os.system T07", 1, "value not understood"),
        ("clears_when:", "clears_when: [", 0, "not YAML"),
        ("max_hold: until cleared\n", "", 1, "max_hold: field required"),
        ("id: T07", "? [a]\n: b\nid: T07", 1, "a key that is no plain name"),
    ],
)
def test_a_bad_rule_file_is_refused_with_its_line(tmp_path: Path, find: str, put: str, line: int, what: str) -> None:
    assert find in GOOD

    found_line, found = refusal(tmp_path, "T07.yaml", GOOD.replace(find, put, 1))

    assert what in found
    assert line in (0, found_line)


CLEARED_BY = "clears_when: it is\ncleared_by:\n  "


@pytest.mark.parametrize(
    ("name", "find", "put", "what"),
    [
        ("T07", "clears_when:", CLEARED_BY + "events: []\n#", "nothing is named that ends an episode"),
        ("T07", "clears_when:", CLEARED_BY + "events: [{type: ticket.forgotten}]\n#", "no event type 'ticket.forgotten'"),
        ("T07", "clears_when:", CLEARED_BY + "events: [{type: plan.updated}]\n#", "plan.updated names no ticket"),
        ("T07", "clears_when:", CLEARED_BY + "parts: [{measure: luck, at_least: 1}]\n#", "no measure 'luck'"),
        ("T04", "clears_when:", CLEARED_BY + "events: [{type: feature.used}]\n#", "usage is looked at when a day is complete"),
        ("T07", "kind: event", "kind: event\n  ends_with_source: true", "no other rule brings its episodes up"),
        ("PB2", "until_resolved: true", "until_resolved: true\n  quiet: 3d", "leaves nothing to `quiet`"),
        ("T51", "present: [owner, due]", "present: [owner, colour]", "action_item.created has no field 'colour'"),
    ],
)
def test_what_cannot_end_an_episode_is_refused(tmp_path: Path, name: str, find: str, put: str, what: str) -> None:
    text = (LIBRARY / f"{name}.yaml").read_text(encoding="utf-8")
    assert find in text

    assert what in refusal(tmp_path, f"{name}.yaml", text.replace(find, put, 1))[1]


@pytest.mark.parametrize(
    ("name", "find", "put", "what"),
    [
        ("T27", "max_hold: 105d", "max_hold: 75d", "expire after 75 days, before they can be over: it fires up to 75 days before"),
        ("T10", "max_hold: 90d", "max_hold: 89d", "it lasts 90 days"),
        ("T30", "max_hold: 14d", "max_hold: 6d", "the week that shows whether it is over"),
        ("T31", "max_hold: until cleared", "max_hold: 29d", "it is over when nothing more came for 30 days"),
        ("T08", "max_hold: until cleared", "max_hold: 13d", "it is over when nothing more came for 14 days"),
        ("T05", "max_hold: until cleared", "max_hold: 6d", "it is over after 7 days at the level"),
    ],
)
def test_a_hold_that_ends_before_the_episode_can_is_refused(tmp_path: Path, name: str, find: str, put: str, what: str) -> None:
    text = (LIBRARY / f"{name}.yaml").read_text(encoding="utf-8")
    assert find in text
    changed = text.replace(find, put, 1)

    line, found = refusal(tmp_path, f"{name}.yaml", changed)
    assert what in found
    assert changed.splitlines()[line - 1].startswith("max_hold:")


@pytest.mark.parametrize("origin", [RULE_FILE, "policy"])
def test_a_hold_is_held_against_the_figures_of_every_segment(origin: str) -> None:
    rule = load_rule(LIBRARY / "T27.yaml", SEGMENTS.names)
    assert list(path_problems(rule, (Layer(origin, {"high": {"from_days": 104}}),), SEGMENTS.paths)) == []

    (found, *_) = path_problems(rule, (Layer(origin, {"high": {"from_days": 105}}),), SEGMENTS.paths)

    assert found.startswith("rule T27 for high: its episodes expire after 105 days, before they can be over: ")
    assert found.endswith("(make it 106d or more, or `until cleared`)")


def test_an_episode_cannot_end_with_one_that_has_no_end(tmp_path: Path) -> None:
    copytree(LIBRARY, tmp_path / "library")
    path = tmp_path / "library" / "HT2.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("on_rules: [J5]", "on_rules: [T29]"), encoding="utf-8")

    with pytest.raises(ConfigError, match="ends with T29, which name nothing that ends an episode"):
        load_rules(tmp_path / "library", SEGMENTS.names)


@pytest.mark.parametrize(
    ("find", "put", "what"),
    [
        ("floor: 20", "floor: 0", "greater than or equal to 1"),
        ("rearm: 0.90", "rearm: 0.60", "the rule would re-arm where it fires"),
        ("ratio: 0.70", "ratio: much", "write a share such as 0.70"),
        ("ratio: 0.70", "ratio: true", "write a share such as 0.70"),
        ("cooldown: 14d", "cooldown: 2 weeks", "write whole days such as 14d"),
        ("cooldown: 14d", "overrides:\n  tech: {ratio: 0.5, colour: red}", "for tech: drop of rule T04 has no figure 'colour'"),
        ("cooldown: 14d", "overrides:\n  tech: {kind: spike}", "kind of rule T04 cannot differ by segment"),
        ("cooldown: 14d", "overrides:\n  tech: {owner: wizard}", "owner role 'wizard' is not understood"),
        ("cooldown: 14d", "overrides:\n  tech: {sla: soon}", "for tech: sla: String should match pattern"),
        ("cooldown: 14d", "overrides:\n  tech: {priority: P9}", "for tech: priority: Input should be 'P1', 'P2', 'P3' or 'P4'"),
        ("cooldown: 14d", "overrides:\n  vip: {ratio: 0.5}", "no segment 'vip'"),
    ],
)
def test_bad_figures_of_a_drop_are_refused(tmp_path: Path, find: str, put: str, what: str) -> None:
    assert what in refusal(tmp_path, "T04.yaml", DROP.replace(find, put, 1))[1]


def test_all_bad_files_are_named_at_once(tmp_path: Path) -> None:
    for name in ("T01", "T02"):
        (tmp_path / f"{name}.yaml").write_text("id: nonsense\n", encoding="utf-8")
    (tmp_path / "T03.yaml").write_bytes(b"id: \xff\xfe\n")

    with pytest.raises(ConfigError) as refused:
        load_rules(tmp_path, SEGMENTS.names)

    assert {complaint.path.name for complaint in refused.value.complaints} == {"T01.yaml", "T02.yaml", "T03.yaml"}


def test_a_folder_without_rules_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no rule files"):
        load_rules(tmp_path, SEGMENTS.names)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("touch_bands: {high: 5000, mid: 50000}\ntree: {name: all}\n", "the mid band begins at or above the high band"),
        ("touch_bands: {high: 50000, mid: 5000}\ntree: {name: all, when: {strategic: true}}\n", "the root must take every account"),
        ("touch_bands: {high: 50000, mid: 5000}\ntree: {name: all, children: [{name: all}]}\n", "segment 'all' is there twice"),
        ("touch_bands: {high: 50000, mid: 5000}\ntree: {name: all, children: [{name: a, when: {colour: red}}]}\n", "extra inputs"),
    ],
)
def test_a_bad_segment_file_is_refused(tmp_path: Path, text: str, what: str) -> None:
    (tmp_path / "segments.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError) as refused:
        load_segments(tmp_path)

    assert what in str(refused.value)


def test_a_rule_needs_timelines_of_every_kind(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no timeline tests"):
        load_timeline(tmp_path, "T07")
    case = "  - {name: a, kind: silent}\n"
    (tmp_path / "T07.timeline.yaml").write_text(f"rule: T07\ncases:\n{case * 3}", encoding="utf-8")
    with pytest.raises(ConfigError, match="no case of kind fires"):
        load_timeline(tmp_path, "T07")


def test_two_rules_of_one_id_make_no_book() -> None:
    rule = load_rule(LIBRARY / "T07.yaml", SEGMENTS.names)

    with pytest.raises(ValueError, match="rule T07 is there twice"):
        RuleBook([rule, rule])


def test_a_change_without_a_new_version_cannot_be_locked() -> None:
    rule = load_rule(LIBRARY / "T07.yaml", SEGMENTS.names)
    changed, bumped = (rule.model_copy(update={"sla": "4h", "version": version}) for version in (1, 2))
    lock = parse(dump(next_lock(UNLOCKED, [rule], [])))

    assert list(differences(lock, [rule], [])) == []
    assert list(differences(lock, [changed], [])) == [
        "rule T07 changed but is still version 1: set `version: 2`, then run `playcall rules lock`"
    ]
    assert list(differences(lock, [bumped], [])) == ["rule T07 version 2 is locked as version 1: run `playcall rules lock`"]
    assert list(differences(UNLOCKED, [rule], [])) == ["the library is not locked: run `playcall rules lock`"]
    assert (must_bump(lock.rules, [changed]), must_bump(lock.rules, [bumped])) == ([changed], [])


def test_every_change_of_the_locked_content_is_one_revision_further() -> None:
    rule = load_rule(LIBRARY / "T07.yaml", SEGMENTS.names)
    playbook = next(load_playbooks().stated())
    first = next_lock(UNLOCKED, [rule], [playbook])
    edited = next_lock(first, [rule.model_copy(update={"sla": "4h", "version": 2})], [playbook])
    rewritten = next_lock(edited, [rule], [playbook.model_copy(update={"title": "Other", "version": 9})])

    assert next_lock(first, [rule], [playbook]) == first
    assert [lock.revision for lock in (first, edited, rewritten, next_lock(rewritten, [], []))] == [1, 2, 3, 4]
    assert list(differences(first, [rule], [])) == [f"playbook {playbook.id} is locked but gone: run `playcall rules lock`"]


def test_a_lock_of_before_revisions_is_older_than_any_other() -> None:
    rule = load_rule(LIBRARY / "T07.yaml", SEGMENTS.names)
    old = parse(json.dumps({"T07": {"version": 1, "hash": rule.content_hash}}))

    assert (old.revision, next_lock(old, [rule], list(load_playbooks().stated())).revision) == (0, 1)


def test_layout_and_comments_do_not_change_the_hash(tmp_path: Path) -> None:
    path = tmp_path / "T07.yaml"
    path.write_text("# a comment\n" + GOOD.replace("sla: 2h", 'sla: "2h"  # fast'), encoding="utf-8")

    assert load_rule(path, SEGMENTS.names).content_hash == load_rule(LIBRARY / "T07.yaml", SEGMENTS.names).content_hash


def test_the_command_lints_tries_and_locks_a_library(tmp_path: Path) -> None:
    for name in ("T07.yaml", "T07.timeline.yaml"):
        (tmp_path / name).write_text((LIBRARY / name).read_text(encoding="utf-8"), encoding="utf-8")
    copytree(LIBRARY / "playbooks", tmp_path / "playbooks")
    library = ["--library", str(tmp_path)]
    written = len(list((tmp_path / "playbooks").glob("*.yaml")))

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, [*arguments, *library])
        return result.exit_code, result.stdout.strip()

    assert run("lint") == (1, "the library is not locked: run `playcall rules lock`")
    assert run("lock") == (0, f"locked 1 rules and {written} playbooks as revision 1")
    assert run("lint") == (0, "1 rules over 5 segments: all fine, and locked")
    assert run("test", "--json") == (0, json.dumps({"cases": 4, "failed": []}, separators=(",", ":")))
    assert run("test", "T99")[0] == 2
    assert list(read_lock(tmp_path).rules) == ["T07"]

    (tmp_path / "T07.yaml").write_text(GOOD.replace("{priority: P1}", "{priority: P2}"), encoding="utf-8")
    assert run("lint")[0] == 1
    assert run("lock") == (1, "rule T07 changed but is still version 1: set `version: 2`")
    code, said = run("test")
    assert code == 1
    assert "T07, a ticket created at P1:" in said
    (tmp_path / "T07.yaml").write_text("id: [\n", encoding="utf-8")
    assert run("lint")[0] == 2


def test_lint_refuses_what_a_worker_would_refuse(tmp_path: Path) -> None:
    copytree(LIBRARY, tmp_path / "library")
    rule = tmp_path / "library" / "T07.yaml"
    right = rule.read_text(encoding="utf-8")

    def lint(*more: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["lint", "--library", str(tmp_path / "library"), *more])
        return result.exit_code, result.stderr

    rule.write_text(right.replace("owner: support_lead", "owner: spport_lead"), encoding="utf-8")
    code, told = lint()
    assert code == 2
    assert f"{rule}:" in told
    assert "spport_lead" in told

    rule.write_text(right.replace("play: swat", "play: swatt"), encoding="utf-8")
    code, told = lint()
    assert code == 2
    assert "swatt" in told

    rule.write_text(right, encoding="utf-8")
    code, told = lint("--policy", str(tmp_path / "nowhere"))
    assert code == 2
    assert "nowhere" in told
    assert lint()[0] == 0


def test_rules_that_listen_to_nobody_or_to_themselves_are_refused(tmp_path: Path) -> None:
    listening = re.sub(r"(?ms)^detector:.*?^(?=\S)", "detector:\n  kind: event\n  on_rules: [{}]\n", GOOD, count=1)
    for name, source in (("T07", "T08"), ("T08", "T07"), ("T09", "T99")):
        text = listening.replace("id: T07", f"id: {name}").replace("[{}]", f"[{source}]")
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError) as refused:
        load_rules(tmp_path, SEGMENTS.names)

    told = [(complaint.path.name, complaint.what) for complaint in refused.value.complaints]
    assert [name for name, what in told if "to itself" in what] == ["T07.yaml", "T08.yaml"]
    assert [what for name, what in told if name == "T09.yaml"] == ["rule T09 listens to rule T99, which is not in the library"]
