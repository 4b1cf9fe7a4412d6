"""Playbook, owners and defaults files are refused with file, line and what to do."""

from pathlib import Path

import pytest

from plays.loading.errors import ConfigError
from plays.loading.playbooks import load_playbooks
from plays.loading.run_policy import DEFAULT_POLICY, load_run_policy

PLAYBOOK = """\
id: hello
version: 1
title: Say hello
goal: The champion has answered.
reach: [champion]
max_age: 1d
briefing: |
  {{ trigger.why }} Write by {{ clocks.act_by }}.
exits:
  - {when: replied, code: resolved}
steps:
  - name: write
    kind: message
    owner_role: csm
    due: 24h after trigger
    instruction: Write to the champion.
    message: |
      Subject: Hello

      Hi {{ contact.first_name }}, this is {{ owner.name }}. More is at {{ links.knowledge_base }}.
    links: [knowledge_base]
  - name: meet
    kind: meeting
    owner_role: owner
    wait: 1bd
    only_if: no_reply
    due: 3bd
    instruction: Meet the champion.
escalation: [cs_lead]
"""

OWNERS = """\
people:
  - {id: ann, name: Ann}
  - {id: ben, name: Ben}
pools:
  csm:
    - {person: ann}
    - {person: ben, weight: 2}
fallback: ann
"""


NAMED_APART = "accounts name their people by id, name or e-mail address: make the two differ"
FALLBACK_FIRST = "name somebody else as fallback first"
IANA = "write an IANA name such as Europe/Berlin"
BACKWARDS = "the absence ends before it begins: exchange `first` and `last`"
POOLS = "name one of csm, cs_lead"
SPAN = "'soon' is no duration: write 90s, 10m, 26h or 3d"


def refused_playbook(folder: Path, text: str, name: str = "hello.yaml") -> list[tuple[str, int, str, str]]:
    (folder / name).write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_playbooks(folder)
    return [(c.path.name, c.line, c.what, c.fix) for c in caught.value.complaints]


def refused_policy(folder: Path, owners: str, defaults: str = "sla: {}\n") -> list[tuple[str, int, str, str]]:
    (folder / "owners.yaml").write_text(owners)
    (folder / "defaults.yaml").write_text(defaults)
    with pytest.raises(ConfigError) as caught:
        load_run_policy(folder)
    return [(c.path.name, c.line, c.what, c.fix) for c in caught.value.complaints]


def test_the_sample_files_are_right(tmp_path: Path) -> None:
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "playbooks" / "hello.yaml").write_text(PLAYBOOK)
    (tmp_path / "owners.yaml").write_text(OWNERS)
    assert list(load_playbooks(tmp_path / "playbooks")) == ["hello"]
    assert load_run_policy(tmp_path).team.fallback == "ann"


TEMPLATE_FIX = "use only the fields and filters listed"
KNOWN = (
    "account.id, account.name, account.industry, owner.name, owner.first_name, owner.email, owner.role, contact.name, "
    "contact.first_name, contact.role, trigger.rule, trigger.priority, trigger.why, trigger.clears_when, subject.kind, subject.id, "
    "clocks.act_by, evidence.observed, evidence.baseline, evidence.threshold, evidence.unit, evidence.context_link, step.name, step.due"
)
PAGES = "getting_started, video_library, knowledge_base, community_forum, release_notes, status_page, webinars"


@pytest.mark.parametrize(
    ("template", "what"),
    [
        ("{{ contact.nickname }}", f"unknown template field contact.nickname; known: {KNOWN}"),
        ("{{ customer.name }}", f"unknown template field customer.name; known: {KNOWN}"),
        ("{{ contact }}", f"template name contact must be used with a field; known: {KNOWN}"),
        ("{{ contact.name.upper }}", f"template field .upper goes deeper than a name and a field; known: {KNOWN}"),
        ("{{ contact['name'] }}", f"template uses getitem, only plain fields and filters are allowed; known: {KNOWN}"),
        ("{{ contact.name | tojson }}", "unknown template filter tojson; known: upper, lower, title, capitalize, trim"),
        (
            "{% for name in contact.name %}{% endfor %}",
            f"template name name must be used with a field; known: {KNOWN}",
        ),
        ("{{ contact.name + 1 }}", 'template does not render: can only concatenate str (not "int") to str'),
        ("{{ links.wiki }}", f"unknown link links.wiki; known: {PAGES}"),
    ],
)
def test_a_template_that_would_fail_is_refused_at_load(tmp_path: Path, template: str, what: str) -> None:
    faults = refused_playbook(tmp_path, PLAYBOOK.replace("{{ contact.first_name }}", template))
    assert ("hello.yaml", 17, what, TEMPLATE_FIX) in faults


def test_a_briefing_that_would_fail_is_refused_at_load(tmp_path: Path) -> None:
    faults = refused_playbook(tmp_path, PLAYBOOK.replace("trigger.why", "trigger.reason"))
    assert faults == [("hello.yaml", 7, f"unknown template field trigger.reason; known: {KNOWN}", TEMPLATE_FIX)]


ROLES = "account_executive, cs_lead, csm, csm_pool, duty, enablement, implementation_lead, renewal_specialist, support_lead"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("escalation: [cs_lead]", "escalation: [boss, cs_lead]", (29, "unknown role 'boss'", f"use one of {ROLES}")),
        ("escalation: [cs_lead]", "escalation: [csm]", (29, "the escalation path ends at 'csm'", "end it with cs_lead")),
        ("version: 1", "version: 0", (2, "version: input should be greater than or equal to 1", "correct the value")),
        ("title: Say hello", "titel: Say hello", (1, "title: field required", "add the field")),
        ("    due: 24h after trigger\n", "", (12, "steps.0.due: field required", "add the field")),
        (
            "id: hello",
            "id: hallo",
            (1, "playbook id 'hallo' in a file named hello.yaml", "rename the file to hallo.yaml, or correct the id"),
        ),
    ],
)
def test_a_wrong_playbook_is_refused_with_line_and_fix(tmp_path: Path, old: str, new: str, complaint: tuple[int, str, str]) -> None:
    assert refused_playbook(tmp_path, PLAYBOOK.replace(old, new))[0] == ("hello.yaml", *complaint)


