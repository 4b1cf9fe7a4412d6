"""The random mix: kill, freeze, stop and scale workers as the seed says."""

import signal
import time
from random import Random

from tests.faults.report import Report
from tests.faults.stage import Harness, Stage
from tests.faults.workers import SESSION_MS, Fleet

SECONDS_PER_FAULT = 11.0


ORDERLY = frozenset({0, -signal.SIGTERM})  # one that has only just begun has nothing to end in order


def scenario(harness: Harness, report: Report, *, faults: int = 12, accounts: int = 200, events: int = 100_000) -> None:
    """So many faults over so many events, with a roster that chooses owners."""
    with harness.stage(report, accounts=accounts, events=events, seconds=max(faults, 1) * SECONDS_PER_FAULT, roster=True) as stage:
        _work(stage, Random(report.seed), faults)
        stage.finish()


def _work(stage: Stage, draw: Random, faults: int) -> None:
    fleet = stage.fleet
    fleet.start(0)
    fleet.start(1)
    time.sleep(draw.uniform(3, 8))  # the moment of a fault is what is random here, not something to wait for
    for number in range(1, faults + 1):
        stage.did(hurt(fleet, draw))
        time.sleep(draw.uniform(2, 7))
        for revived in fleet.revive(finished_too=number < faults):
            stage.say(f"worker {revived} had exited and was started again")


def hurt(fleet: Fleet, draw: Random) -> str:
    """One random fault; what it was."""
    number = draw.choice(sorted(fleet.workers))
    kind = draw.choice(("kill", "kill", "freeze", "terminate", "scale"))
    if kind == "kill":
        fleet.kill(number)
        time.sleep(draw.uniform(0, 3))
        fleet.start(number)
        return f"kill -9 of worker {number}"
    if kind == "freeze":
        fleet.freeze(number, SESSION_MS / 1000 + draw.uniform(2, 5))
        return f"worker {number} frozen past its session"
    if kind == "terminate":
        code = fleet.terminate(number)
        if code not in ORDERLY:
            fleet.exits.append((number, code))
        fleet.start(number)
        return f"SIGTERM to worker {number}, exit {code}"
    if len(fleet.workers) > 2:
        number = max(fleet.workers)
        code = fleet.scale_in(number)
        if code not in ORDERLY:
            fleet.exits.append((number, code))
        return f"scale-in of worker {number}, exit {code}"
    number = max(fleet.workers) + 1
    fleet.start(number)
    return f"scale-out to worker {number}"
