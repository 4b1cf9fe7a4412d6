"""The runs that the report tells moment by moment are found, and told in order."""

from streams.report.exhibits import exhibits_of
from streams.report.runs import runs_of
from tests.desk import DAY, HOUR, Desk, trigger, usage_drop


def decline(desk: Desk) -> str:
    (launched, *_) = desk.trigger(usage_drop("PB1", play="PB1"))
    return launched.run_id


def test_a_decline_nobody_answers_is_told_up_to_the_call() -> None:
    desk = Desk()
    run = decline(desk)
    for step in ("review the account", "check-in e-mail"):
        desk.advance(HOUR)
        desk.update("step_completed", run, step=step)
    desk.advance(8 * DAY)
    desk.update("step_completed", run, step="call")
    desk.update("closed", run, code="adoption_recovered")

    (told,) = (one for one in exhibits_of(runs_of(desk.messages, desk.now_ms), [], {}) if "three business days" in one.title)
    said = [line.what for line in told.lines]
    assert said[0] == "PB1 launched at P2"
    assert said.index("check-in e-mail done") < said.index("Due now: call") < said.index("call done") < len(said) - 1
    assert said[-1].startswith("Closed: adoption recovered")
    assert [line.at_ms for line in told.lines] == sorted(line.at_ms for line in told.lines)


def test_a_p1_that_was_escalated_is_told_rather_than_a_p2() -> None:
    desk = Desk(csm="aisha.rahman")
    p2 = decline(desk)
    (launched, *_) = desk.trigger(trigger())
    desk.advance(2 * DAY)
    for run in (p2, launched.run_id):
        desk.update("closed", run, code="resolved")

    (told,) = (one for one in exhibits_of(runs_of(desk.messages, desk.now_ms), [], {}) if "took over" in one.title)
    assert told.run_id == launched.run_id
    assert {"late", "end"} <= {line.mark for line in told.lines}
    assert len(told.lines) + told.left_out > 24 >= len(told.lines)


def test_nothing_is_told_where_nothing_of_the_kind_happened() -> None:
    desk = Desk()
    decline(desk)

    assert exhibits_of(runs_of(desk.messages, desk.now_ms), [], {}) == []
