"""Launches that wait, one story at a time, as a subscriber reads them."""

from dataclasses import replace

from plays.suppression.policy import Inhibition, Kinds, Maintenance, Silence, SuppressionPolicy
from plays.suppression.suppression import Suppression
from plays.suppression.verdict import Hold
from schemas.records.decision import Reason
from schemas.records.trigger import Trigger
from schemas.records.wire import rfc3339, utc
from streams.processing.effects import Cleared
from streams.processing.moment import Moment
from streams.router.holding import HELD
from streams.router.suppression import TOUCHES, against_message, note_message, say_step_held
from tests.desk import DAY, HOUR, MINUTE, T0, Desk, trigger

TROUBLE = Inhibition(
    name="trouble first",
    reason="nobody is sold anything while a P1 is open",
    while_open=Kinds(concerns=("support",), priorities=("P1",)),
    mute=(Kinds(concerns=("expansion",)), Kinds(priorities=("P4",))),
)
INHIBITED = Suppression(SuppressionPolicy(inhibitions=(TROUBLE,)), {"T22": None, "T52": 60})


def sale(rule: str = "T22", priority: str = "P3", **changes: object) -> Trigger:
    base: dict[str, object] = {
        "priority": priority, "play": "value-workshop", "role": "csm", "first_action": "24h", "concern": "expansion",
        "subject": ("account", "acme"), "summary": "Usage is at 96 % of the seats.",
    }  # fmt: skip
    return trigger(rule, **(base | changes))  # type: ignore[arg-type]


def test_an_expansion_waits_for_a_p1_and_is_launched_when_that_is_closed() -> None:
    desk = Desk(hush=INHIBITED)
    (ticket,) = desk.trigger(trigger())
    fired = sale()

    assert desk.trigger(fired) == []

    (held,) = desk.decisions
    assert (held.reason, held.trigger_id, held.rule) == (Reason.INHIBITED, fired.trigger_id, "T22")
    assert held.detail == (
        f"T22: its launch waits: trouble first (while P1 run {ticket.run_id} on support is open: "
        "nobody is sold anything while a P1 is open)"
    )
    assert held.facts == {
        "by": "trouble first", "kind": "inhibited", "kinds": "inhibited", "until": None, "held_since": rfc3339(utc(T0)), "expires": None,
    }  # fmt: skip

    desk.advance(3 * HOUR)
    closed, launched = desk.update("closed", ticket.run_id, code="resolved")

    assert (closed.kind, launched.kind, launched.rules) == ("closed", "launched", ("T22",))
    assert launched.triggers == (fired.trigger_id,)
    assert launched.note is not None
    assert launched.note.startswith(f"held 3.0 hours by trouble first (while P1 run {ticket.run_id} on support is open")
    assert launched.clocks.act_by == utc(T0 + 27 * HOUR)  # from when anybody could act
    assert [decision.reason for decision in desk.decisions] == [Reason.INHIBITED, Reason.RELEASED]
    assert desk.decisions[1].facts == {"held_since": rfc3339(utc(T0)), "by": "trouble first", "kind": "inhibited"}
    assert desk.cells[HELD].held == []


def test_what_has_cleared_meanwhile_is_not_launched() -> None:
    desk = Desk(hush=INHIBITED)
    (ticket,) = desk.trigger(trigger())
    fired = sale()
    desk.trigger(fired)
    desk.advance(HOUR)

    over = Cleared("T22", fired.subject, fired.episode, fired.trigger_id, T0, desk.now_ms, "usage fell below 80 % of the seats")
    assert desk.clear(over) == []
    assert [m.kind for m in desk.update("closed", ticket.run_id, code="resolved")] == ["closed"]

    assert [decision.reason for decision in desk.decisions] == [Reason.INHIBITED, Reason.CLEARED]
    assert desk.decisions[1].detail.startswith("T22: usage fell below 80 % of the seats; it was held 1.0 hours by trouble first")


