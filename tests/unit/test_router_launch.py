"""A trigger becomes a run: owner, clocks, whom to reach, in what words."""

from datetime import UTC, datetime

from schemas.records.play_message import Clocks, Contact, Link, Owner, PlayMessage, Repeat, Step, WaitUntil, message_id, run_id
from schemas.records.trigger import Subject
from schemas.records.wire import utc
from tests.desk import DAY, HOUR, MINUTE, T0, Desk, story, trigger, usage_drop


def test_a_p1_ticket_launches_a_run_with_everything_in_it() -> None:
    desk = Desk()
    desk.meet("c-1", name="Ana Costa", role="champion")
    desk.meet("c-2", name="Bo Li", role="technical_admin")
    fired = trigger(facts={"requester_id": "c-2"})

    (launched,) = desk.trigger(fired)

    run = run_id("acme", fired.trigger_id)
    assert launched == PlayMessage(
        message_id=message_id(run, 1),
        run_id=run,
        sequence=1,
        kind="launched",
        time=utc(T0),
        account_id="acme",
        account_name="Acme",
        concern="support",
        subject=Subject(kind="ticket", id="t-9"),
        priority="P1",
        play="swat",
        play_version=2,
        owner=Owner(
            id="marcus.bell",
            name="Marcus Bell",
            role="support_lead",
            email="marcus.bell@playcall.example",
            reason="pool",
            detail="highest of 2 in the support_lead pool for this account",
        ),
        clocks=Clocks(acknowledge_by=utc(T0 + 30 * MINUTE), act_by=utc(T0 + 2 * HOUR), resolve_by=utc(T0 + 8 * HOUR)),
        triggers=(fired.trigger_id,),
        rules=("T07",),
        why="Ticket t-9 was opened at P1.",
        who_to_reach=(
            Contact(id="c-2", name="Bo Li", role="technical_admin"),
            Contact(id="c-1", name="Ana Costa", role="champion"),
        ),
        message=launched.message,
        steps=launched.steps,
    )
    assert launched.message is not None
    assert launched.message.startswith("Subject: Where we are with t-9\n\nHi Bo,\n\nI am Marcus Bell and I own this until it is solved.")
    assert launched.message.split("\n---\n")[1].startswith("Ticket t-9 was opened at P1. (ticket t-9, Acme)")


def test_a_launch_lists_every_step_with_its_person_its_dates_and_its_pages() -> None:
    desk = Desk(csm="Aisha Rahman")

    (launched,) = desk.trigger(trigger())

    swat, cadence, daily, postmortem, prevention = launched.steps
    assert swat.model_copy(update={"instruction": ""}) == Step(
        name="SWAT response", kind="task", owner_role="support_lead", owner="marcus.bell", instruction="", after=(), due="sla",
        due_by=utc(T0 + 2 * HOUR),
    )  # fmt: skip
    assert cadence.model_copy(update={"instruction": ""}) == Step(
        name="communication cadence", kind="message", channel="email", owner_role="support_lead", owner="marcus.bell", instruction="",
        after=(), repeat=Repeat(every="2h", until="resolved", at_most="1d"), due="1h", due_by=utc(T0 + HOUR),
        links=(Link(name="status_page", title="Status page", url="https://status.playcall.example"),),
    )  # fmt: skip
    assert (daily.after, daily.only_if, daily.due_by) == (("communication cadence",), "unresolved", utc(T0 + DAY + 4 * HOUR))
    assert postmortem.until == WaitUntil(condition="resolved", at_most="30d", otherwise="go_on")
    assert (postmortem.owner_role, postmortem.owner, postmortem.after) == ("csm", "aisha.rahman", ("SWAT response",))
    # it may begin on Friday, 27 March, 08:13: five whole business days later is the close of the Thursday after
    assert postmortem.due_by == datetime(2026, 4, 2, 17, tzinfo=UTC)
    assert (prevention.kind, prevention.after, prevention.owner) == ("task", ("postmortem",), "marcus.bell")


