"""Business spans of a run are counted in the hours the policy names: the company's, the owner's, the customer's."""

from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest

from plays.loading.calendars import load_calendars
from plays.sla.policy import SlaPolicy
from schemas.records.trigger import Priority
from tests.desk import POLICY, Desk, trigger

CALENDARS = """
company: office
customer: office
calendars:
  office:
    timezone: UTC
    hours: {mon-fri: 09:00-17:00}
  mornings:
    timezone: UTC
    hours: {mon-fri: 07:00-11:00}
"""


def due(folder: Path, sla: SlaPolicy, priority: Priority = "P2") -> str:
    """When eight business hours are over that begin on Wednesday, 2026-02-25, at 06:13 UTC, for an account in New York."""
    (folder / "calendars.yaml").write_text(CALENDARS)
    calendars = load_calendars(folder)
    desk = Desk(timezone="America/New_York")
    first, *_ = desk.trigger(trigger("T06", priority=priority, play="usage-review", role="csm", first_action="8bh"))
    owner = first.owner.id
    people = tuple(
        person.model_copy(update={"calendar": "mornings", "timezone": "Asia/Tokyo"}) if person.id == owner else person
        for person in POLICY.team.people
    )
    desk = Desk(timezone="America/New_York")
    desk.router.policy = replace(POLICY, sla=sla, calendars=calendars, team=POLICY.team.model_copy(update={"people": people}))
    launched, *_ = desk.trigger(trigger("T06", priority=priority, play="usage-review", role="csm", first_action="8bh"))
    assert launched.owner.id == owner
    assert launched.clocks.act_by is not None
    return launched.clocks.act_by.astimezone(UTC).strftime("%a %H:%M")


def test_the_companys_hours_count_unless_the_policy_says_whose(tmp_path: Path) -> None:
    assert due(tmp_path, SlaPolicy()) == "Wed 17:00"


def test_a_customer_keeps_its_hours_where_it_is(tmp_path: Path) -> None:
    assert due(tmp_path, SlaPolicy(working_hours_of="customer")) == "Wed 22:00"  # 17:00 in New York


def test_an_owner_has_hours_and_a_timezone_of_their_own(tmp_path: Path) -> None:
    # four hours a day from 07:00 in Tokyo, which is 22:00 UTC: the night to Thursday, and the one after
    assert due(tmp_path, SlaPolicy(working_hours_of="owner")) == "Fri 02:00"


def test_a_priority_may_go_by_other_hours(tmp_path: Path) -> None:
    sla = SlaPolicy(working_hours_of="owner", working_hours_of_priority={"P3": "customer"})

    assert [due(tmp_path, sla, "P2"), due(tmp_path, sla, "P3")] == ["Fri 02:00", "Wed 22:00"]


def test_whose_hours_is_one_of_three() -> None:
    with pytest.raises(ValueError, match="'company', 'owner' or 'customer'"):
        SlaPolicy.model_validate({"working_hours_of": "nobody"})


def test_an_owner_the_roster_knows_better_has_the_hours_it_says() -> None:
    """Zoe is known from the topic alone: four hours of hers begin at 09:00 in Tokyo, at midnight in UTC."""
    desk = Desk(roster=True)
    desk.router.policy = replace(POLICY, roster=True, sla=SlaPolicy(working_hours_of="owner"))
    desk.trigger(trigger("T06", priority="P2", play="usage-review", role="csm", first_action="4bh"))
    (launched,) = desk.answer(desk.asked[-1], "zoe", timezone="Asia/Tokyo")
    assert launched.clocks.act_by is not None
    assert (
        launched.clocks.act_by.astimezone(UTC).strftime("%a %H:%M") == "Thu 02:13"
    )  # it is 15:13 there, which leaves two hours and 13 minutes

    desk = Desk(roster=True)
    desk.router.policy = replace(POLICY, roster=True, sla=SlaPolicy(working_hours_of="owner"))
    desk.trigger(trigger("T06", priority="P2", play="usage-review", role="csm", first_action="4bh"))
    (unknown,) = desk.answer(desk.asked[-1], "zoe")
    assert unknown.clocks.act_by is not None
    assert unknown.clocks.act_by.astimezone(UTC).strftime("%a %H:%M") == "Wed 13:00"
