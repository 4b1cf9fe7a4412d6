"""Row 2: a worker is frozen past its session, a new owner works on, and it wakes up believing nothing has happened."""

import signal
from functools import partial
from random import Random

from tests.faults.report import Report
from tests.faults.stage import Harness, Stage
from tests.faults.workers import SESSION_MS

FREEZES = 3


def scenario(harness: Harness, report: Report) -> None:
    """Two workers take turns; each time the other must commit for partitions of the frozen one before that one wakes."""
    draw = Random(report.seed)
    with harness.stage(report, seconds=90) as stage:
        fleet = stage.fleet
        fleet.start(0)
        fleet.start(1)
        stage.progress(500)
        for turn in range(FREEZES):
            number = turn % 2
            stage.progress(draw.randrange(200, 900))
            held = {p: sum(cursor["offsets"].values()) for p, cursor in stage.watch.cursors().items()}
            fleet.workers[number].process.send_signal(signal.SIGSTOP)
            stage.wait(partial(_all_moved, stage, held), "the other worker commits for every partition", 60)
            fleet.workers[number].process.send_signal(signal.SIGCONT)
            stage.did(f"worker {number} frozen until the other had committed for all partitions (session {SESSION_MS} ms), woken")
            fleet.revive(finished_too=True)
        fenced = sum(fleet.log_of(number).read_text().count('"fenced"') for number in (0, 1))
        report.figures["woken workers that found themselves fenced"] = fenced
        stage.finish()


def _all_moved(stage: Stage, since: dict[int, int]) -> bool:
    cursors = stage.watch.cursors()
    return all(sum(cursors[p]["offsets"].values()) > consumed for p, consumed in since.items())
