"""The router asks the roster who takes a run, waits, and takes back what comes too late."""

from dataclasses import replace

import pytest

from plays.playbooks.book import Playbooks
from plays.roster.absence import Absence
from schemas.records.wire import utc
from streams.processing.cells import Cells
from streams.processing.effects import Cleared
from streams.processing.judging import EpisodeRef
from streams.processing.moment import Moment
from streams.router.processor import RouterProcessor
from tests.desk import DAY, HOUR, MINUTE, PLAYBOOKS, POLICY, T0, Desk, trigger, usage_drop

SECOND = 1000


def said(desk: Desk) -> list[tuple[str, str, str | None]]:
    return [(str(event["type"]).removeprefix("assignment."), event["step"], event.get("person")) for event in desk.asked]


def test_a_run_is_launched_by_the_answer_and_says_nothing_before() -> None:
    desk = Desk(roster=True, acv=48_000.0)
    assert desk.trigger(usage_drop()) == []
    (ask,) = desk.asked

    assert (ask["ask_id"], ask["role"], ask["sla_minutes"], ask["arr"]) == (f"{ask['run_id']}/owner", "csm", 1440.0, 48_000.0)
    (launched,) = desk.answer(ask, "tomas.herrera", runners_up=["aisha.rahman: 300 open SLA minutes"])

    assert (launched.kind, launched.sequence, launched.owner.id) == ("launched", 1, "tomas.herrera")
    assert launched.owner.runners_up == ("aisha.rahman: 300 open SLA minutes",)
    assert launched.clocks.act_by is not None
    assert (launched.clocks.act_by - launched.time).total_seconds() == 24 * 3600


def test_who_is_not_at_work_yet_is_launched_with_the_moment_they_are() -> None:
    desk = Desk(roster=True)
    desk.trigger(usage_drop())
    (launched,) = desk.answer(desk.asked[0], "tomas.herrera", reason="postponed", on_duty_from=utc(T0 + 3 * HOUR))

    assert launched.owner.detail == "least open minutes; on duty from 2026-02-25T09:13:20.000Z"


def test_what_joins_while_the_owner_is_asked_for_is_in_the_launch() -> None:
    desk = Desk(roster=True)
    desk.trigger(usage_drop())
    assert desk.trigger(usage_drop("T05", episode="2026-02-25T07:00:00.000Z")) == []

    (launched,) = desk.answer(desk.asked[0], "tomas.herrera")

    assert launched.rules == ("T04", "T05")
    assert len(desk.asked) == 1


def test_without_an_answer_the_files_decide_and_a_late_answer_is_taken_back() -> None:
    desk = Desk(roster=True)
    desk.trigger(usage_drop())
    (ask,) = desk.asked
    assert desk.advance(10 * SECOND - 1) == []

    (launched,) = desk.advance(1)
    assert launched.owner.detail.endswith("; the roster did not answer within 10 s")
    assert said(desk)[1:] == [("confirmed", "owner", launched.owner.id)]

    late = "aisha.rahman" if launched.owner.id != "aisha.rahman" else "tomas.herrera"
    assert desk.answer(ask, late) == []
    assert said(desk)[2:] == [("released", "owner", late)]


def test_an_answer_that_agrees_with_the_files_frees_nobody() -> None:
    desk = Desk(roster=True)
    desk.trigger(usage_drop())
    (ask,) = desk.asked
    (launched,) = desk.advance(10 * SECOND)

    assert desk.answer(ask, launched.owner.id) == []
    assert [kind for kind, _, _ in said(desk)] == ["requested", "confirmed"]


def test_while_catching_up_nobody_could_have_answered_yet() -> None:
    desk = Desk(roster=True)
    desk.catching_up = True
    desk.trigger(usage_drop())
    assert desk.advance(6 * HOUR) == []

    desk.catching_up = False
    (launched, *_) = desk.advance(5 * MINUTE)

    assert launched.kind == "launched"
    assert "did not answer" in launched.owner.detail


