"""Row 3: SIGTERM in full load, with a handler that hangs, and twice in a row: out within the grace, nothing lost."""

import signal
import subprocess
import time
from random import Random

from tests.faults.report import Report
from tests.faults.sabotage import testimonies
from tests.faults.stage import Harness, Stage
from tests.faults.workers import GRACE_S

SECOND_SIGNAL = (128 + signal.SIGTERM, 128 + signal.SIGINT)  # exit codes of a worker told twice


def scenario(harness: Harness, report: Report) -> None:
    """Workers in a backlog are told to stop again and again; one hangs in the fold; one is told twice."""
    draw = Random(report.seed)
    load = {"PLAYCALL_COMMIT_INTERVAL_MS": "200"}  # seconds of uncommitted work at every stop
    with harness.stage(report, seconds=30, settings=load) as stage:
        fleet, slowest = stage.fleet, 0.0
        fleet.start(0)
        fleet.start(1)
        stage.progress(500)
        for turn in range(4):
            number = turn % 2
            _await_work(stage, number)
            stage.progress(draw.randrange(200, 800))
            code, took_s = _terminate(stage, number)
            slowest = max(slowest, took_s)
            stage.must(f"SIGTERM in load: worker {number} left with 0 in {took_s:.1f} s (it was {code})", holds=code == 0)
            stage.did(f"SIGTERM to worker {number} in load: exit {code} after {took_s:.1f} s")
            fleet.start(number)
        stage.progress(300)
        _twice(stage, draw.randrange(2))
        took_s = _hung(stage, draw)
        report.figures["slowest orderly stop, s"] = round(slowest, 2)
        report.figures["stop of a hung worker, s"] = round(took_s, 2)
        stage.finish()


def _await_work(stage: Stage, number: int) -> None:
    stage.wait(lambda: '"recovered"' in stage.fleet.said(number), f"worker {number} has work")


def _terminate(stage: Stage, number: int) -> tuple[int, float]:
    begun = time.monotonic()
    return stage.fleet.terminate(number), time.monotonic() - begun


def _twice(stage: Stage, number: int) -> None:
    _await_work(stage, number)
    process = stage.fleet.workers[number].process
    for told in (signal.SIGSTOP, signal.SIGTERM, signal.SIGINT, signal.SIGCONT):  # so that both arrive before either is answered
        process.send_signal(told)
    code = process.wait(GRACE_S)
    stage.must(f"told twice, worker {number} left at once (it was {code})", holds=code in SECOND_SIGNAL)
    stage.did(f"SIGTERM and SIGINT in a row to worker {number}: exit {code}")
    stage.fleet.start(number)


def _hung(stage: Stage, draw: Random) -> float:
    """A fold that does not come back: nothing can be committed in order, but the process must not stay."""
    number = 2
    stage.fleet.start(number, ("mid-fold", str(draw.randint(50, 300)), "block:600"))
    process = stage.fleet.workers[number].process
    stage.wait(lambda: process.pid in testimonies(stage.folder), "a handler hangs", 90)
    begun = time.monotonic()
    process.terminate()
    try:
        code: int | str = process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        code = "still there"
        process.kill()
        process.wait()
    took_s = time.monotonic() - begun
    stage.must(f"a worker that hangs is out {GRACE_S:.0f} s after SIGTERM (it was: {code})", holds=code != "still there")
    stage.did(f"SIGTERM to worker {number}, whose handler hangs: {code} after {took_s:.1f} s")
    stage.fleet.start(number)
    return took_s
