"""The playbooks and the team that ship with Playcall."""

import pytest

from plays.loading.playbooks import load_playbooks
from plays.loading.run_policy import load_run_policy
from plays.playbooks.book import UnknownPlayError
from plays.playbooks.step import OWNER
from plays.playbooks.templates import SAMPLE
from plays.runs.owner import AccountPeople, explain_owner
from plays.runs.roles import AUTOMATION, ROLES, parse_role
from plays.sla.policy import SlaPolicy

BOOK = load_playbooks()
POLICY = load_run_policy()

FIRST_LIBRARY = (
    "kickoff", "unblock-implementation", "usage-review", "feature-enablement", "swat", "commercial-plan", "remap-stakeholders",
    "renewal-plan", "proactive-support", "re-engagement", "risk-alert", "PB1", "PB2", "qbr",
)  # fmt: skip


def test_there_is_a_playbook_for_every_play_of_the_first_library() -> None:
    assert set(FIRST_LIBRARY) <= set(BOOK)
    BOOK.require(FIRST_LIBRARY)
    with pytest.raises(UnknownPlayError, match="no playbook 'dance'; known: PB1, PB2, "):
        BOOK.require(["swat", "dance"])


@pytest.mark.parametrize("play", FIRST_LIBRARY)
def test_every_message_renders_to_whole_text(play: str) -> None:
    text = BOOK[play].render(SAMPLE)
    assert len(text) > 100
    assert "{" not in text
    assert "None" not in text


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
        r for b in BOOK.values() for r in b.playbook.escalation
    }
    held = set(POLICY.team.pools) | {AUTOMATION}
    assert {parse_role(role).first for role in roles} <= held


def test_the_shipped_numbers_are_the_documented_defaults() -> None:
    assert POLICY.sla == SlaPolicy()
