"""Plays of the library, walked step by step."""

from collections.abc import Iterator
from itertools import product

import pytest

from plays.playbooks.conditions import OPPOSITE
from plays.runs.course.facts import Facts, holds, open_item, resolved, write
from plays.runs.course.gate import Drop, Go, Hold
from plays.runs.course.happenings import CadenceEnded, Finished, StepCancelled, StepDue, StepLapsed, StepLeftOut, StepOverdue
from plays.runs.course.pin import PinError, pin, plan_for, unpin
from plays.runs.course.plan import Plan
from plays.runs.course.reports import cancel, follow_act
from plays.runs.course.state import Stage
from schemas.records.play_message import StepCondition
from tests.desk import DAY, HOUR, MINUTE, PLAYBOOKS, T0
from tests.walker import MAIL, THICKET, Walker, later, made_up


def _plan(play: str) -> Plan:
    return plan_for(PLAYBOOKS[play], ())


def test_pb1_calls_after_three_silent_business_days() -> None:
    run = Walker(_plan("PB1"))
    assert run.due() == [("review the account", T0)]
    run.go(2 * HOUR)
    run.report("review the account")
    assert run.due()[-1] == ("check-in e-mail", T0 + 2 * HOUR)
    run.go(HOUR)
    run.report("check-in e-mail")
    call = later(T0 + 3 * HOUR, "3bd")
    run.go(call - run.now_ms - 1)
    assert run.stage("call") is Stage.WAITING
    run.go(1)
    assert run.due()[-1] == ("call", call)
    run.report("call")
    assert run.log[-1] == (call, Finished())


def test_pb1_does_not_call_who_has_answered() -> None:
    run = Walker(_plan("PB1"))
    run.report("review the account")
    run.report("check-in e-mail")
    run.course.facts.replied_ms = T0 + 2 * DAY
    run.go(20 * DAY)
    assert (run.stage("call"), run.course.steps[2].ended_ms) == (Stage.SKIPPED, later(T0, "3bd"))
    assert [one for _, one in run.log][-2:] == [StepLeftOut(2, "condition", "no_reply"), Finished()]


def test_silence_is_not_believed_while_nobody_could_have_reported_an_answer() -> None:
    run = Walker(_plan("PB1"))
    run.report("review the account")
    run.report("check-in e-mail")
    run.feeds_alive = False
    run.go(6 * DAY)
    assert run.stage("call") is Stage.WAITING
    run.feeds_alive = True
    run.look()
    assert run.due()[-1] == ("call", run.now_ms)


def test_the_customer_who_recovers_is_left_alone() -> None:
    run = Walker(_plan("PB1"))
    run.report("review the account")
    assert cancel(run.course, run.now_ms) == [StepCancelled(1), StepCancelled(2)]
    run.go(30 * DAY)
    assert len(run.due()) == 2
    assert run.report("check-in e-mail") == "already"


def test_swat_speaks_every_two_hours_then_daily_until_it_is_solved() -> None:
    run = Walker(_plan("swat"))
    assert run.due() == [("SWAT response", T0), ("communication cadence", T0)]
    run.report("SWAT response")
    run.go(DAY)
    every = [at for name, at in run.due() if name == "communication cadence"]
    assert every == [T0 + hours * HOUR for hours in range(0, 24, 2)]
    assert (T0 + DAY, CadenceEnded(1, None)) in run.log
    assert run.due()[-1] == ("daily word until it is solved", T0 + DAY)
    run.go(3 * DAY)
    assert run.due()[-1] == ("daily word until it is solved", T0 + 4 * DAY)
    run.course.facts.subject_ended_ms = run.now_ms
    run.look()
    assert run.stage("daily word until it is solved") is Stage.DONE
    assert run.due()[-1] == ("postmortem", T0 + 4 * DAY)
    run.go(30 * DAY)
    assert run.stage("prevention item") is Stage.WAITING


def test_a_time_of_a_cadence_is_reported_and_the_next_one_comes_all_the_same() -> None:
    run = Walker(_plan("swat"))
    assert run.report("communication cadence") == "noted"
    assert run.report("communication cadence") == "already"
    run.go(2 * HOUR)
    assert run.report("communication cadence") == "noted"
    run.go(2 * HOUR + HOUR)
    assert run.log[-1] == (T0 + 5 * HOUR, StepOverdue(1, T0 + 5 * HOUR))  # the third one, due within the hour
    run.report("communication cadence", skipped=True)
    run.go(DAY)
    assert [name for name, _ in run.due()].count("communication cadence") == 3


def test_times_of_a_cadence_that_an_outage_swallowed_are_not_made_up_for() -> None:
    run = Walker(_plan("swat"))
    run.outage(7 * HOUR + 30 * MINUTE)
    assert (run.now_ms, StepLapsed(1, T0 + 6 * HOUR, ended=False)) in run.log  # older than its hour
    run.go(30 * MINUTE)
    assert run.due()[-1] == ("communication cadence", T0 + 8 * HOUR)