def test_what_waits_longer_than_its_rule_allows_expires() -> None:
    desk = Desk(hush=INHIBITED)
    desk.trigger(trigger(first_action="-"))
    desk.trigger(sale("T52"))
    assert desk.decisions[0].facts["expires"] == rfc3339(utc(T0 + 60 * DAY))

    desk.advance(60 * DAY - 1)
    assert len(desk.decisions) == 1
    desk.advance(1)

    assert [decision.reason for decision in desk.decisions] == [Reason.INHIBITED, Reason.EXPIRED]
    assert desk.decisions[1].time == utc(T0 + 60 * DAY)
    assert [m.rules for m in desk.messages if m.kind == "launched"] == [("T07",)]


def test_what_waits_for_the_same_concern_goes_as_one_conversation_the_more_urgent_first() -> None:
    desk = Desk(hush=INHIBITED)
    (ticket,) = desk.trigger(trigger())
    first, second = sale(), sale("T52", priority="P2", play="expansion-talk")
    desk.trigger(first)
    desk.trigger(second)

    _, launched, joined = desk.update("closed", ticket.run_id, code="resolved")

    assert (launched.kind, launched.rules, launched.play) == ("launched", ("T52",), "expansion-talk")
    assert (joined.kind, joined.triggers) == ("joined", (second.trigger_id, first.trigger_id))
    assert joined.note is not None


def test_a_trigger_that_an_open_run_takes_in_does_not_wait() -> None:
    desk = Desk(hush=INHIBITED)
    (sold,) = desk.trigger(sale())
    desk.trigger(trigger())

    (joined,) = desk.trigger(sale("T52"))

    assert (joined.kind, joined.run_id) == ("joined", sold.run_id)
    assert desk.decisions == []


def silence(**changes: object) -> Silence:
    fields: dict[str, object] = {
        "name": "migration", "author": "maya", "reason": "they move", "expires": utc(T0 + 2 * DAY), "accounts": ("acme",),
    }  # fmt: skip
    return Silence.model_validate(fields | changes)


def hush(*silences: Silence, maintenance: tuple[Maintenance, ...] = ()) -> Suppression:
    return Suppression(SuppressionPolicy(silences=silences, maintenance=maintenance), {"T07": None})


def test_a_silence_stops_a_p1_until_it_expires_to_the_millisecond() -> None:
    desk = Desk(hush=hush(silence()))
    assert desk.trigger(trigger()) == []
    assert desk.decisions[0].reason is Reason.SILENCED
    assert desk.decisions[0].detail.startswith(f"T07: its launch waits until {rfc3339(utc(T0 + 2 * DAY))}: migration (silenced by maya")

    assert desk.advance(2 * DAY - 1) == []
    (launched,) = desk.advance(1)
    assert (launched.kind, launched.time) == ("launched", utc(T0 + 2 * DAY))


def test_a_silence_that_is_lifted_lets_go_at_once() -> None:
    desk = Desk(hush=hush(silence()))
    desk.trigger(trigger())
    desk.advance(5 * MINUTE)

    (launched,) = desk.pass_over(hush())

    assert launched.time == utc(T0 + 5 * MINUTE)
    assert desk.advance(3 * DAY)[0].kind == "sla_warning"  # and nothing wakes it at the end of the silence


def test_a_rule_that_does_not_run_any_more_launches_nothing_that_waited() -> None:
    desk = Desk(hush=hush(silence()))
    desk.trigger(trigger())

    assert desk.pass_over(hush(), retired=["T07"]) == []

    assert [decision.reason for decision in desk.decisions] == [Reason.SILENCED, Reason.EXPIRED]


def test_a_silence_may_say_that_nothing_is_kept() -> None:
    desk = Desk(hush=hush(silence(drop=True)))
    fired = trigger()

    assert desk.trigger(fired) == []
    assert desk.advance(3 * DAY) == []
    assert desk.trigger(fired) == []  # raised again it is no other

    (dropped,) = desk.decisions
    assert (dropped.reason, dropped.facts["dropped"]) == (Reason.SILENCED, True)


