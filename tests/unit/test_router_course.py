"""Runs on their way through plays of the library, as subscribers read it."""

from typing import Any

import pytest

from plays.playbooks.book import Playbooks
from plays.playbooks.model import Playbook
from plays.playbooks.spans import later
from schemas.records.play_message import PlayMessage
from schemas.records.wire import utc
from streams.processing.deadline import Deadline
from streams.processing.effects import Cleared, Decide, Say
from streams.processing.judging import EpisodeRef
from streams.processing.library import Change, Library, change_between
from streams.processing.moment import Moment
from streams.processing.proof import Proof
from streams.router.cells import RUNS
from streams.router.course.pins import PINS
from streams.router.hours import working_hours
from streams.router.processor import RouterProcessor
from tests.desk import DAY, HOUR, MINUTE, PLAYBOOKS, POLICY, T0, Desk, trigger, usage_drop


def _ahead(desk: Desk, span: str, from_ms: int) -> int:
    """By the hours that count for this account's only run."""
    return later(from_ms, span, working_hours(desk.cells, POLICY, "P2", desk.cells[RUNS].open[0].owner.id))


def _drop(**more: Any) -> Any:
    return usage_drop("PB1", play="PB1", **more)


def _sent(desk: Desk) -> str:
    """PB1 up to the mail: its run."""
    desk.meet("c-1", name="Ana Costa", role="champion")
    (launched,) = desk.trigger(_drop())
    desk.advance(HOUR)
    desk.update("step_completed", launched.run_id, step="review the account")
    desk.update("step_completed", launched.run_id, step="check-in e-mail")
    return launched.run_id


def _steps(desk: Desk, kind: str) -> list[PlayMessage]:
    return [message for message in desk.messages if message.kind == kind]


def _cleared(of: Any, **more: Any) -> Cleared:
    return Cleared(of.rule, of.subject, of.episode, of.trigger_id, T0, T0 + DAY, "usage is back", **more)


def test_pb1_from_the_drop_through_three_silent_business_days_to_the_call() -> None:
    desk = Desk(csm="aisha.rahman", acv=20_000.0)
    run = _sent(desk)
    call = _ahead(desk, "3bd", desk.now_ms)
    assert desk.deadlines["quiet-engagement"] == call
    desk.advance(call - desk.now_ms)

    first, mail, phone = _steps(desk, "step_due")
    assert [(m.step, m.time, m.holder and m.holder.id) for m in (first, mail, phone)] == [
        ("review the account", utc(T0), "aisha.rahman"),
        ("check-in e-mail", utc(T0 + HOUR), "aisha.rahman"),
        ("call", utc(call), "aisha.rahman"),
    ]
    assert first.message is None
    assert mail.message is not None
    assert mail.message.startswith("Subject: Checking in\n\nHi Ana,")
    assert (mail.due, [c.id for c in mail.who_to_reach]) == (utc(T0 + 5 * HOUR), ["c-1"])
    assert [(one.name, one.due_by, one.channel) for one in phone.steps] == [("call", phone.due, "call")]
    desk.update("step_completed", run, step="call")
    assert desk.messages[-1].kind == "steps_ended"
    assert desk.cells[RUNS].open != []  # people say how it ended


def test_who_answers_is_not_called() -> None:
    desk = Desk(csm="aisha.rahman")
    _sent(desk)
    desk.advance(DAY)
    desk.event("email.replied", **{"from": "c-1", "auto_reply": True})
    assert "quiet-engagement" in desk.deadlines
    desk.event("email.replied", **{"from": "c-1"})
    assert "quiet-engagement" not in desk.deadlines
    desk.advance(20 * DAY)
    assert [m.step for m in _steps(desk, "step_due")] == ["review the account", "check-in e-mail"]
    (left_out,) = _steps(desk, "step_left_out")
    assert (left_out.step, left_out.note) == ("call", "left out: the customer has answered")


def test_an_answer_that_is_told_by_the_crm_counts_as_well() -> None:
    desk = Desk(csm="aisha.rahman")
    desk.update("replied", _sent(desk))
    desk.advance(20 * DAY)
    assert [m.step for m in _steps(desk, "step_left_out")] == ["call"]