def test_pb3_says_where_it_stands_when_nothing_is_resolved() -> None:
    run = Walker(_plan("PB3"))
    run.report("reach out")
    run.go(HOUR)
    run.report("product issues to the right team")
    limit = later(T0 + HOUR, "20bd")
    run.go(limit - run.now_ms)
    assert (limit, StepLeftOut(2, "in_vain", "resolved")) in run.log
    assert run.due()[-1] == ("say where it stands", limit)


def test_pb3_follows_up_once_all_that_was_opened_is_resolved() -> None:
    run = Walker(_plan("PB3"))
    run.report("reach out")
    run.report("product issues to the right team")
    open_item(run.course.facts, "ticket", "p-1", T0)
    open_item(run.course.facts, "ticket", "p-2", T0)
    run.course.facts.opened[0].ended_ms = T0 + DAY
    run.go(2 * DAY)
    assert run.stage("follow-up after resolution") is Stage.WAITING
    run.course.facts.opened[1].ended_ms = run.now_ms
    run.look()
    assert run.due()[-1] == ("follow-up after resolution", T0 + 2 * DAY)
    assert (run.stage("say where it stands"), run.stage("follow-up after resolution")) == (Stage.WAITING, Stage.BEGUN)
    run.report("follow-up after resolution")
    assert run.log[-2:] == [(run.now_ms, StepLeftOut(3, "not_needed")), (run.now_ms, Finished())]


def test_what_could_not_begin_in_time_is_not_begun() -> None:
    run = Walker(_plan("PB1"))
    run.report("review the account")
    run.report("check-in e-mail")
    moment, age = later(T0, "3bd"), later(later(T0, "3bd"), "3bd")
    run.outage(age - T0 + 1)
    assert (run.now_ms, StepLapsed(2, moment, ended=True)) in run.log
    assert run.stage("call") is Stage.LAPSED

    in_time = Walker(_plan("PB1"))
    in_time.report("review the account")
    in_time.report("check-in e-mail")
    in_time.outage(age - T0)
    assert in_time.stage("call") is Stage.BEGUN


def test_a_paused_run_rests_and_goes_on() -> None:
    run = Walker(_plan("PB1"))
    run.report("review the account")
    run.report("check-in e-mail")
    run.paused = True
    run.go(5 * DAY)
    assert run.stage("call") is Stage.WAITING
    run.paused = False
    run.look()
    assert run.due()[-1] == ("call", T0 + 5 * DAY)


def test_a_snooze_puts_off_what_comes_and_what_is_due() -> None:
    run = Walker(_plan("PB1"))
    run.report("review the account")
    due = run.course.steps[1].due_ms
    assert due is not None
    run.snooze(DAY)
    run.go(2 * DAY)
    assert (due + DAY, StepOverdue(1, due + DAY)) in run.log


def test_a_step_that_is_held_back_begins_when_it_may_or_lapses() -> None:
    for gate_opens, stage in ((True, Stage.BEGUN), (False, Stage.LAPSED)):
        run = Walker(_plan("PB1"))
        run.report("review the account")
        until = later(T0, "3bd") + 6 * HOUR
        run.gate = lambda _place, run=run, until=until: Hold(until) if run.now_ms < until else Hold()  # type: ignore[misc]
        run.report("check-in e-mail")
        run.go(until - run.now_ms)
        assert run.stage("call") is Stage.WAITING
        if gate_opens:
            run.gate = lambda _place: Go()
            run.look()
            assert run.due()[-1] == ("call", until)
        run.go(10 * DAY)
        assert run.stage("call") is stage


def test_the_night_takes_no_time_of_a_cadence() -> None:
    """A daily word, too old after four hours, that waits six of them for the morning."""
    run = Walker(
        made_up({"name": "word", "due": "4h", "repeat": {"every": "1d", "until": "resolved", "at_most": "30d"}, **MAIL}, max_age="4h")
    )
    morning = T0 + DAY + 6 * HOUR
    run.gate = lambda _place: Hold(morning) if run.now_ms < morning else Go()
    run.go(2 * DAY)
    assert run.due() == [("word", T0), ("word", morning), ("word", T0 + 2 * DAY)]
    run.gate = lambda _place: Hold(T0 + 4 * DAY) if run.now_ms < T0 + 4 * DAY else Go()
    run.go(HOUR + DAY)
    run.outage(DAY + 4 * HOUR)  # the night excuses itself, not that nobody worked after it
    assert (run.now_ms, StepLapsed(0, T0 + 4 * DAY, ended=False)) in run.log


def test_a_step_that_is_refused_is_left_out_and_the_play_goes_on() -> None:
    run = Walker(_plan("PB1"))
    run.gate = lambda _place: Drop("over its budget")
    run.report("review the account")
    assert run.log[-1] == (T0, StepLeftOut(1, "dropped", None, "over its budget"))
    assert run.course.steps[2].at_ms == later(T0, "3bd")


