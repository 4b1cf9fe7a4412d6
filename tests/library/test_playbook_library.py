"""The playbooks and the team that ship with Playcall."""

import re
from typing import get_args

import pytest

from plays.loading.checklist import load_checklist
from plays.loading.playbooks import load_playbooks
from plays.loading.rules import LIBRARY, load_rules
from plays.loading.run_policy import load_run_policy
from plays.loading.segments import POLICY as POLICY_FOLDER
from plays.loading.segments import load_segments
from plays.playbooks.book import UnknownPlayError
from plays.playbooks.crosscheck import all_problems
from plays.playbooks.levels import level_of
from plays.playbooks.step import OWNER
from plays.playbooks.templates import SAMPLE
from plays.runs.owner import AccountPeople, explain_owner
from plays.runs.roles import AUTOMATION, ROLES, parse_role
from plays.sla.policy import SlaPolicy
from schemas.records.play_message import Repeat, StepKind, WaitUntil

BOOK = load_playbooks()
POLICY = load_run_policy()

CHECKLIST = list(load_checklist().values())
REPORT = "report"  # PB6 is no playbook but a report
PLAYS = sorted({row["play"] for row in CHECKLIST} - {REPORT})


def test_there_is_a_playbook_for_every_play_of_the_checklist_and_none_besides() -> None:
    assert sorted(BOOK) == PLAYS
    BOOK.require(PLAYS)
    with pytest.raises(UnknownPlayError, match="no playbook 'dance': `playcall plays ls` lists all there are"):
        BOOK.require(["swat", "dance"])
    with pytest.raises(UnknownPlayError, match=r"no playbook 'qbr-plan': did you mean replan or renewal-plan\?"):
        BOOK.require(["qbr-plan"])


@pytest.mark.parametrize("play", PLAYS)
def test_every_message_renders_to_whole_text(play: str) -> None:
    text = BOOK[play].render(SAMPLE)
    assert len(text) > 100
    assert "{" not in text
    assert "None" not in text


@pytest.mark.parametrize("play", PLAYS)
def test_every_step_that_writes_renders_to_whole_text(play: str) -> None:
    compiled = BOOK[play]
    for index, step in enumerate(compiled.playbook.steps):
        text = compiled.message(index, SAMPLE)
        assert bool(text) == step.writes
        assert not {"{", "}", "None"} & set(text.split())


def test_no_two_playbooks_share_a_line_of_text() -> None:
    found: dict[str, list[str]] = {}
    for compiled in BOOK.values():
        stated = compiled.playbook
        texts = [stated.goal, stated.briefing, *(step.instruction for step in stated.steps), *(step.message or "" for step in stated.steps)]
        for line in {line.strip() for text in texts for line in text.splitlines()}:
            words = re.sub(r"{{.*?}}", "", line)
            if len(words) > 24:
                found.setdefault(words, []).append(stated.id)

    assert {line: plays for line, plays in found.items() if len(plays) > 1} == {}


STEPS_OF_THE_CHECKLIST = {
    "kickoff": ("schedule the kickoff", "align outcomes and stakeholders", "publish the success plan"),
    "unblock-implementation": ("technical working session", "remove the blockers", "executive escalation if needed"),
    "usage-review": ("usage review", "workflow-change check", "enablement session", "quick win"),
    "feature-enablement": ("targeted invitation", "in-app guidance", "role training"),
    "swat": ("SWAT response", "communication cadence", "postmortem", "prevention item"),
    "recovery": ("recovery call", "root cause", "success-plan reset"),
    "commercial-plan": ("joint account plan", "confirm value", "align the renewal"),
    "remap-stakeholders": ("re-map stakeholders", "re-sell the outcomes", "executive alignment"),
    "renewal-plan": ("renewal plan", "return on investment recap", "adoption acceleration", "executive review"),
    "value-workshop": ("value workshop", "roadmap alignment", "introduction to sales"),
    "PB1": ("review the account", "check-in e-mail", "call"),
    "PB2": ("join the thread", "offer a troubleshooting session", "document the root cause"),
    "PB3": ("reach out", "product issues to the right team", "follow-up after resolution"),
    "PB4": ("value QBR", "executive sponsor engagement", "renewal proposal with added value"),
    "PB5": ("find the new stakeholder", "introductory meeting", "value briefing"),
}