def test_all_that_stands_against_a_launch_is_named_and_the_longest_counts() -> None:
    upgrade = Maintenance(name="CRM upgrade", reason="the CRM is read-only", starts=utc(T0), ends=utc(T0 + HOUR))
    desk = Desk(hush=hush(silence(), maintenance=(upgrade,)))

    desk.trigger(trigger())

    (held,) = desk.decisions
    assert (held.reason, held.facts["kinds"], held.facts["until"]) == (
        Reason.SILENCED, "maintenance, silenced", rfc3339(utc(T0 + 2 * DAY)),
    )  # fmt: skip
    assert "migration (" in held.detail
    assert "; also CRM upgrade (" in held.detail


def test_churn_ends_every_hold_with_a_decision() -> None:
    desk = Desk(hush=hush(silence()))
    desk.trigger(trigger())
    desk.trigger(sale())

    desk.describe(churned_ms=T0)
    desk.event("account.churned")

    assert [decision.reason for decision in desk.decisions[2:]] == [Reason.CHURNED, Reason.CHURNED]
    assert desk.advance(5 * DAY) == []


def test_no_more_than_forty_wait_and_who_has_to_go_is_said() -> None:
    desk = Desk(hush=hush(silence()))
    for n in range(41):
        desk.trigger(sale(f"T{n}", priority="P3" if n else "P4"))

    assert len(desk.cells[HELD].held) == 40
    (gone,) = [decision for decision in desk.decisions if decision.reason is Reason.EXPIRED]
    assert gone.rule == "T0"


def test_what_waits_is_kept_small_whatever_others_write() -> None:
    desk = Desk(hush=hush(silence()))
    fired = sale(summary="x" * 50_000, facts={f"fact {n}": "y" * 1000 for n in range(100)})
    desk.trigger(fired)

    assert len(desk.cells[HELD].held[0].kept) < 12_000
    desk.pass_over(hush())
    assert desk.messages[-1].triggers == (fired.trigger_id,)


BUDGET = {"window": "7d", "per_contact": 1, "per_account": 2}


def test_a_message_beyond_the_contact_budget_waits_until_there_is_room() -> None:
    desk = Desk(hush=Suppression(SuppressionPolicy.model_validate({"contact_budget": BUDGET})))
    desk.trigger(sale())
    scene = desk.router._scene(desk.cells, Moment(desk.now_ms))
    (run,) = scene.runs.open

    assert against_message(scene, run, "ana") is None
    note_message(scene, "ana")
    scene.now_ms += HOUR
    hold = against_message(scene, run, "ana")
    assert isinstance(hold, Hold)
    assert hold.until_ms == T0 + 7 * DAY
    assert against_message(scene, run, "bo") is None
    note_message(scene, "bo")
    assert isinstance(against_message(scene, run, "cem"), Hold)  # the account has had its two
    run.priority = "P1"
    assert against_message(scene, run, "ana") is None
    assert scene.cells[TOUCHES].account == [T0, T0 + HOUR]

    say_step_held(scene, run, "invite", hold)
    decision = scene.effects[-1].decision  # type: ignore[union-attr]
    assert (decision.reason, decision.run_id, decision.facts["step"]) == (Reason.STEP_HELD, run.id, "invite")
    assert decision.detail.startswith(f"'invite' of value-workshop: its message waits until {rfc3339(utc(T0 + 7 * DAY))}: contact budget (")


def test_messages_wait_for_the_morning_at_the_customer() -> None:
    quiet = SuppressionPolicy.model_validate({"quiet_hours": {"starts": "20:00", "ends": "08:00"}})
    desk = Desk(hush=Suppression(quiet), timezone="America/New_York")  # 01:13 there
    desk.trigger(sale())
    scene = desk.router._scene(desk.cells, Moment(desk.now_ms))

    hold = against_message(scene, scene.runs.open[0], None)

    assert isinstance(hold, Hold)
    assert rfc3339(utc(hold.until_ms or 0)) == "2026-02-25T13:00:00.000Z"
    scene.policy = replace(scene.policy, suppression=Suppression())
    assert against_message(scene, scene.runs.open[0], None) is None


