"""Runs as their messages tell them: clocks, owners, endings."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.records.play_message import Clocks, Owner, PlayMessage
from schemas.records.trigger import Subject
from streams.report.calendar import epoch_ms
from streams.report.runs import Run, Verdict, runs_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANA = Owner(id="ana", name="Ana", role="csm", reason="account", detail="named")
DANA = Owner(id="dana", name="Dana", role="cs_lead", reason="escalation", detail="no answer")
CLOCKS = Clocks(acknowledge_by=NOON + timedelta(hours=1), act_by=NOON + timedelta(hours=4), resolve_by=NOON + timedelta(hours=16))


def message(sequence: int, kind: str, hours: float, **fields: Any) -> PlayMessage:
    return PlayMessage.model_validate(
        {
            "message_id": f"m{sequence}", "run_id": "r1", "sequence": sequence, "kind": kind, "time": NOON + timedelta(hours=hours),
            "account_id": "a", "concern": "support", "subject": Subject(kind="ticket", id="t1"), "priority": "P2", "play": "swat",
            "play_version": 1, "owner": ANA, "clocks": CLOCKS, "triggers": ("x1",), "rules": ("T07",), "why": "because", **fields,
        }
    )  # fmt: skip


def run_of(*messages: PlayMessage, hours: float) -> Run:
    (run,) = runs_of(messages, epoch_ms(NOON + timedelta(hours=hours)))
    return run


def verdicts(run: Run) -> dict[str, Verdict]:
    return {story.clock: story.verdict for story in run.clocks}


def test_a_fresh_launch_has_three_running_clocks() -> None:
    assert verdicts(run_of(message(1, "launched", 0), hours=0.5)) == {"acknowledge": "running", "act": "running", "resolve": "running"}


def test_an_acknowledgement_meets_only_its_own_clock() -> None:
    run = run_of(message(1, "launched", 0), message(2, "acknowledged", 0.5), hours=5)

    assert verdicts(run) == {"acknowledge": "met", "act": "missed", "resolve": "running"}


def test_closing_answers_every_clock_and_is_late_for_those_already_past() -> None:
    run = run_of(message(1, "launched", 0), message(2, "closed", 2, code="resolved"), hours=100)

    assert verdicts(run) == {"acknowledge": "missed", "act": "met", "resolve": "met"}
    assert (run.is_open, run.code) == (False, "resolved")


def test_a_breach_stays_a_breach_and_escalation_names_the_next_owner() -> None:
    run = run_of(
        message(1, "launched", 0),
        message(2, "sla_warning", 0.5, clock="acknowledge", percent=50),
        message(3, "sla_warning", 0.8, clock="acknowledge", percent=80),
        message(4, "sla_breach", 1, clock="acknowledge"),
        message(5, "escalated", 1, clock="acknowledge", owner=DANA),
        message(6, "acknowledged", 1.2, owner=DANA),
        hours=2,
    )
    acknowledge = run.clocks[0]

    assert (acknowledge.verdict, acknowledge.warned, [owner.name for _, owner in acknowledge.handed]) == ("missed", (50, 80), ["Dana"])
    assert [owner.name for _, owner in run.owners] == ["Ana", "Dana"]
    assert (run.breached, run.escalated) == (True, True)


def test_a_cancelled_run_drops_its_clocks() -> None:
    run = run_of(message(1, "launched", 0), message(2, "cancelled", 0.5, code="customer_churned"), hours=90)

    assert set(verdicts(run).values()) == {"dropped"}
    assert (run.cancelled, run.breached) == (True, False)


def test_an_upgrade_tightens_the_clocks_and_raises_the_priority() -> None:
    sooner = Clocks(acknowledge_by=NOON + timedelta(minutes=30))
    run = run_of(message(1, "launched", 0), message(2, "upgraded", 0.1, clocks=sooner, priority="P1"), hours=0.2)

    assert (run.priority, run.clocks[0].deadline_ms) == ("P1", epoch_ms(NOON + timedelta(minutes=30)))


@pytest.mark.parametrize("clock", ["acknowledge", "act", "resolve"])
def test_a_clock_the_rule_does_not_set_is_not_drawn(clock: str) -> None:
    run = run_of(message(1, "launched", 0, clocks=CLOCKS.model_copy(update={f"{clock}_by": None})), hours=1)

    assert clock not in verdicts(run)


def test_messages_out_of_order_tell_the_same_story() -> None:
    told = [message(1, "launched", 0), message(2, "joined", 1, triggers=("x1", "x2"), rules=("T07", "T30")), message(3, "acknowledged", 2)]
    now = epoch_ms(NOON + timedelta(hours=3))

    assert runs_of(told[::-1], now) == runs_of(told, now)
    assert runs_of(told, now)[0].triggers == ("x1", "x2")
