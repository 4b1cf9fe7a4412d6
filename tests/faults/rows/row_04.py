"""Row 4: a rebalance storm: joins and leaves every few seconds, 1-2-3-1 workers, scale-out without a kill, flapping."""

import json
import signal
import time
from functools import partial
from random import Random

from tests.faults.report import Report
from tests.faults.stage import Harness, Stage

FLAPS = 4
ASSIGNED = '"event": "assigned"'
LONG_SESSION = {"PLAYCALL_SESSION_TIMEOUT_MS": "30000", "PLAYCALL_HEARTBEAT_INTERVAL_MS": "3000"}


def scenario(harness: Harness, report: Report) -> None:
    """Nobody is ever killed: every exit must be orderly, and only partitions move."""
    draw = Random(report.seed)
    with harness.stage(report, act="dynamic", seconds=80) as stage:
        fleet = stage.fleet
        fleet.start(0)
        stage.progress(draw.randrange(200, 600))
        for number in (1, 2):  # scale-out only: what the stock changelog tables double-count
            fleet.start(number)
            stage.wait(partial(_held, stage, number), f"worker {number} has partitions")
            stage.progress(draw.randrange(200, 600))
            stage.did(f"scale-out to worker {number}")
        _leave(stage, 2)
        _leave(stage, 1)
        stage.progress(draw.randrange(200, 600))
        for _ in range(FLAPS):  # in and out faster than a rebalance settles
            fleet.start(1)
            time.sleep(draw.uniform(1.5, 5))  # the moment of leaving is what is random here
            _leave(stage, 1, (0, -signal.SIGTERM))  # by the signal alone if it had not yet begun
        fleet.start(1)
        fleet.start(2)
        stage.wait(partial(_held, stage, 2), "worker 2 has partitions")
        stage.progress(draw.randrange(200, 600))
        _leave(stage, 0)  # the one that was there from the beginning, perhaps the group's leader
        fleet.start(0)
        report.figures["rebalances a worker lived through"] = sum(
            fleet.log_of(number).read_text(errors="replace").count(ASSIGNED) for number in (0, 1, 2)
        )
        stage.finish()
    _static(harness, report)


def _static(harness: Harness, report: Report) -> None:
    """Members with names of their own: who is back within the session finds its partitions, and nobody else notices."""
    with harness.stage(report, act="static", accounts=100, events=14_000, seconds=90, settings=LONG_SESSION) as stage:
        fleet = stage.fleet
        fleet.own = {number: {"PLAYCALL_INSTANCE_ID": f"worker-{number}"} for number in range(3)}
        for number in fleet.own:
            fleet.start(number)
        stage.wait(partial(_settled, stage, tuple(fleet.own)), "everyone has partitions, nobody another's", 120)
        for number, how in ((1, "kill -9"), (2, "SIGTERM")):
            held = _held(stage, number)
            others = [n for n in fleet.own if n != number]
            before = [fleet.said(n).count(ASSIGNED) for n in others]
            fleet.kill(number) if how == "kill -9" else fleet.terminate(number)
            fleet.start(number)
            stage.wait(partial(_held, stage, number), f"worker {number} is back", 60)
            stage.progress(100)
            after = [fleet.said(n).count(ASSIGNED) for n in others]
            stage.must(f"worker {number} finds its partitions {held}", holds=_held(stage, number) == held)
            stage.must(f"no rebalance for the others ({before} then {after})", holds=before == after)
            stage.did(f"{how} and restart of worker {number} under its own name, partitions {held} stay")
        stage.finish()


def _held(stage: Stage, number: int) -> list[int]:
    lines = [json.loads(line) for line in stage.fleet.said(number).splitlines() if ASSIGNED in line]
    return list(lines[-1]["partitions"]) if lines else []


def _settled(stage: Stage, members: tuple[int, ...]) -> bool:
    held = [_held(stage, number) for number in members]
    return all(held) and sorted(p for one in held for p in one) == list(range(stage.work.partitions))


def _leave(stage: Stage, number: int, good: tuple[int, ...] = (0,)) -> None:
    code = stage.fleet.scale_in(number)
    stage.must(f"worker {number} left in order (it was {code})", holds=code in good)
    stage.did(f"worker {number} leaves: exit {code}")
