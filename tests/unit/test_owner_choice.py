"""From a role to a named person."""

import pytest

from plays.policy.owners import Team
from plays.roster.person import Person
from plays.roster.pool import Member, Pool
from plays.runs.owner import AccountPeople, choose_owner, explain_owner, next_owner
from plays.runs.roles import RoleAsk, RoleError, parse_role
from schemas.records.play_message import Owner

TEAM = Team(
    people=tuple(Person(id=name, name=name.title(), email=f"{name}@example.com") for name in ("ann", "ben", "cat", "dan", "eve")),
    pools={
        "csm": Pool(members=(Member(person="ann"), Member(person="ben"))),
        "csm_pool": Pool(members=(Member(person="cat"), Member(person="dan", weight=3))),
        "cs_lead": Pool(members=(Member(person="eve"),)),
    },
    fallback="eve",
)


def person(name: str, role: str, reason: str, detail: str) -> Owner:
    return Owner.model_validate(
        {"id": name, "name": name.title(), "email": f"{name}@example.com", "role": role, "reason": reason, "detail": detail}
    )


@pytest.mark.parametrize(
    ("text", "ask"),
    [
        ("csm", RoleAsk("csm")),
        ("csm+account_executive", RoleAsk("csm", second="account_executive")),
        ("csm (tech: csm_pool)", RoleAsk("csm", tech="csm_pool")),
        ("support_lead -> csm", RoleAsk("support_lead", second="csm")),
    ],
)
def test_roles_are_read_as_rules_write_them(text: str, ask: RoleAsk) -> None:
    assert parse_role(text) == ask


@pytest.mark.parametrize("text", ["", "wizard", "csm+wizard", "csm+csm_pool+cs_lead", "csm (tech: )", "csm (tech: wizard)"])
def test_an_unknown_role_is_refused(text: str) -> None:
    with pytest.raises(RoleError, match="use one of account_executive, automation"):
        parse_role(text)


def test_nobody_is_known_by_no_words_also_where_an_address_is_missing() -> None:
    team = TEAM.model_copy(update={"people": tuple(one.model_copy(update={"email": None}) for one in TEAM.people)})
    assert team.person(" ") is None


@pytest.mark.parametrize("named", ["ben", "Ben", "BEN@example.com"])
def test_the_accounts_own_csm_comes_first_however_the_profile_names_them(named: str) -> None:
    choice = explain_owner("csm", AccountPeople("acme", csm=named), TEAM)
    assert (choice.owner, choice.considered) == (person("ben", "csm", "account", "the account's csm"), ())


def test_a_csm_nobody_listed_is_still_the_accounts_own() -> None:
    choice = explain_owner("csm", AccountPeople("acme", csm="Zoe Unlisted"), TEAM)
    assert choice.owner == Owner(
        id="Zoe Unlisted", name="Zoe Unlisted", role="csm", reason="account", detail="the account's csm, not listed in the owners file"
    )


def test_a_pool_member_is_chosen_with_the_runners_up_named() -> None:
    choice = explain_owner("csm", AccountPeople("acme", touch="high"), TEAM)
    assert choice.owner == person(
        choice.considered[0].candidate, "csm", "pool", "highest of 2 in the csm pool for this account; the account has no csm"
    )
    assert sorted(score.candidate for score in choice.considered) == ["ann", "ben"]
    assert choice.considered[0].score > choice.considered[1].score > 0


@pytest.mark.parametrize("role", ["csm", "csm (tech: csm_pool)"])
def test_a_tech_touch_account_without_a_csm_goes_to_the_csm_pool(role: str) -> None:
    choice = explain_owner(role, AccountPeople("acme", touch="tech"), TEAM)
    assert sorted(score.candidate for score in choice.considered) == ["cat", "dan"]


def test_a_rule_that_sends_tech_touch_to_the_pool_does_so_even_where_a_csm_is_known() -> None:
    account = AccountPeople("acme", csm="ann", touch="tech")
    assert explain_owner("csm (tech: csm_pool)", account, TEAM).owner.role == "csm_pool"
    assert explain_owner("csm", account, TEAM).owner.name == "Ann"


def test_a_role_nobody_holds_goes_to_the_fallback() -> None:
    choice = explain_owner("support_lead", AccountPeople("acme"), TEAM)
    assert choice.owner == person("eve", "support_lead", "fallback", "nobody holds support_lead in the owners file")


def test_the_companion_is_named_beside_the_owner() -> None:
    choice = explain_owner("csm+account_executive", AccountPeople("acme", csm="ann", account_executive="ben"), TEAM)
    assert choice.owner == person("ann", "csm", "account", "the account's csm; with Ben (account_executive)")


def test_automation_has_no_person() -> None:
    assert explain_owner("automation", AccountPeople("acme"), TEAM).owner == Owner(
        id="automation", name="Automation", role="automation", reason="automation", detail="the play runs by itself; nobody has to act"
    )


def test_somebody_absent_whom_the_trigger_names_is_passed_over_and_that_is_said() -> None:
    def owner(*absent: str) -> Owner:
        account = AccountPeople("acme", csm="ben", touch="high")
        return choose_owner(parse_role("named person"), account, TEAM, "dan", lambda one: one.id in absent).owner

    assert owner("ben") == person("dan", "named person", "named", "the person the trigger names")
    assert owner("dan") == person("ben", "csm", "account", "the account's csm; dan (the person the trigger names) is absent")


def test_escalation_never_ends_with_the_present_owner() -> None:
    account = AccountPeople("acme", touch="high")
    first = explain_owner("csm", account, TEAM).considered
    assert next_owner("csm", account, TEAM, (first[0].candidate,)) == person(
        first[1].candidate, "csm", "pool", f"next in the csm pool after {first[0].candidate}"
    )
    assert next_owner("cs_lead", account, TEAM, ("eve",)) is None
    assert next_owner("support_lead", account, TEAM, ("ann",)) is None  # nobody holds it: the next level is asked
