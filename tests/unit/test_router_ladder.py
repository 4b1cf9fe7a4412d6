"""Levels with waits, people and channels; clocks of working hours that change hands."""

from dataclasses import replace

import pytest

from plays.playbooks.book import Playbooks
from plays.playbooks.levels import Level, empty_levels, level_problems, unknown_people
from plays.runs.run import TRIGGERS_AT_MOST
from plays.sla.policy import SlaPolicy
from schemas.records.wire import epoch_ms, utc
from streams.router.cells import RUNS
from streams.router.processor import RouterProcessor
from tests.desk import DAY, HOUR, MINUTE, PLAYBOOKS, POLICY, T0, Desk, trigger, usage_drop

LADDER = (
    Level(role="csm", after="10m", channels=("chat",)),
    Level(role="cs_lead", person="victor.hale", after="40m", channels=("page", "call")),
)


def desk_with(ladder: tuple[Level, ...], csm: str) -> Desk:
    desk = Desk(csm=csm)
    swat = PLAYBOOKS["swat"].playbook.model_copy(update={"escalation": ladder})
    desk.router = RouterProcessor(Playbooks([swat], PLAYBOOKS.links), POLICY)
    return desk


def test_levels_take_over_when_their_wait_from_the_breach_is_over() -> None:
    desk = desk_with(LADDER, csm="aisha.rahman")
    desk.trigger(trigger())
    desk.advance(3 * HOUR)

    told = [(m.owner.id, m.channels, (m.time - utc(T0)).total_seconds() / 60) for m in desk.messages if m.kind == "escalated"]
    assert told == [("aisha.rahman", ("chat",), 40), ("victor.hale", ("page", "call"), 70)]  # the breach came after 30 minutes


def test_an_acknowledgement_takes_back_the_level_that_is_on_its_way() -> None:
    desk = desk_with(LADDER, csm="aisha.rahman")
    (launched, *_) = desk.trigger(trigger())
    desk.advance(35 * MINUTE)
    desk.update("acknowledged", launched.run_id)
    desk.advance(20 * MINUTE)

    assert [m.kind for m in desk.messages if m.kind == "escalated"] == []


def test_a_level_that_nobody_holds_is_passed_over_and_the_next_one_still_has_its_wait() -> None:
    desk = desk_with((Level(role="support_lead", person="gone.away"), LADDER[1]), csm="aisha.rahman")
    desk.trigger(trigger())
    desk.advance(3 * HOUR)

    told = [(m.owner.id, (m.time - utc(T0)).total_seconds() / 60) for m in desk.messages if m.kind == "escalated"]
    assert told == [("victor.hale", 70)]


def test_the_next_level_has_its_time_to_acknowledge_in_working_hours_too() -> None:
    desk = Desk(csm="aisha.rahman", timezone="Europe/Berlin")
    desk.trigger(usage_drop(first_action="8bh", at_ms=T0))
    desk.advance(2 * DAY)

    acknowledge = desk.router.policy.sla.acknowledge_percent * 8 * HOUR // 100
    hours = desk.router.policy.calendars.company
    (breach, *_), (taken, *_) = ([m for m in desk.messages if m.kind == kind] for kind in ("sla_breach", "escalated"))
    assert hours.between(T0, epoch_ms(breach.time)) == acknowledge
    assert taken.clocks.acknowledge_by is not None
    assert hours.between(epoch_ms(taken.time), epoch_ms(taken.clocks.acknowledge_by)) == acknowledge


@pytest.mark.parametrize(("restart", "minutes"), [(True, [30, 100]), (False, [30, 30])])
def test_a_level_has_a_time_to_acknowledge_where_no_further_one_waits(restart: bool, minutes: list[int]) -> None:
    desk = desk_with(LADDER, csm="aisha.rahman")
    desk.router.policy = replace(POLICY, sla=POLICY.sla.model_copy(update={"restart_acknowledge": restart}))
    desk.trigger(trigger())
    desk.advance(3 * HOUR)

    due = [m.clocks.acknowledge_by for m in desk.messages if m.kind == "escalated"]
    assert due == [utc(T0 + after * MINUTE) for after in minutes]  # the levels take over 40 and 70 minutes after the trigger