def test_a_step_of_the_owner_belongs_to_whoever_has_the_run() -> None:
    desk = Desk(csm="Aisha Rahman")

    (launched,) = desk.trigger(usage_drop("T19", play="renewal-plan", role="csm+renewal_specialist"))

    assert [(step.name, step.owner_role, step.owner) for step in launched.steps][:2] == [
        ("renewal plan", "csm", "aisha.rahman"), ("return on investment recap", "csm", "aisha.rahman"),
    ]  # fmt: skip


def test_the_same_trigger_again_says_nothing_while_the_run_is_open_and_after_it_is_closed() -> None:
    desk = Desk()
    (launched,) = desk.trigger(trigger())

    assert desk.trigger(trigger()) == []
    desk.update("closed", launched.run_id, code="resolved")
    desk.advance(DAY)
    assert desk.trigger(trigger()) == []


def test_a_second_trigger_of_the_concern_joins_and_is_listed() -> None:
    desk = Desk()
    (launched,) = desk.trigger(usage_drop())
    desk.advance(HOUR)

    (joined,) = desk.trigger(usage_drop("T06", priority="P3", play="feature-enablement", role="enablement", summary="Reports unused."))

    assert joined == launched.model_copy(
        update={
            "message_id": message_id(launched.run_id, 3),
            "sequence": 3,
            "kind": "joined",
            "time": utc(T0 + HOUR),
            "triggers": (*launched.triggers, joined.triggers[1]),
            "rules": ("T04", "T06"),
            "why": "Reports unused.",
            "message": None,
            "steps": (),
        }
    )


def test_a_higher_priority_upgrades_the_run_and_tightens_its_clocks() -> None:
    desk = Desk(csm="Aisha Rahman")
    (launched,) = desk.trigger(usage_drop("T06", priority="P3", first_action="72h"))
    desk.advance(HOUR)

    (upgraded,) = desk.trigger(usage_drop(at_ms=T0 + HOUR))

    assert (upgraded.run_id, upgraded.sequence, upgraded.kind, upgraded.priority) == (launched.run_id, 3, "upgraded", "P2")
    assert upgraded.owner == launched.owner
    assert upgraded.clocks == Clocks(acknowledge_by=utc(T0 + 7 * HOUR), act_by=utc(T0 + 25 * HOUR), resolve_by=utc(T0 + HOUR + 96 * HOUR))
    assert upgraded.message is not None


