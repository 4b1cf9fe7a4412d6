"""Row 4: a rebalance storm: joins and leaves every few seconds, 1-2-3-1 workers, scale-out without a kill, flapping."""

import signal
import time
from random import Random

from tests.faults.report import Report
from tests.faults.stage import Harness, Stage

FLAPS = 4


def scenario(harness: Harness, report: Report) -> None:
    """Nobody is ever killed: every exit must be orderly, and only partitions move."""
    draw = Random(report.seed)
    with harness.stage(report, seconds=80) as stage:
        fleet = stage.fleet
        fleet.start(0)
        stage.progress(draw.randrange(200, 600))
        for number in (1, 2):  # scale-out only: what the stock changelog tables double-count
            fleet.start(number)
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
        stage.progress(draw.randrange(200, 600))
        _leave(stage, 0)  # the one that was there from the beginning, perhaps the group's leader
        fleet.start(0)
        report.figures["rebalances a worker lived through"] = sum(
            fleet.log_of(number).read_text(errors="replace").count('"event": "assigned"') for number in (0, 1, 2)
        )
        stage.finish()


def _leave(stage: Stage, number: int, good: tuple[int, ...] = (0,)) -> None:
    code = stage.fleet.scale_in(number)
    stage.must(f"worker {number} left in order (it was {code})", holds=code in good)
    stage.did(f"worker {number} leaves: exit {code}")