def test_a_run_lists_its_first_trigger_and_the_latest() -> None:
    desk = Desk(csm="aisha.rahman")
    told = [usage_drop(subject=("feature", f"f-{number}")) for number in range(TRIGGERS_AT_MOST + 5)]
    for one in told:
        desk.trigger(one)

    (run,) = desk.cells[RUNS].open
    assert run.triggers == [told[0].trigger_id, *(one.trigger_id for one in told[6:])]
    assert len(run.triggers) == len(run.rules) == len(run.grounds) == TRIGGERS_AT_MOST
    assert [ground.subject_id for ground in run.grounds] == ["f-0", *(f"f-{number}" for number in range(6, TRIGGERS_AT_MOST + 5))]


def levels(desk: Desk) -> list[float]:
    """Minutes after the trigger at which a level took over; without any rest 40 and 70."""
    return [(m.time - utc(T0)).total_seconds() / 60 for m in desk.messages if m.kind == "escalated"]


@pytest.mark.parametrize("rest", ["paused", "snoozed", "snoozed and resumed"])
def test_the_wait_of_a_level_stands_still_while_the_run_rests(rest: str) -> None:
    desk = desk_with(LADDER, csm="aisha.rahman")
    (launched, *_) = desk.trigger(trigger())
    desk.advance(35 * MINUTE)
    until = {} if rest == "paused" else {"until": utc(desk.now_ms + (60 if rest == "snoozed" else 600) * MINUTE)}
    desk.update("paused" if rest == "paused" else "snoozed", launched.run_id, reason="waiting_on_customer", **until)
    desk.advance(60 * MINUTE)
    if rest != "snoozed":
        desk.update("resumed", launched.run_id)
    desk.advance(5 * HOUR)

    assert levels(desk) == [100, 130]


def test_a_pause_for_our_own_reasons_does_not_hold_the_ladder() -> None:
    desk = desk_with(LADDER, csm="aisha.rahman")
    (launched, *_) = desk.trigger(trigger())
    desk.advance(35 * MINUTE)
    desk.update("paused", launched.run_id, reason="waiting_on_us")
    desk.advance(5 * HOUR)

    assert levels(desk) == [40, 70]


def test_a_level_of_the_old_ladder_does_not_take_a_step_on_the_new_one() -> None:
    desk = desk_with(LADDER, csm="aisha.rahman")
    desk.trigger(trigger("T08", priority="P2", role="csm", first_action="2h"))
    desk.advance(35 * MINUTE)  # aisha's time to acknowledge is over, the next level is on its way
    upgrade = trigger(at_ms=desk.now_ms, episode="2026-02-25T06:45:00.000Z")
    (upgraded, *_) = desk.trigger(upgrade)
    assert (upgraded.kind, upgraded.owner.role) == ("upgraded", "support_lead")
    desk.advance(3 * HOUR)

    breach = min(m.time for m in desk.messages if m.kind == "sla_breach" and m.sequence > upgraded.sequence)
    assert levels(desk)[0] == (breach - utc(T0)).total_seconds() / 60 + 10


def test_nobody_has_it_twice_before_somebody_acknowledges() -> None:
    desk = desk_with((Level(role="support_lead"), Level(role="csm"), Level(role="cs_lead")), csm="marcus.bell")
    desk.trigger(trigger())
    desk.advance(DAY)

    owners = [m.owner.id for m in desk.messages if m.kind in ("launched", "escalated")]
    assert owners == list(dict.fromkeys(owners))


@pytest.mark.parametrize(
    ("ladder", "words"),
    [
        ((Level(role="csm", after="2h"), Level(role="cs_lead", after="1h")), "not later than the level before"),
        ((Level(role="csm", after="2h"), Level(role="cs_lead")), "the ladder has a hole: level 2"),
        ((Level(role="chief"), Level(role="cs_lead")), "unknown role 'chief'"),
        (("cs_lead", "csm"), "the escalation path ends at 'csm'"),
    ],
)
def test_a_ladder_that_cannot_be_climbed_is_refused(ladder: tuple[Level | str, ...], words: str) -> None:
    assert any(words in problem.what for problem in level_problems(ladder))