def test_a_silence_nobody_vouches_for_is_held_and_told() -> None:
    desk = Desk(csm="aisha.rahman")
    _sent(desk)
    at_ms = desk.deadlines["quiet-engagement"]
    effects = tuple(desk.router.on_held(desk.cells, Deadline("quiet-engagement", at_ms), Moment(at_ms + HOUR)))
    (held,) = [effect.decision for effect in effects if isinstance(effect, Decide)]
    assert (held.reason, held.facts) == ("held", {"topic": "engagement", "step": "call"})
    assert desk.router.silent_topics("quiet-engagement") == ("engagement", "play-updates")
    assert desk.router.silent_topics("runs") == ("play-updates",)


def test_the_customer_who_recovers_is_left_alone() -> None:
    desk = Desk(csm="aisha.rahman")
    _sent(desk)
    said = desk.clear(_cleared(_drop()))
    assert [(m.kind, m.code, m.note, m.actor) for m in said] == [
        ("closed", "adoption_recovered", "the account has recovered", "playcall"),
    ]
    assert [(m.step, m.note) for m in _steps(desk, "step_cancelled")] == [("call", "the run is closed: adoption_recovered")]
    assert [outcome.steps.cancelled for outcome in desk.outcomes] == [1]
    assert desk.advance(30 * DAY) == []
    assert PINS.name not in desk.raw


def test_an_episode_that_only_ran_out_is_no_recovery() -> None:
    desk = Desk(csm="aisha.rahman")
    _sent(desk)
    assert desk.clear(_cleared(_drop(), expired=True)) == []
    assert desk.clear(_cleared(_drop(episode="2026-01-01T00:00:00.000Z"))) == []
    assert len(desk.cells[RUNS].open) == 1


@pytest.mark.parametrize(("still", "closed"), [(True, False), (False, True), (None, True)])
def test_a_run_recovers_when_nothing_it_rests_on_still_holds(still: bool | None, closed: bool) -> None:
    class Known:
        def holds(self, _cells: object, episode: EpisodeRef, _moment: Moment) -> bool | None:
            return still if episode.rule == "T99" else True

    desk = Desk(csm="aisha.rahman")
    desk.router = RouterProcessor(PLAYBOOKS, POLICY, Known())
    desk.trigger(_drop())
    desk.trigger(usage_drop("T99", priority="P3"))
    said = desk.clear(_cleared(_drop()))
    assert [m.kind for m in said] == (["closed"] if closed else [])


class _Judged:
    """Rules whose episodes still hold; of all others nobody can say."""

    def __init__(self, *holding: str) -> None:
        self.holding = set(holding)

    def holds(self, _cells: object, episode: EpisodeRef, _moment: Moment) -> bool | None:
        return True if episode.rule in self.holding else None


def test_what_runs_out_after_the_rest_has_cleared_keeps_no_run_open_and_the_closing_says_so() -> None:
    known = _Judged("PB1", "T05")
    desk, other = Desk(csm="aisha.rahman", judge=known), usage_drop("T05", priority="P3")
    desk.trigger(_drop())
    desk.trigger(other)
    known.holding = {"T05"}
    assert desk.clear(_cleared(_drop())) == []
    known.holding = set()
    (closed,) = desk.clear(_cleared(other, expired=True))
    assert (closed.code, closed.note) == ("adoption_recovered", "the account has recovered; nobody saw the end of T05, which ran out")


def test_what_recovered_before_another_trigger_joined_has_not_recovered() -> None:
    known = _Judged("T06", "T05")
    desk = Desk(csm="aisha.rahman", judge=known)
    about: dict[str, Any] = {"play": "check-in"}  # it does not end by a recovery
    first, other = usage_drop("T06", **about), usage_drop("T05", priority="P3")
    desk.trigger(first)
    known.holding = {"T05"}
    desk.clear(_cleared(first))
    course = desk.cells[RUNS].open[0].course
    assert course is not None
    assert course.facts.recovered_ms == T0 + DAY
    desk.trigger(other)
    course = desk.cells[RUNS].open[0].course
    assert course is not None
    assert course.facts.recovered_ms < 0
    desk.trigger(usage_drop("T01", priority="P4"))
    desk.clear(_cleared(other))
    course = desk.cells[RUNS].open[0].course
    assert course is not None
    assert course.facts.recovered_ms == T0 + DAY  # of T01 nobody can say