def test_an_upgrade_never_moves_a_clock_later() -> None:
    desk = Desk()
    (launched,) = desk.trigger(usage_drop("T06", priority="P3", first_action="4h"))
    desk.advance(HOUR // 2)

    (upgraded,) = desk.trigger(usage_drop(at_ms=T0 + HOUR // 2))

    assert upgraded.clocks == launched.clocks


def test_a_p1_about_the_same_subject_takes_the_run_over_with_its_own_role() -> None:
    desk = Desk(csm="Aisha Rahman")
    (launched,) = desk.trigger(usage_drop())
    desk.update("acknowledged", launched.run_id)

    (upgraded,) = desk.trigger(usage_drop("J5", priority="P1", play="risk-alert", role="csm_pool"))

    assert launched.owner.name == "Aisha Rahman"
    assert (upgraded.kind, upgraded.run_id, upgraded.owner.role, upgraded.owner.reason) == ("upgraded", launched.run_id, "csm_pool", "pool")
    assert upgraded.clocks.acknowledge_by == utc(T0 + 6 * HOUR)  # the new owner has not acknowledged yet


def test_a_p1_about_another_subject_starts_its_own_run() -> None:
    desk = Desk()
    desk.trigger(trigger("T08", priority="P2", subject=("ticket", "t-1")))
    (own,) = desk.trigger(trigger(subject=("ticket", "t-2")))
    (other,) = desk.trigger(trigger("T30", priority="P2", play="proactive-support", role="csm", subject=("account", "acme")))

    assert story(desk.runs_only()) == [("launched", None, None), ("launched", None, None), ("joined", None, None)]
    assert other.run_id == desk.messages[0].run_id != own.run_id


def test_a_storm_of_p1_tickets_ends_in_joins() -> None:
    desk = Desk()
    for number in range(60):
        desk.trigger(trigger(subject=("ticket", f"t-{number}")))

    kinds = [message.kind for message in desk.runs_only()]
    assert kinds == ["launched"] * 40 + ["joined"] * 20


def test_a_run_of_automation_goes_to_a_person_as_soon_as_a_trigger_asks_for_one() -> None:
    desk = Desk()
    (launched,) = desk.trigger(
        trigger(
            "J2",
            priority="P3",
            play="re-engagement",
            role="automation",
            first_action="-",
            concern="onboarding",
            subject=("account", "acme"),
        )
    )
    (taken,) = desk.trigger(
        trigger(
            "T02", priority="P3", play="kickoff", role="csm_pool", first_action="24h", concern="onboarding", subject=("account", "acme")
        )
    )

    assert (launched.owner.reason, launched.clocks) == ("automation", Clocks())
    assert (taken.kind, taken.run_id, taken.owner.reason) == ("upgraded", launched.run_id, "pool")
    assert taken.clocks == Clocks(acknowledge_by=utc(T0 + 6 * HOUR), act_by=utc(T0 + 24 * HOUR), resolve_by=utc(T0 + 96 * HOUR))


def test_before_go_live_nothing_launches_and_the_decision_says_so() -> None:
    desk = Desk()
    assert desk.trigger(trigger(), historical=True) == []
    assert [(d.reason, d.trigger_id, d.detail) for d in desk.decisions] == [
        ("historical", trigger().trigger_id, "T07: before go-live: nothing launches")
    ]
    assert desk.deadlines == {}


def test_a_churned_account_gets_no_launch() -> None:
    desk = Desk(churned_ms=T0 - DAY)
    assert desk.trigger(trigger()) == []
    assert [d.reason for d in desk.decisions] == ["churned"]


def test_churn_closes_every_open_run_and_stops_the_clocks() -> None:
    desk = Desk()
    desk.trigger(trigger())
    desk.trigger(usage_drop())

    closed = desk.event("account.churned")

    assert [(m.kind, m.code, m.actor, m.clocks) for m in closed] == [("closed", "customer_churned", "playcall", Clocks())] * 2
    assert desk.advance(400 * DAY) == []
    assert (desk.deadlines, "runs" in desk.raw) == ({}, False)


def test_a_contact_who_left_is_not_whom_to_reach() -> None:
    desk = Desk()
    desk.meet("c-1", name="Ana Costa", role="champion", left_ms=T0)
    desk.meet("c-2", name="Bo Li", role="decision_maker", influence="low")
    desk.meet("c-3", name="Cy Roe", role="decision_maker", influence="high")

    (launched,) = desk.trigger(
        trigger("T16", play="remap-stakeholders", role="csm", first_action="5bd", concern="stakeholder", subject=("contact", "c-1"))
    )

    assert [contact.id for contact in launched.who_to_reach] == ["c-3", "c-2"]
    assert launched.clocks.act_by == datetime(2026, 3, 3, 17, tzinfo=UTC)  # triggered on a Wednesday before work begins


def test_until_day_takes_the_date_the_rule_fixes() -> None:
    desk = Desk()
    (launched,) = desk.trigger(
        usage_drop(
            "T20",
            concern="renewal",
            play="renewal-plan",
            role="csm+renewal_specialist",
            first_action="until day 60",
            act_by_ms=T0 + 20 * DAY,
        )
    )
    assert launched.clocks == Clocks(acknowledge_by=utc(T0 + 5 * DAY), act_by=utc(T0 + 20 * DAY), resolve_by=utc(T0 + 80 * DAY))
    assert launched.owner.detail.endswith("; with Ruth Adeyemi (renewal_specialist)")