def test_an_unknown_role_in_a_step_is_refused(tmp_path: Path) -> None:
    ((_, line, what, fix),) = refused_playbook(tmp_path, PLAYBOOK.replace("owner_role: csm", "owner_role: wizard"))
    assert (line, what) == (14, "unknown role 'wizard'")
    assert fix.startswith("use owner or one of account_executive, automation, ")


def test_every_wrong_file_is_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("id: a\nid: b\n")
    complaints = refused_playbook(tmp_path, PLAYBOOK.replace("cs_lead", "csm"))
    assert [(name, line) for name, line, _, _ in complaints] == [("a.yaml", 2), ("hello.yaml", 29)]


def test_a_folder_without_playbooks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no playbook \(\*\.yaml\) in this folder"):
        load_playbooks(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("fallback: ann\n", "", (1, "fallback: field required", "add the field")),
        ("fallback: ann", "fallback: zoe", (8, "fallback 'zoe' is not among the people", "name the id of a listed person")),
        ("weight: 2", "weight: 0", (7, "pools.csm.members.1.weight: input should be greater than 0", "correct the value")),
        ("weight: 2", "weight: -1", (7, "pools.csm.members.1.weight: input should be greater than 0", "correct the value")),
        ("weight: 2", "weight: .inf", (7, "pools.csm.members.1.weight: input should be a finite number", "correct the value")),
        ("{id: ben,", "{id: ann,", (2, "person 'ann' is listed 2 times", "keep one entry per person")),
        ("name: Ben}", "name: ANN}", (3, "'ANN' is ann as well as ben", NAMED_APART)),
        ("{person: ben", "{person: zoe", (7, "'zoe' is not among the people", "add the person, or correct the id")),
        ("{person: ben", "{person: ann", (6, "'ann' is in the pool 2 times", "list them once and raise the weight")),
        ("  csm:\n", "  wizards:\n", (5, "unknown role 'wizards'", f"use one of {ROLES}")),
        ("name: Ann}", "name: Ann, active: false}", (2, "'ann' takes what nobody else takes, and is not active", FALLBACK_FIRST)),
        (
            "name: Ben}",
            "name: Ben, capacity: 0}",
            (3, "people.1.capacity.runs: input should be greater than or equal to 1", "correct the value"),
        ),
        (
            "name: Ben}",
            "name: Ben, capacity: true}",
            (3, "people.1.capacity: input should be a valid dictionary or instance of Capacity", "correct the value"),
        ),
        (
            "name: Ben}",
            "name: Ben, timezone: Mars}",
            (3, f"people.1.timezone: value error, 'Mars' is no timezone: {IANA}", "correct the value"),
        ),
        (
            "name: Ben}",
            "name: Ben, calendar: lunar}",
            (3, "ben works by calendar 'lunar', which nobody wrote", "add it to calendars.yaml, or name one of office, duty-a, duty-b"),
        ),
        (
            "name: Ben}",
            "name: Ben, absences: [{first: 2026-08-14, last: 2026-08-03}]}",
            (3, f"people.1.absences.0: value error, {BACKWARDS}", "correct the value"),
        ),
        ("fallback: ann", "  cs_lead: {members: [{person: ann}], overflow: desk}\nfallback: ann", (8, "there is no pool 'desk'", POOLS)),
        (
            "fallback: ann",
            (
                "  csm_pool: {members: [{person: ann}], overflow: cs_lead}\n"
                "  cs_lead: {members: [{person: ann}], overflow: csm_pool}\nfallback: ann"
            ),
            (8, "pools overflow in a circle: csm_pool -> cs_lead -> csm_pool", "let the last one go without: the fallback comes after it"),
        ),
        (
            "fallback: ann",
            "fallback: ann\nchoosing: {wait_for_own: soon}",
            (9, f"choosing.wait_for_own: value error, {SPAN}", "correct the value"),
        ),
    ],
)
def test_a_wrong_owners_file_is_refused_with_line_and_fix(tmp_path: Path, old: str, new: str, complaint: tuple[int, str, str]) -> None:
    assert refused_policy(tmp_path, OWNERS.replace(old, new))[0] == ("owners.yaml", *complaint)


def test_a_missing_owners_file_says_where_to_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_run_policy(tmp_path)
    (complaint,) = caught.value.complaints
    assert complaint == (
        tmp_path / "owners.yaml",
        1,
        "the owners file is missing: no run could be given to anybody",
        f"copy {DEFAULT_POLICY / 'owners.yaml'} there and put your own team in",
    )


@pytest.mark.parametrize(
    ("defaults", "line", "what"),
    [
        (
            "sla:\n  warnings_percent: [80, 50]\n",
            1,
            "sla: value error, warnings_percent must rise: the first warning comes before the second",
        ),
        ("sla:\n  acknowledge_percent: 0\n", 2, "sla.acknowledge_percent: input should be greater than or equal to 1"),
        ("sla:\n  patience: 3\n", 2, "sla.patience: extra inputs are not permitted"),
    ],
)
def test_wrong_defaults_are_refused_with_line(tmp_path: Path, defaults: str, line: int, what: str) -> None:
    assert [(n, at, w) for n, at, w, _ in refused_policy(tmp_path, OWNERS, defaults)] == [("defaults.yaml", line, what)]