def test_a_level_that_has_nobody_is_a_hole() -> None:
    team = POLICY.team.model_copy(update={"pools": {}})
    ladder = ("support_lead", Level(role="cs_lead", person="nobody.here"))
    assert [problem.what for find in (empty_levels, unknown_people) for problem in find(ladder, team)] == [
        "the ladder has a hole: nobody of the owners file is in the pool of level 1 (support_lead)",
        "the ladder has a hole: level 2 names 'nobody.here', who is not in the owners file",
    ]
    assert [*empty_levels(PLAYBOOKS["swat"].playbook.escalation, POLICY.team)] == []


def test_warnings_follow_the_priority_and_a_late_one_says_how_late() -> None:
    desk = Desk()
    sla = SlaPolicy(warnings_percent=(90,), warnings_percent_of_priority={"P1": (25, 50, 75, 90)})
    desk.router = RouterProcessor(PLAYBOOKS, replace(POLICY, sla=sla))
    desk.trigger(trigger())
    assert [m.percent for m in desk.advance(28 * MINUTE) if m.kind == "sla_warning"] == [25, 50, 75, 90]

    (breach, *_) = [m for m in desk.outage(HOUR) if m.kind == "sla_breach"]
    assert (breach.due, breach.late_s) == (utc(T0 + 30 * MINUTE), 58 * 60)


def test_a_pause_for_our_own_reasons_stops_no_clock() -> None:
    desk = Desk()
    (launched, *_) = desk.trigger(usage_drop())
    (paused,) = desk.update("paused", launched.run_id, reason="waiting_on_us")
    told = desk.advance(6 * HOUR)

    assert [m.kind for m in told if m.clock == "acknowledge"] == ["sla_warning", "sla_warning", "sla_breach", "escalated"]
    (resumed,) = desk.update("resumed", launched.run_id)
    assert resumed.clocks.act_by == paused.clocks.act_by


def test_a_clock_of_working_hours_rests_for_the_working_time_of_a_pause() -> None:
    desk = Desk()
    (launched, *_) = desk.trigger(usage_drop(first_action="4bh"))  # Wednesday 06:13: from 09:00, due at 13:00 UTC
    desk.advance(4 * HOUR)
    desk.update("paused", launched.run_id, reason="waiting_on_customer")
    desk.advance(DAY)  # eight working hours
    (resumed,) = desk.update("resumed", launched.run_id)

    assert launched.clocks.act_by == utc(T0 + 6 * HOUR + 46 * MINUTE + 40_000)
    assert resumed.clocks.act_by == utc(T0 + DAY + 6 * HOUR + 46 * MINUTE + 40_000)


def test_a_handover_into_another_zone_moves_a_clock_of_working_hours() -> None:
    desk = Desk()
    people = tuple(
        person.model_copy(update={"timezone": "Asia/Tokyo"}) if person.id == "hana.sato" else person for person in POLICY.team.people
    )
    team = POLICY.team.model_copy(update={"people": people})
    sla = POLICY.sla.model_copy(update={"working_hours_of": "owner"})
    desk.router = RouterProcessor(PLAYBOOKS, replace(POLICY, team=team, sla=sla))
    (launched, *_) = desk.trigger(usage_drop(first_action="4bh"))
    (reassigned,) = desk.update("reassigned", launched.run_id, owner="hana.sato")

    assert reassigned.clocks.act_by != launched.clocks.act_by