def test_a_rule_that_is_retired_keeps_no_run_open() -> None:
    known = _Judged("T05")
    desk, other = Desk(csm="aisha.rahman", judge=known), usage_drop("T05", priority="P3")
    desk.trigger(_drop())
    desk.trigger(other)
    assert desk.clear(_cleared(_drop())) == []
    known.holding = set()
    nothing: frozenset[str] = frozenset()
    assert desk.replan(Change(nothing, nothing, frozenset({"T99"}), nothing)) == []
    (closed,) = desk.replan(Change(nothing, nothing, frozenset({"T05"}), nothing))
    assert (closed.kind, closed.note) == ("closed", "the account has recovered")


def test_swat_goes_on_until_the_ticket_is_solved() -> None:
    desk = Desk(csm="aisha.rahman")
    (launched,) = desk.trigger(trigger())
    desk.advance(4 * HOUR)
    spoken = [(m.time_of, m.time) for m in _steps(desk, "step_due") if m.step == "communication cadence"]
    assert spoken == [(1, utc(T0)), (2, utc(T0 + 2 * HOUR)), (3, utc(T0 + 4 * HOUR))]
    desk.event("ticket.resolved", ticket_id="another")
    assert _steps(desk, "step_ended") == []
    desk.update("step_completed", launched.run_id, step="SWAT response")
    desk.event("ticket.resolved", ticket_id="t-9")
    assert [(m.step, m.note) for m in _steps(desk, "step_ended")] == [("communication cadence", "it is resolved")]
    assert [m.step for m in _steps(desk, "step_left_out")] == ["daily word until it is solved"]
    (postmortem,) = [m for m in _steps(desk, "step_due") if m.step == "postmortem"]
    assert postmortem.holder is not None
    assert (postmortem.holder.id, postmortem.holder.role) == ("aisha.rahman", "csm")


def test_pb3_follows_up_when_what_was_opened_for_it_is_solved() -> None:
    about: dict[str, Any] = {"play": "PB3", "concern": "experience", "subject": ("contact", "c-1")}
    for solved in (True, False):
        desk = Desk(csm="aisha.rahman")
        desk.meet("c-1", name="Ana Costa", role="user")
        (launched,) = desk.trigger(usage_drop("PB3", **about))
        for step in ("reach out", "product issues to the right team"):
            desk.update("step_completed", launched.run_id, step=step)
        limit = _ahead(desk, "20bd", desk.now_ms)
        desk.event("ticket.created", ticket_id="p-1", run_id=launched.run_id)
        desk.advance(DAY)
        if solved:
            desk.event("ticket.resolved", ticket_id="p-1")
        desk.advance(limit - desk.now_ms)
        third = _steps(desk, "step_due")[2]
        assert (third.step, third.time) == (
            ("follow-up after resolution", utc(T0 + DAY)) if solved else ("say where it stands", utc(limit))
        )


def test_steps_for_others_are_not_walked() -> None:
    play, left_out = next(
        (play, [step.name for step in PLAYBOOKS[play].playbook.steps if step.only_for is not None])
        for play in PLAYBOOKS
        if any(step.only_for is not None for step in PLAYBOOKS[play].playbook.steps)
    )
    desk = Desk(acv=100.0, touch_model="tech")
    desk.trigger(usage_drop("O9", play=play, concern="expansion"))
    for _ in range(30):
        for run in desk.cells[RUNS].open:
            for message in _steps(desk, "step_due"):
                desk.update("step_completed", run.id, step=message.step)
        desk.advance(20 * DAY)
    assert _steps(desk, "steps_ended") != []
    assert not {m.step for m in _steps(desk, "step_due")} & {*left_out}


def test_who_does_not_want_that_is_not_written_to_again() -> None:
    desk = Desk(csm="aisha.rahman")
    desk.meet("c-1", name="Ana Costa", role="user")
    desk.trigger(usage_drop("PB3", play="PB3", concern="experience", subject=("contact", "c-1")))
    desk.event("contact.updated", contact_id="c-2", opted_out=True)
    assert len(desk.cells[RUNS].open) == 1
    desk.event("contact.updated", contact_id="c-1", opted_out=True)
    assert (desk.messages[-1].kind, desk.messages[-1].code) == ("closed", "no_response")