def test_while_catching_up_the_wait_doubles_to_five_minutes() -> None:
    desk = Desk(roster=True)
    desk.catching_up = True
    desk.trigger(usage_drop())
    looked = []
    for _ in range(7):
        desk.advance(min(desk.deadlines.values()) - desk.now_ms)
        looked.append((desk.now_ms - T0) // SECOND)

    assert looked == [10, 30, 70, 150, 310, 610, 910]


def test_a_closed_run_frees_its_owner_and_an_answer_for_nobody_is_taken_back() -> None:
    desk = Desk(roster=True)
    desk.trigger(usage_drop())
    (ask,) = desk.asked
    desk.answer(ask, "tomas.herrera")
    desk.update("closed", ask["run_id"], code="resolved")

    assert said(desk)[1:] == [("released", "owner", "tomas.herrera")]
    desk.answer(ask, "tomas.herrera")
    assert said(desk)[2:] == [("released", "owner", "tomas.herrera")]


def test_churn_before_the_answer_ends_the_run_without_a_word_and_the_answer_is_taken_back() -> None:
    desk = Desk(roster=True)
    desk.trigger(usage_drop())
    assert desk.event("account.churned") == []

    assert desk.answer(desk.asked[0], "tomas.herrera") == []
    assert said(desk)[1:] == [("released", "owner", "tomas.herrera")]


def test_a_breach_asks_for_somebody_else_of_the_next_level() -> None:
    desk = Desk(roster=True, csm="aisha.rahman")
    desk.trigger(trigger())
    desk.answer(desk.asked[0], "marcus.bell", role="support_lead")
    desk.advance(30 * MINUTE)

    ask = desk.asked[-1]
    assert (ask["step"], ask["role"], ask["own"], ask["exclude"]) == ("level-1", "csm", "aisha.rahman", ["marcus.bell"])
    (escalated,) = desk.answer(ask, "aisha.rahman", reason="account", detail="the account's csm")
    assert (escalated.kind, escalated.clock, escalated.owner.id, escalated.owner.reason) == (
        "escalated", "acknowledge", "aisha.rahman", "escalation",
    )  # fmt: skip
    assert said(desk)[2:] == [("released", "owner", "marcus.bell")]


def test_somebody_else_named_by_the_crm_counts_from_then_on() -> None:
    desk = Desk(roster=True)
    desk.trigger(usage_drop())
    (ask,) = desk.asked
    desk.answer(ask, "tomas.herrera")
    desk.update("reassigned", ask["run_id"], owner="hana.sato")

    assert said(desk)[1:] == [("released", "owner", "tomas.herrera"), ("confirmed", "owner", "hana.sato")]


def test_who_holds_what_is_told_again_every_day() -> None:
    desk = Desk(roster=True)
    desk.trigger(usage_drop())
    desk.answer(desk.asked[0], "tomas.herrera")
    desk.update("started", desk.asked[0]["run_id"])
    desk.advance(3 * DAY)

    assert said(desk)[1:] == [("confirmed", "owner", "tomas.herrera")] * 3
    assert len({event["event_id"] for event in desk.asked}) == 4


def test_automation_asks_nobody() -> None:
    desk = Desk(roster=True)
    (launched,) = desk.trigger(
        trigger("J2", priority="P3", play="re-engagement", role="automation", first_action="-", concern="onboarding")
    )

    assert (launched.owner.reason, desk.asked) == ("automation", [])


def test_a_p1_of_another_role_is_told_at_once_and_handed_over_by_the_answer() -> None:
    desk = Desk(roster=True)
    desk.trigger(usage_drop(subject=("ticket", "t-9"), concern="support"))
    desk.answer(desk.asked[0], "tomas.herrera")
    (upgraded,) = desk.trigger(trigger())
    assert (upgraded.kind, upgraded.priority, upgraded.owner.id) == ("upgraded", "P1", "tomas.herrera")

    (handed,) = desk.answer(desk.asked[-1], "marcus.bell", role="support_lead")

    assert (handed.kind, handed.owner.id, handed.clocks.acknowledge_by is not None) == ("reassigned", "marcus.bell", True)
    assert said(desk)[2:] == [("released", "owner", "tomas.herrera")]


def test_only_an_sla_in_working_time_may_wait_for_a_shift() -> None:
    desk = Desk(roster=True)
    for number, first_action in enumerate(("24h", "4bh", "5bd", "-", "2h")):
        desk.trigger(trigger(f"R{number}", concern=f"c{number}", first_action=first_action))
    assert [ask["business"] for ask in desk.asked] == [False, True, True, True, False]


def test_what_is_begun_or_late_is_no_less_urgent_for_it() -> None:
    desk = Desk(roster=True)
    desk.trigger(trigger())
    (launched,) = desk.answer(desk.asked[-1], "marcus.bell", role="support_lead")
    desk.update("started", launched.run_id)
    desk.advance(2 * DAY)

    levels = [ask for ask in desk.asked if ask["type"] == "assignment.requested" and ask["step"].startswith("level-")]
    assert levels
    assert [ask["business"] for ask in levels] == [False] * len(levels)


def test_without_an_answer_nobody_absent_is_sent() -> None:
    desk = Desk(roster=True, csm="maya.lindqvist")
    away = Absence.parse("2026-02-20/2026-03-20")
    people = tuple(p.model_copy(update={"absences": (away,)}) if p.id == "maya.lindqvist" else p for p in POLICY.team.people)
    policy = replace(POLICY, roster=True, team=POLICY.team.model_copy(update={"people": people}))
    desk.router = RouterProcessor(PLAYBOOKS, policy)
    desk.trigger(usage_drop())
    assert desk.asked[0]["own"] == "maya.lindqvist"

    (launched,) = desk.advance(10 * SECOND)

    assert launched.owner.id != "maya.lindqvist"
    assert "maya.lindqvist (the account's csm) is absent until 2026-03-23" in launched.owner.detail


def test_who_gets_a_run_from_somebody_who_had_begun_has_all_clocks() -> None:
    desk = Desk(roster=True, csm="aisha.rahman", acv=20_000.0)
    desk.trigger(usage_drop(concern="support", subject=("ticket", "t-9")))
    (launched,) = desk.answer(desk.asked[-1], "aisha.rahman")
    desk.advance(HOUR)
    desk.update("started", launched.run_id)
    desk.advance(HOUR)

    desk.trigger(trigger(at_ms=desk.now_ms))
    (ask,) = [event for event in desk.asked if event["step"] == "owner-2"]
    desk.advance(5 * SECOND)
    (reassigned,) = desk.answer(ask, "hana.sato")

    assert reassigned.clocks.act_by == utc(T0 + 4 * HOUR)  # counted from the trigger
    assert reassigned.clocks.acknowledge_by == utc(T0 + 2 * HOUR + 30 * MINUTE + 5 * SECOND)
    assert reassigned.clocks.resolve_by == utc(T0 + 10 * HOUR)


@pytest.mark.parametrize("over", ["cleared", "churned"])
def test_what_is_over_before_anybody_is_told_is_a_decision(over: str) -> None:
    desk = Desk(roster=True)
    fired = [usage_drop(), usage_drop("T05", subject=("contact", "c-1"))]
    for one in fired:
        desk.trigger(one)
    if over == "churned":
        desk.event("account.churned")
    else:
        for one in fired:
            desk.clear(Cleared(one.rule, one.subject, one.episode, one.trigger_id, T0, T0, "usage is back", expired=False))

    assert (desk.messages, desk.outcomes) == ([], [])
    assert [(one.reason, one.trigger_id, one.rule) for one in desk.decisions] == [(over, one.trigger_id, one.rule) for one in fired]
    assert desk.answer(desk.asked[0], "tomas.herrera") == []
    assert said(desk)[-1] == ("released", "owner", "tomas.herrera")
    assert desk.trigger(fired[0]) == []  # it is known


def test_of_two_conditions_one_that_is_over_keeps_nobody_from_being_sent() -> None:
    judge = StillTrue("T05")
    desk = Desk(roster=True, judge=judge)
    first, second = usage_drop(), usage_drop("T05")
    desk.trigger(first)
    desk.trigger(second)
    desk.clear(Cleared(first.rule, first.subject, first.episode, first.trigger_id, T0, T0, "usage is back", expired=False))

    (launched,) = desk.answer(desk.asked[0], "tomas.herrera")

    assert (launched.kind, launched.rules, desk.decisions) == ("launched", ("T04", "T05"), [])


def test_a_play_that_begins_with_its_owner_knows_what_was_over_before() -> None:
    """Another play of a run that people know: while its owner is asked for, the customer recovers."""
    desk = Desk(roster=True, csm="aisha.rahman", acv=20_000.0)
    ticket = ("ticket", "t-9")
    first = trigger("T09", priority="P3", play="swat", role="csm", concern="adoption", subject=ticket)
    desk.trigger(first)
    desk.answer(desk.asked[-1], "aisha.rahman")
    second = usage_drop(priority="P1", role="support_lead", subject=ticket)
    desk.trigger(second)
    for one in (first, second):
        desk.clear(Cleared(one.rule, one.subject, one.episode, one.trigger_id, T0, T0, "usage is back", expired=False))
    (ask,) = [event for event in desk.asked if event["step"] == "owner-2"]

    said_then = desk.answer(ask, "hana.sato")

    assert [(one.kind, one.code) for one in said_then] == [("reassigned", None), ("closed", "adoption_recovered")]


def test_an_update_of_a_run_nobody_was_told_of_is_refused_and_the_run_is_launched() -> None:
    desk = Desk(roster=True)
    desk.trigger(usage_drop())
    for kind, fields in (("acknowledged", {}), ("closed", {"code": "resolved"}), ("paused", {})):
        assert desk.update(kind, desk.asked[0]["run_id"], **fields) == []

    (launched,) = desk.answer(desk.asked[0], "tomas.herrera")

    assert (launched.kind, launched.sequence) == ("launched", 1)
    assert [one.reason for one in desk.rejects] == ["unknown_run"] * 3
    assert "its owner is being asked for" in desk.rejects[0].detail


class StillTrue:
    """Episodes of one rule hold."""

    def __init__(self, rule: str) -> None:
        self.rule = rule

    def holds(self, _cells: Cells, episode: EpisodeRef, _moment: Moment) -> bool:
        return episode.rule == self.rule


def questions(desk: Desk) -> list[str]:
    return [str(event["step"]) for event in desk.asked if event["type"] == "assignment.requested"]


def test_a_level_of_a_new_ladder_is_a_new_question() -> None:
    """The roster gives one question one answer: that of a level of the ladder before would be somebody of another role."""
    desk = Desk(roster=True, csm="Aisha Rahman")
    desk.trigger(trigger("T08", priority="P2", play="swat", role="csm", first_action="2h"))
    desk.answer(desk.asked[-1], "aisha.rahman")
    desk.advance(30 * MINUTE)  # her time to acknowledge is over
    desk.answer(desk.asked[-1], "marcus.bell")
    desk.trigger(trigger(at_ms=desk.now_ms, episode="2026-02-25T06:50:00.000Z"))
    desk.answer(desk.asked[-1], "hana.sato")
    desk.advance(30 * MINUTE)

    assert [one for one in questions(desk) if not one.startswith("step:")] == ["owner", "level-1", "owner-2", "level-2"]


def test_a_step_of_another_play_is_a_new_question_even_under_the_same_name() -> None:
    desk = Desk(roster=True, csm="Aisha Rahman")
    step = PLAYBOOKS["swat"].playbook.steps[0].model_copy(update={"owner_role": "enablement"})
    plays = [
        PLAYBOOKS[play].playbook.model_copy(update={"steps": (step.model_copy(update={"owner_role": role}),)})
        for play, role in (("usage-review", "enablement"), ("swat", "cs_lead"))
    ]
    desk.router = RouterProcessor(Playbooks(plays, PLAYBOOKS.links), replace(POLICY, roster=True))
    desk.trigger(trigger("T08", priority="P2", play="usage-review", role="csm"))
    desk.answer(desk.asked[-1], "aisha.rahman")
    desk.answer(desk.asked[-1], "ruth.adeyemi")
    desk.trigger(trigger(role="csm", episode="2026-02-25T06:50:00.000Z"))
    told = desk.answer(desk.asked[-1], "victor.hale")

    assert questions(desk) == ["owner", f"step:{step.name}", f"step-1:{step.name}"]
    assert said(desk)[-2][:2] == ("released", f"step:{step.name}")
    assert told == []
    due = desk.messages[-1]
    assert (due.kind, due.step, due.holder and due.holder.id) == ("step_due", step.name, "victor.hale")


def test_whoever_was_found_for_a_step_that_is_too_old_by_then_is_free() -> None:
    desk = Desk(roster=True)
    desk.trigger(trigger("T30", priority="P3", play="swat", role="automation", first_action="24h"))
    (first, second) = (event["step"] for event in desk.asked)

    desk.outage(6 * HOUR)  # their max_age is 4 h and 1 h

    assert [one for one in said(desk) if one[1] in (first, second)][2:] == [
        ("confirmed", first, "oliver.grant"),
        ("released", first, "oliver.grant"),
    ]  # and nobody is found for the second any more


def test_whoever_had_a_run_that_goes_over_to_automation_is_free() -> None:
    desk = Desk(roster=True)
    desk.trigger(usage_drop(subject=("ticket", "t-9"), concern="support"))
    desk.answer(desk.asked[0], "tomas.herrera")

    (upgraded,) = desk.trigger(trigger(role="automation"))

    assert upgraded.owner.id == "automation"
    assert ("released", "owner", "tomas.herrera") in said(desk)