def tip(**changes: object) -> Trigger:
    base: dict[str, object] = {
        "priority": "P4", "play": "adoption-tip", "role": "automation", "first_action": "-", "concern": "adoption",
        "subject": ("feature", "boards"), "summary": "Boards are not used.",
    }  # fmt: skip
    return trigger("T26", **(base | changes))  # type: ignore[arg-type]


def due(desk: Desk) -> list[tuple[str | None, str]]:
    return [(m.step, rfc3339(m.time)) for m in desk.messages if m.kind == "step_due"]


NIGHT = SuppressionPolicy.model_validate({"quiet_hours": {"starts": "20:00", "ends": "08:00"}})


def test_a_step_that_writes_is_told_in_the_morning_and_only_once() -> None:
    desk = Desk(hush=Suppression(NIGHT), timezone="America/New_York")
    desk.trigger(tip())

    assert due(desk) == []
    (held,) = desk.decisions
    assert (held.reason, held.facts["kind"], held.facts["until"]) == (Reason.STEP_HELD, "quiet_hours", "2026-02-25T13:00:00.000Z")

    desk.advance(DAY)

    step = held.facts["step"]
    assert [one for one in due(desk) if one[0] == step] == [(step, "2026-02-25T13:00:00.000Z")]
    assert len(desk.decisions) == 1


def test_another_policy_lets_a_message_go_at_once() -> None:
    desk = Desk(hush=Suppression(NIGHT), timezone="America/New_York")
    desk.trigger(tip())
    desk.advance(MINUTE)

    desk.pass_over(INHIBITED)

    assert due(desk) == [(desk.decisions[0].facts["step"], rfc3339(utc(T0 + MINUTE)))]


def test_a_message_waits_while_a_p1_is_open_and_goes_at_once_when_it_is_closed() -> None:
    desk = Desk(hush=Suppression(NIGHT), timezone="America/New_York")
    desk.trigger(tip())
    ticket = next(m for m in desk.trigger(trigger()) if m.kind == "launched")
    both = SuppressionPolicy(inhibitions=(TROUBLE,), quiet_hours=NIGHT.quiet_hours)
    desk.pass_over(Suppression(both))
    kinds = [decision.facts["kind"] for decision in desk.decisions]
    assert kinds == ["quiet_hours", "inhibited"]  # what governs is another thing: said again

    desk.advance(10 * HOUR)
    assert [one for one in due(desk) if one[0] == desk.decisions[0].facts["step"]] == []
    desk.update("closed", ticket.run_id, code="resolved")

    step = desk.decisions[0].facts["step"]
    assert [one for one in due(desk) if one[0] == step] == [(step, rfc3339(utc(T0 + 10 * HOUR)))]


def test_a_message_that_was_silenced_goes_when_the_silence_ends_however_old() -> None:
    """Who does not want it any more then says `drop`. The run is not idle meanwhile: it waits."""
    desk = Desk(hush=Suppression(NIGHT), timezone="America/New_York")
    desk.trigger(tip())
    ends_ms = T0 + 60 * DAY + 8 * HOUR  # by day at the customer
    desk.pass_over(hush(silence(expires=utc(ends_ms))))

    desk.advance(70 * DAY)

    step = desk.decisions[0].facts["step"]
    assert [decision.reason for decision in desk.decisions][:2] == [Reason.STEP_HELD, Reason.STEP_HELD]
    assert [one for one in due(desk) if one[0] == step] == [(step, rfc3339(utc(ends_ms)))]


def test_a_message_that_waits_beyond_its_age_for_nobody_knows_how_long_is_not_sent() -> None:
    desk = Desk(hush=Suppression(NIGHT), timezone="America/New_York")
    desk.trigger(tip())
    desk.trigger(trigger())
    desk.pass_over(Suppression(SuppressionPolicy(inhibitions=(TROUBLE,))))

    desk.advance(59 * DAY)

    step = desk.decisions[0].facts["step"]
    assert Reason.TOO_OLD in [decision.reason for decision in desk.decisions]
    assert [one for one in due(desk) if one[0] == step] == []