def test_a_message_goes_to_who_is_willing_or_to_nobody() -> None:
    desk = Desk(csm="aisha.rahman")
    desk.meet("c-1", name="Ana Costa", role="champion", opted_out=True)
    desk.meet("c-2", name="Bo Li", role="team_lead")
    (launched,) = desk.trigger(_drop())
    assert [contact.id for contact in launched.who_to_reach] == ["c-2"]
    desk.meet("c-2", name="Bo Li", role="team_lead", opted_out=True)
    desk.update("step_completed", launched.run_id, step="review the account")
    (left_out,) = _steps(desk, "step_left_out")
    assert (left_out.step, left_out.note) == ("check-in e-mail", "whoever it is for does not want to be written to")


def test_a_silence_that_was_waited_for_too_long_is_marked() -> None:
    for unproven in (False, True):
        desk = Desk(csm="aisha.rahman")
        _sent(desk)
        at_ms = desk.deadlines["quiet-engagement"]
        proof = Proof(unproven, None, ("engagement", "play-updates"), lambda _topics: {})
        effects = tuple(desk.router.on_deadline(desk.cells, Deadline("quiet-engagement", at_ms), Moment(at_ms + DAY, proof=proof)))
        (call,) = [effect.message for effect in effects if isinstance(effect, Say)]
        assert (call.kind, call.step, call.unproven) == ("step_due", "call", unproven)


def _with(desk: Desk, **changes: Any) -> None:
    """PB1 becomes another file; it must be a valid one."""
    changed = Playbook.model_validate_json(PLAYBOOKS["PB1"].playbook.model_copy(update=changes).model_dump_json(exclude_unset=False))
    others = (stated for stated in PLAYBOOKS.stated() if stated.id != "PB1")
    desk.router = RouterProcessor(Playbooks((*others, changed), PLAYBOOKS.links), POLICY)


def test_an_open_run_keeps_the_version_it_set_out_with() -> None:
    desk = Desk(csm="aisha.rahman")
    desk.meet("c-1", name="Ana Costa", role="champion")
    (launched,) = desk.trigger(_drop())
    steps = PLAYBOOKS["PB1"].playbook.steps
    other = steps[1].model_copy(update={"name": "another word", "message": "Subject: Something else\n\nWords of another version."})
    _with(desk, version=9, steps=(steps[0], other))

    desk.update("step_completed", launched.run_id, step="review the account")
    mail = desk.messages[-1]
    assert (mail.step, mail.play_version, (mail.message or "")[:20]) == ("check-in e-mail", 2, "Subject: Checking in")
    desk.update("closed", launched.run_id, code="resolved")
    (again,) = desk.trigger(_drop(episode="2026-03-01T00:00:00.000Z"))
    assert (again.play_version, [step.name for step in again.steps]) == (9, ["review the account", "another word"])


def test_a_play_that_is_gone_leaves_no_orphan() -> None:
    desk = Desk(csm="aisha.rahman")
    run = _sent(desk)
    desk.router = RouterProcessor(Playbooks((p for p in PLAYBOOKS.stated() if p.id != "PB1"), PLAYBOOKS.links), POLICY)
    desk.advance(20 * DAY)
    assert [m.step for m in _steps(desk, "step_due")][-1] == "call"
    assert [m.code for m in desk.update("closed", run, code="resolved")] == ["resolved"]


def test_a_paused_play_rests_and_launches_nothing() -> None:
    desk = Desk(csm="aisha.rahman")
    run = _sent(desk)
    _with(desk, status="paused")
    desk.update("acknowledged", run)  # whatever happens, the router looks anew
    assert "quiet-engagement" not in desk.deadlines
    desk.advance(6 * DAY)
    assert [m.step for m in _steps(desk, "step_due")][-1] == "check-in e-mail"
    assert desk.trigger(_drop(concern="expansion", episode="2026-03-01T00:00:00.000Z")) == []
    assert [(d.reason, d.detail) for d in desk.decisions] == [("play_paused", "PB1: its play PB1 is paused: nothing is launched by it")]

    _with(desk, version=9)
    desk.replan(Change(frozenset(), frozenset(), frozenset(), frozenset(), plays=True))
    assert desk.deadlines["quiet-engagement"] <= desk.now_ms  # its moment came while it rested
    desk.advance(1)
    assert [(m.step, m.play_version) for m in _steps(desk, "step_due")][-1] == ("call", 2)


