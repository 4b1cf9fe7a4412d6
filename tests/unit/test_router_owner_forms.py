"""Every form in which the checklist names an owner, from the trigger to the person who gets the run."""

import pytest

from plays.runs.roles import parse_role
from streams.router.cells import RUNS
from tests.desk import Desk, trigger, usage_drop


@pytest.mark.parametrize(
    ("form", "touch", "owner", "role", "ladder"),
    [
        ("csm", "high", "maya.lindqvist", "csm", ["cs_lead"]),
        ("csm (tech: csm_pool)", "mid", "maya.lindqvist", "csm", ["cs_lead"]),
        ("csm+account_executive", "high", "maya.lindqvist", "csm", ["account_executive", "cs_lead"]),
        ("csm+renewal_specialist", "high", "maya.lindqvist", "csm", ["renewal_specialist", "cs_lead"]),
        ("csm+support_lead", "high", "maya.lindqvist", "csm", ["support_lead", "cs_lead"]),
        ("renewal_specialist", "mid", "ruth.adeyemi", "renewal_specialist", ["cs_lead"]),
        ("implementation_lead", "tech", "oliver.grant", "implementation_lead", ["cs_lead"]),
        ("cs_lead", "tech", "victor.hale", "cs_lead", []),
        ("automation", "tech", "automation", "automation", ["cs_lead"]),
    ],
)
def test_a_form_reaches_its_person(form: str, touch: str, owner: str, role: str, ladder: list[str]) -> None:
    desk = Desk(touch_model=touch, csm="maya.lindqvist")

    (launched,) = desk.trigger(usage_drop(role=form))

    assert (launched.kind, launched.owner.id, launched.owner.role) == ("launched", owner, role)
    assert desk.cells[RUNS].open[0].ladder == ladder


def test_a_tech_touch_account_goes_to_the_pool_that_the_rule_names() -> None:
    desk = Desk(touch_model="tech", csm="maya.lindqvist")

    (launched,) = desk.trigger(usage_drop(role="csm (tech: csm_pool)"))

    assert (launched.owner.role, launched.owner.reason) == ("csm_pool", "pool")


def test_support_hands_over_to_the_csm() -> None:
    desk = Desk(touch_model="mid", csm="maya.lindqvist")

    (launched,) = desk.trigger(trigger("HT3", role="support_lead -> csm"))

    assert (launched.owner.role, desk.cells[RUNS].open[0].ladder[0]) == ("support_lead", "csm")
    assert "with Maya Lindqvist (csm)" in launched.owner.detail


def test_the_named_person_owns_the_run() -> None:
    desk = Desk(touch_model="mid", csm="maya.lindqvist")

    (launched,) = desk.trigger(usage_drop("T50", role="named person", facts={"owner": "Priya Nair"}))

    assert (launched.owner.id, launched.owner.role, launched.owner.reason) == ("priya.nair", "named person", "named")


def test_a_named_person_nobody_listed_still_owns_it() -> None:
    (launched,) = Desk().trigger(usage_drop("T50", role="named person", facts={"owner": "Zoe Unlisted"}))

    assert (launched.owner.id, launched.owner.reason) == ("Zoe Unlisted", "named")
    assert "not listed in the owners file" in launched.owner.detail


@pytest.mark.parametrize("facts", [{}, {"owner": None}, {"owner": ""}, {"owner": " "}, {"owner": "c-1"}])
def test_where_nobody_of_ours_is_named_the_csm_owns_it(facts: dict[str, str | int | float | bool | None]) -> None:
    desk = Desk(touch_model="mid", csm="maya.lindqvist")
    desk.meet("c-1", name="Ana Costa", role="champion")

    (launched,) = desk.trigger(usage_drop("T50", role="named person", facts=facts))

    assert (launched.owner.id, launched.owner.reason) == ("maya.lindqvist", "account")


def test_another_rule_s_fact_of_that_name_chooses_nobody() -> None:
    desk = Desk(touch_model="mid", csm="maya.lindqvist")

    (launched,) = desk.trigger(usage_drop(facts={"owner": "Priya Nair"}))

    assert launched.owner.id == "maya.lindqvist"


def test_named_person_is_csm_with_a_name_first() -> None:
    ask = parse_role("named person")

    assert (ask.first, ask.named, ask.second, ask.tech) == ("csm", True, None, None)