@pytest.mark.parametrize("play", sorted(STEPS_OF_THE_CHECKLIST))
def test_each_action_the_checklist_names_is_a_step_of_its_own_in_that_order(play: str) -> None:
    wanted = STEPS_OF_THE_CHECKLIST[play]
    assert tuple(step.name for step in BOOK[play].listed if step.name in wanted) == wanted


def test_a_severe_ticket_has_a_word_every_two_hours_then_daily_until_it_is_resolved() -> None:
    cadences = [step.repeat for step in BOOK["swat"].listed if step.repeat]
    assert cadences == [Repeat(every="2h", until="resolved", at_most="1d"), Repeat(every="1d", until="resolved", at_most="30d")]


def test_a_detractor_is_answered_in_a_day_and_followed_up_after_the_resolution_or_told_where_it_stands() -> None:
    steps = {step.name: step for step in BOOK["PB3"].listed}
    assert steps["reach out"].due == "24h after trigger"
    assert steps["follow-up after resolution"].until == WaitUntil(condition="resolved", at_most="20bd", otherwise="say where it stands")
    assert steps["say where it stands"].after is None


@pytest.mark.parametrize("row", [row for row in CHECKLIST if row["play"] != REPORT], ids=lambda row: row["id"])
def test_the_first_step_is_a_task_of_who_the_checklist_says(row: dict[str, str]) -> None:
    owner = row["owner"]
    allowed = {OWNER, *re.findall(r"[a-z_]+", owner.replace("tech:", "").replace("named person", ""))}
    assert BOOK[row["play"]].playbook.steps[0].owner_role in allowed


def test_the_four_places_where_customers_help_themselves_are_all_used() -> None:
    used = {link.name for compiled in BOOK.values() for step in compiled.listed for link in step.links}
    assert {"getting_started", "video_library", "knowledge_base", "community_forum"} <= used
    assert used <= set(BOOK.links.links)


def test_every_kind_of_step_is_used() -> None:
    assert {step.kind for compiled in BOOK.values() for step in compiled.listed} == set(get_args(StepKind))


def test_usage_decline_is_review_then_mail_then_a_call_if_nobody_replies_in_three_business_days() -> None:
    steps = [(step.name, step.kind, step.wait, step.only_if) for step in BOOK["PB1"].listed]
    assert steps == [
        ("review the account", "task", None, None), ("check-in e-mail", "message", None, None), ("call", "message", "3bd", "no_reply"),
    ]  # fmt: skip
    assert BOOK["PB1"].listed[2].channel == "call"


def test_support_escalation_is_join_then_session_then_root_cause() -> None:
    assert [step.name for step in BOOK["PB2"].listed] == [
        "join the thread", "offer a troubleshooting session", "document the root cause",
    ]  # fmt: skip


@pytest.mark.parametrize("role", sorted(ROLES - {AUTOMATION}))
def test_the_default_team_has_somebody_for_every_role(role: str) -> None:
    assert explain_owner(role, AccountPeople("acme"), POLICY.team).owner.reason == "pool"


def test_every_step_and_escalation_of_the_library_reaches_a_role_somebody_holds() -> None:
    roles = {step.owner_role for book in BOOK.values() for step in book.playbook.steps} - {OWNER} | {
        level_of(r).role for b in BOOK.values() for r in b.playbook.escalation
    }
    held = set(POLICY.team.pools) | {AUTOMATION}
    assert {parse_role(role).first for role in roles} <= held


def test_the_shipped_numbers_are_the_documented_defaults() -> None:
    assert POLICY.sla == SlaPolicy()


def test_nothing_in_a_playbook_is_impossible_under_the_rules_that_launch_it() -> None:
    stated = {playbook.id: playbook for playbook in BOOK.stated()}
    rules = load_rules(LIBRARY, load_segments(POLICY_FOLDER).names)
    assert [(play, problem.what, problem.fix) for play, problem in all_problems(stated, rules, POLICY.team)] == [], (
        "run `playcall plays lint`"
    )