def test_plays_that_rest_are_part_of_what_accounts_are_planned_by() -> None:
    before, after = Library("1:a"), Library("1:b", resting=("PB1",))
    assert (change_between(before, after).plays, change_between(before, after).empty) == (True, False)
    assert change_between(after, Library("1:c", resting=("PB1",))).empty


def test_a_copy_that_cannot_be_read_leaves_the_run_to_its_people() -> None:
    desk = Desk(csm="aisha.rahman")
    run = _sent(desk)
    _with(desk, version=9)
    desk.cells.edit(PINS).copies = dict.fromkeys(desk.cells[PINS].copies, b"damaged")
    desk.flush()
    desk.advance(20 * DAY)
    assert [m.step for m in _steps(desk, "step_due")][-1] == "check-in e-mail"
    assert [m.kind for m in desk.update("closed", run, code="resolved")] == ["closed"]


def test_a_more_urgent_trigger_takes_the_run_over_to_its_own_play() -> None:
    desk = Desk(csm="aisha.rahman")
    (launched,) = desk.trigger(usage_drop("T06", priority="P3", play="feature-enablement", role="csm"))
    (upgraded,) = desk.trigger(_drop())
    assert (upgraded.run_id, upgraded.kind, upgraded.play) == (launched.run_id, "upgraded", "PB1")
    cancelled = {m.step for m in _steps(desk, "step_cancelled")}
    assert cancelled == {step.name for step in launched.steps}
    assert desk.messages[-1].step == "review the account"
    assert list(desk.cells[PINS].copies) == [PLAYBOOKS["PB1"].digest]


def test_the_same_play_goes_on_where_it_is_with_the_earlier_clock() -> None:
    desk = Desk(csm="aisha.rahman")
    desk.trigger(_drop(priority="P3", first_action="72h"))
    desk.trigger(_drop(episode="2026-03-01T00:00:00.000Z", first_action="24h"))
    assert [m.step for m in _steps(desk, "step_due")] == ["review the account"]
    course = desk.cells[RUNS].open[0].course
    assert course is not None
    assert course.steps[0].due_ms == T0 + DAY


def test_a_pause_gives_time_and_what_is_too_old_afterwards_is_not_begun() -> None:
    desk = Desk(csm="aisha.rahman")
    run = _sent(desk)
    desk.update("paused", run)
    desk.advance(20 * DAY)
    desk.update("resumed", run)
    desk.advance(1)
    assert [(m.step, m.time) for m in _steps(desk, "step_lapsed")] == [("call", utc(desk.now_ms - 1))]
    assert [(d.reason, d.run_id) for d in desk.decisions] == [("too_old", run)]


def test_automation_closes_with_what_came_of_it() -> None:
    for answered, code in ((True, "resolved"), (False, "no_response")):
        desk = Desk()
        play = next(p for p in PLAYBOOKS if {s.owner_role for s in PLAYBOOKS[p].playbook.steps} == {"automation"})
        (launched,) = desk.trigger(usage_drop("J9", play=play, role="automation", first_action="-", priority="P3"))
        done: set[str | None] = set()
        for _ in range(12):
            for step in [m.step for m in _steps(desk, "step_due") if m.step not in done]:
                desk.update("step_completed", launched.run_id, step=step)
                done.add(step)
            if answered:
                desk.event("email.replied", **{"from": "c-1"})
            desk.advance(9 * DAY)
        assert (desk.messages[-1].kind, desk.messages[-1].code) == ("closed", code), play


def test_accounts_without_an_open_run_pay_a_look() -> None:
    desk = Desk()
    before = dict(desk.raw)
    assert desk.event("email.replied", **{"from": "c-1"}) == []
    assert desk.raw == before
    (launched,) = desk.trigger(trigger())
    desk.update("closed", launched.run_id, code="resolved")
    desk.event("ticket.resolved", ticket_id="t-9")
    assert desk.deadlines == {"runs": T0 + 30 * DAY}


def _asked(desk: Desk) -> tuple[str, Any]:
    """A solved ticket whose postmortem is the csm's: its run, and the question who that is."""
    desk.trigger(trigger())
    desk.answer(desk.asked[-1], "marcus.bell")
    run = desk.cells[RUNS].open[0].id
    desk.update("step_completed", run, step="SWAT response")
    desk.event("ticket.resolved", ticket_id="t-9")
    assert not [m for m in _steps(desk, "step_due") if m.step == "postmortem"]
    (ask,) = [event for event in desk.asked if event["step"] == "step:postmortem"]
    return run, ask