@pytest.mark.parametrize("rest", ["paused", "snoozed"])
def test_a_handover_during_a_rest_takes_nothing_of_the_time_that_was_left(rest: str) -> None:
    """Four hours, two of them used, then ten hours of rest, at whose end it is 05:00 in Tokyo: due at 11:00 there."""
    told = []
    for during in (True, False):
        desk = Desk()
        people = tuple(one.model_copy(update={"timezone": "Asia/Tokyo"}) if one.id == "hana.sato" else one for one in POLICY.team.people)
        sla = POLICY.sla.model_copy(update={"working_hours_of": "owner"})
        team = POLICY.team.model_copy(update={"people": people})
        desk.router = RouterProcessor(PLAYBOOKS, replace(POLICY, team=team, sla=sla))
        (launched, *_) = desk.trigger(usage_drop(first_action="4bh"))
        desk.advance(3 * HOUR + 46 * MINUTE + 40_000)  # 10:00
        until = {"until": utc(desk.now_ms + 10 * HOUR)} if rest == "snoozed" else {}
        desk.update(rest, launched.run_id, reason="waiting_on_customer", **until)
        desk.advance(2 * HOUR)
        if during:
            desk.update("reassigned", launched.run_id, owner="hana.sato")
        desk.advance(8 * HOUR)
        if rest == "paused":
            desk.update("resumed", launched.run_id)
        if not during:
            desk.update("reassigned", launched.run_id, owner="hana.sato")
        told.append(desk.messages[-1].clocks.act_by)

    assert told == [utc(T0 + 19 * HOUR + 46 * MINUTE + 40_000)] * 2


def test_a_more_urgent_trigger_begins_anew_what_has_run_out() -> None:
    desk = Desk(csm="aisha.rahman")
    desk.trigger(usage_drop(priority="P3", first_action="2h"))
    desk.advance(5 * HOUR)
    said = len(desk.messages)
    (upgraded,) = desk.trigger(usage_drop("T05", priority="P2", first_action="1h", at_ms=desk.now_ms))
    desk.advance(2 * HOUR)

    assert upgraded.clocks.act_by == utc(T0 + 6 * HOUR)
    assert [(m.kind, m.percent) for m in desk.messages[said:] if m.clock == "act"] == [
        ("sla_warning", 50), ("sla_warning", 80), ("sla_breach", None),
    ]  # fmt: skip


def test_a_priority_that_is_counted_in_other_hours_takes_the_clocks_with_it() -> None:
    desk = Desk(timezone="America/New_York")
    desk.router.policy = replace(POLICY, sla=SlaPolicy(working_hours_of_priority={"P1": "customer"}))
    (launched, *_) = desk.trigger(usage_drop(first_action="8bh"))  # all of Wednesday, in UTC
    (upgraded,) = desk.trigger(usage_drop("T05", priority="P1", first_action="100bh"))
    desk.update("paused", launched.run_id)
    (resumed,) = desk.update("resumed", launched.run_id)

    assert [m.clocks.act_by for m in (launched, upgraded, resumed)] == [
        utc(T0 + 10 * HOUR + 46 * MINUTE + 40_000), *(utc(T0 + 15 * HOUR + 46 * MINUTE + 40_000),) * 2,
    ]  # fmt: skip


def test_a_customer_who_moves_takes_the_clocks_along() -> None:
    desk = Desk(timezone="America/New_York")
    desk.router.policy = replace(POLICY, sla=SlaPolicy(working_hours_of="customer"))
    (launched, *_) = desk.trigger(usage_drop(first_action="8bh"))
    assert desk.event("account.updated", name="Acme Inc.") == []
    desk.describe(timezone="Europe/Berlin")
    (moved,) = desk.event("account.updated", timezone="Europe/Berlin")

    assert launched.clocks.act_by == utc(T0 + 15 * HOUR + 46 * MINUTE + 40_000)  # 17:00 in New York
    assert (moved.kind, moved.clocks.act_by) == ("retargeted", utc(T0 + 9 * HOUR + 46 * MINUTE + 40_000))
    assert desk.event("account.updated", timezone="Europe/Berlin") == []


def test_a_level_and_a_step_that_are_late_say_how_late() -> None:
    desk = desk_with(LADDER, csm="aisha.rahman")
    desk.trigger(trigger())
    desk.advance(35 * MINUTE)
    desk.outage(4 * HOUR)  # until 275 minutes after the trigger

    told = [(m.step or m.owner.id, m.late_s // 60) for m in desk.messages if m.kind in ("escalated", "step_due") and m.late_s]
    assert sorted(told) == [("aisha.rahman", 235), ("communication cadence", 215), ("victor.hale", 205)]
