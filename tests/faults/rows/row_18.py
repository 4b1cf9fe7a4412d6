"""Row 18: all workers down across an SLA deadline, a deadline in a rebalance, two workers that both believe in an account."""

import json
import signal
from datetime import UTC, datetime
from functools import partial
from random import Random

from streams.clock import write_clock_file
from tests.faults.report import Report
from tests.faults.stage import Harness, Stage
from tests.faults.timers import Timers, urgent_tickets

BEGIN = datetime(2025, 11, 12, 9, tzinfo=UTC)
BEGIN_MS = int(BEGIN.timestamp() * 1000)
MINUTE_MS = 60_000
ACCOUNTS = 60
REBALANCING = '"event": "assigned"'


def scenario(harness: Harness, report: Report) -> None:
    """Urgent tickets that nobody answers, under a clock that the scenario drives: three clocks per run, a fault at each."""
    draw = Random(report.seed)
    work = urgent_tickets(draw, [BEGIN_MS] * ACCOUNTS)
    clock = harness.folder / f"clock-{report.seed}"
    write_clock_file(clock, BEGIN_MS)
    settings = {"PLAYCALL_CLOCK_FILE": str(clock), "PLAYCALL_UNTIL": None, "PLAYCALL_CATCH_UP_RATE": "0"}
    with harness.stage(report, work=work, settings=settings) as stage:
        timers = Timers(stage, clock, BEGIN_MS)
        stage.fleet.start(0)
        stage.fleet.start(1)
        stage.wait(timers.all_launched, "every ticket has its run", 90)
        _down_across(stage, timers, draw)
        _in_a_rebalance(stage, timers, draw)
        _two_believe(stage, timers, draw)
        for name, found in timers.all_judged().items():
            report.differences[name] = found
        report.figures["breaches said"] = timers.said
        stage.finish_live()


def _down_across(stage: Stage, timers: Timers, draw: Random) -> None:
    for number in (0, 1):
        stage.fleet.kill(number)
    late_ms = draw.randrange(5, 40) * MINUTE_MS
    timers.move(timers.last_due("acknowledge") + late_ms)
    stage.must("nobody says anything while all are down", holds=not timers.all_breached("acknowledge"))
    stage.fleet.start(0)
    stage.fleet.start(1)
    stage.wait(lambda: timers.all_breached("acknowledge"), "every acknowledge clock's breach", 90)
    stage.did(f"all workers down across the acknowledge deadlines, for {late_ms // MINUTE_MS} minutes")


def _in_a_rebalance(stage: Stage, timers: Timers, draw: Random) -> None:
    """The clock passes the deadlines while a third worker's join has partitions between two owners."""
    stage.fleet.start(2)
    before = stage.fleet.said(0).count(REBALANCING)
    stage.wait(lambda: stage.fleet.said(0).count(REBALANCING) > before, "worker 0 is in a rebalance", 60)
    timers.move(timers.last_due("act") + draw.randrange(1, 30) * MINUTE_MS)
    stage.wait(lambda: timers.all_breached("act"), "every act clock's breach", 90)
    stage.did("the act deadlines passed in the rebalance of a third worker's join")


def _two_believe(stage: Stage, timers: Timers, draw: Random) -> None:
    """Worker 0 sleeps while its partitions go to others, who say the breaches; it wakes and finds the same deadlines due."""
    mine = _owned(stage, 0)
    stage.fleet.workers[0].process.send_signal(signal.SIGSTOP)
    stage.wait(partial(_taken, stage, mine), "others own what the sleeper believes its own", 60)
    timers.move(timers.last_due("resolve") + draw.randrange(1, 30) * MINUTE_MS)
    stage.wait(lambda: timers.all_breached("resolve"), "every resolve clock's breach", 90)
    before = stage.fleet.said(0).count(REBALANCING)
    stage.fleet.workers[0].process.send_signal(signal.SIGCONT)
    stage.wait(lambda: stage.fleet.said(0).count(REBALANCING) > before, "the sleeper learns of the new order", 60)
    stage.must("the sleeper held partitions", holds=bool(mine))
    stage.did(f"worker 0 slept with partitions {sorted(mine)}, others said the resolve breaches, it woke")


def _owned(stage: Stage, number: int) -> set[int]:
    lines = [json.loads(line) for line in stage.fleet.said(number).splitlines() if REBALANCING in line]
    return set(lines[-1]["partitions"]) if lines else set()


def _taken(stage: Stage, wanted: set[int]) -> bool:
    return wanted <= _owned(stage, 1) | _owned(stage, 2)