def test_a_step_of_another_role_begins_when_the_roster_has_named_somebody() -> None:
    desk = Desk(roster=True, csm="aisha.rahman")
    run, ask = _asked(desk)
    desk.advance(10)
    desk.answer(ask, "victor.hale")
    (postmortem,) = [m for m in _steps(desk, "step_due") if m.step == "postmortem"]
    assert postmortem.holder is not None
    assert (postmortem.holder.id, postmortem.time) == ("victor.hale", utc(desk.now_ms))
    desk.update("step_completed", run, step="postmortem")
    released = [event for event in desk.asked if event["type"] == "assignment.released"]
    assert [(event["step"], event["person"]) for event in released] == [("step:postmortem", "victor.hale")]


def test_an_answer_for_a_step_that_is_not_wanted_any_more_is_taken_back() -> None:
    desk = Desk(roster=True, csm="aisha.rahman")
    run, ask = _asked(desk)
    desk.update("closed", run, code="resolved")
    desk.answer(ask, "victor.hale")
    assert (desk.asked[-1]["type"], desk.asked[-1]["step"], desk.asked[-1]["person"]) == (
        "assignment.released", "step:postmortem", "victor.hale",
    )  # fmt: skip
    assert not [m for m in _steps(desk, "step_due") if m.step == "postmortem"]


def test_without_an_answer_in_time_the_files_name_somebody_for_the_step() -> None:
    desk = Desk(roster=True, csm="aisha.rahman")
    _asked(desk)
    desk.advance(5 * MINUTE)
    (postmortem,) = [m for m in _steps(desk, "step_due") if m.step == "postmortem"]
    assert postmortem.holder is not None
    assert postmortem.holder.id == "aisha.rahman"


def test_a_play_that_went_while_its_owner_was_asked_for_is_left_to_its_people() -> None:
    desk = Desk(roster=True, csm="aisha.rahman")
    desk.trigger(_drop())
    others = Playbooks((p for p in PLAYBOOKS.stated() if p.id != "PB1"), PLAYBOOKS.links)
    desk.router = RouterProcessor(others, desk.router.policy)
    (launched,) = desk.answer(desk.asked[-1], "aisha.rahman")
    assert (launched.kind, launched.play, launched.steps) == ("launched", "PB1", ())
    assert [m.kind for m in desk.update("closed", launched.run_id, code="resolved")] == ["closed"]


def test_a_trigger_that_waited_for_longer_than_its_play_is_declined() -> None:
    desk = Desk(csm="aisha.rahman")
    (launched,) = desk.trigger(usage_drop("T06", priority="P3", play="feature-enablement", role="csm"))
    desk.router = RouterProcessor(Playbooks((p for p in PLAYBOOKS.stated() if p.id != "PB1"), PLAYBOOKS.links), POLICY)
    assert desk.trigger(_drop(concern="commercial")) == []
    assert desk.decisions[-1].detail == "PB1: its play PB1 is gone: nothing is launched by it"
    (upgraded,) = desk.trigger(_drop())
    assert (upgraded.kind, upgraded.play, upgraded.run_id) == ("upgraded", "feature-enablement", launched.run_id)


def test_steps_due_by_the_act_clock_are_due_when_it_is_after_a_pause() -> None:
    desk = Desk(csm="aisha.rahman")
    (launched,) = desk.trigger(_drop(first_action="4bh"))  # from 09:00 to 13:00
    first = desk.messages[-1]
    desk.advance(6 * HOUR)
    desk.update("paused", launched.run_id, reason="waiting_on_customer")
    desk.advance(10 * HOUR)
    (resumed,) = desk.update("resumed", launched.run_id)

    course = desk.cells[RUNS].open[0].course
    assert course is not None
    assert (first.kind, first.due) == ("step_due", launched.clocks.act_by)
    assert resumed.clocks.act_by == utc(T0 + DAY + 3 * HOUR + 33 * MINUTE + 20_000) != launched.clocks.act_by
    assert (utc(course.steps[0].due_ms or 0), utc(course.act_by_ms or 0)) == (resumed.clocks.act_by, resumed.clocks.act_by)