def test_a_step_due_by_the_act_clock_moves_with_it() -> None:
    run = Walker(_plan("PB1"))
    assert run.course.steps[0].due_ms == T0 + DAY
    follow_act(run.course, run.plan, T0 + 2 * HOUR)
    run.go(DAY)
    assert run.log[1:] == [(T0 + 2 * HOUR, StepOverdue(0, T0 + 2 * HOUR))]


def test_who_answers_before_the_report_of_the_mail_arrives_has_answered() -> None:
    facts = Facts(replied_ms=T0 + 2)
    assert holds("no_reply", facts, T0)
    write(facts, T0 + 1)
    assert holds("replied", facts, T0)
    write(facts, T0 + 3)  # a later mail takes nothing back
    assert holds("replied", facts, T0)


def test_what_is_opened_again_is_not_resolved() -> None:
    facts = Facts(subject_ended_ms=T0)
    assert resolved(facts)
    facts.subject_opened_ms = T0 + 1
    assert not resolved(facts)
    assert not resolved(Facts())


def _combinations() -> Iterator[dict[StepCondition, bool]]:
    awaited: tuple[StepCondition, ...] = ("replied", "resolved", "recovered", "meeting_held")
    for values in product((False, True), repeat=4):
        answers: dict[StepCondition, bool] = dict(zip(awaited, values, strict=True))
        yield answers | {opposite: not answers[one] for opposite, one in OPPOSITE.items()}


@pytest.mark.parametrize("play", list(PLAYBOOKS))
def test_every_step_of_the_library_is_reached_and_every_run_ends(play: str) -> None:
    plan = _plan(play)
    reached: set[str] = set()
    for answers in _combinations():
        run = Walker(plan, answers.__getitem__)
        for _ in range(400):
            open_ = [one for one, state in zip(plan.steps, run.course.steps, strict=True) if state.stage is Stage.BEGUN]
            for step in open_:
                run.report(step.name)
            if run.course.finished_ms is not None:
                break
            run.go(6 * HOUR)
        else:
            raise AssertionError(f"{play} never ends under {answers}")
        reached |= {name for name, _ in run.due()}
        assert all(state.ended for state in run.course.steps)
    assert reached == {step.name for step in plan.steps}


@pytest.mark.parametrize("play", list(PLAYBOOKS))
def test_a_pinned_copy_is_the_playbook(play: str) -> None:
    compiled = PLAYBOOKS[play]
    copy = unpin(pin(compiled))
    assert (copy.playbook, copy.digest, copy.listed) == (compiled.playbook, compiled.digest, compiled.listed)
    assert len(pin(compiled)) < 2000


def test_a_damaged_copy_is_told() -> None:
    with pytest.raises(PinError, match="cannot be read"):
        unpin(b"nothing")


def test_an_unreported_first_step_is_overdue_once() -> None:
    run = Walker(_plan("PB3"))
    run.go(30 * DAY)
    assert [one for one in run.log if isinstance(one[1], StepOverdue)] == [(T0 + DAY, StepOverdue(0, T0 + DAY))]
    assert [one for _, one in run.log if isinstance(one, StepDue)] == [StepDue(0, 1, None)]


def test_a_step_behind_two_waits_for_the_later_of_them() -> None:
    run = Walker(THICKET)
    run.report("first")
    run.go(2 * HOUR)
    assert run.due()[-1] == ("beside", T0 + 2 * HOUR)
    run.report("beside")
    run.go(DAY)
    assert run.due()[-1] == ("both", T0 + 2 * HOUR + DAY)


def test_a_time_that_was_reported_is_not_overdue() -> None:
    run = Walker(THICKET)
    run.report("cadence")
    run.go(7 * HOUR)
    assert [one for _, one in run.log if isinstance(one, StepOverdue) and one.place == 2] == []
    run.go(2 * HOUR)
    assert run.log[-1] == (T0 + 9 * HOUR, StepOverdue(2, T0 + 9 * HOUR))


def test_what_came_and_went_while_a_step_was_held_back_is_waited_for_again() -> None:
    run = Walker(THICKET)
    run.report("first")
    run.gate = lambda _place: Hold()
    run.course.facts.subject_ended_ms = run.now_ms
    run.report("beside")
    run.report("both")
    run.look()
    assert run.course.steps[4].held
    run.course.facts.subject_opened_ms = run.now_ms + 1
    run.gate = lambda _place: Go()
    run.look()
    assert run.stage("wished") is Stage.WAITING
    assert run.course.steps[4].came_ms is None


def test_a_step_put_off_needs_proof_of_the_time_between() -> None:
    run = Walker(_plan("PB1"))
    run.report("review the account")
    run.report("check-in e-mail")
    moment = later(T0, "3bd")
    run.gate = lambda _place: Hold(moment + DAY)
    run.go(moment - run.now_ms)
    assert run.course.steps[2].held
    run.gate = lambda _place: Go()
    run.feeds_alive = False
    run.go(DAY + HOUR)
    assert run.stage("call") is Stage.WAITING
    run.feeds_alive = True
    run.look()
    assert run.due()[-1] == ("call", moment + DAY + HOUR)
