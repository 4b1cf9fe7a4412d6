"""Row 1: kill -9 at each named point of fetching, folding, committing, recovering, rebalancing and stopping."""

import signal
import time
from collections.abc import Iterable
from random import Random

from tests.faults.report import Report
from tests.faults.sabotage import KILLS, testimonies
from tests.faults.stage import Harness, Stage
from tests.faults.waiting import until

SLOTS = 2
RECOVERY = "recovery-reading"
PASSAGES = {"mid-fold": 400, RECOVERY: 30, "after-fetch": 4}  # the point is passed so often at most, others up to 3 times
ONCE = frozenset({"shutdown-begun", "shutdown-committed"})
STIRRER, STUCK_S = SLOTS, 12.0  # a worker that comes and goes when nobody dies: some points are passed in rebalances only
SESSION = {"PLAYCALL_SESSION_TIMEOUT_MS": "4000", "PLAYCALL_HEARTBEAT_INTERVAL_MS": "1000"}


def scenario(harness: Harness, report: Report, *, where: Iterable[str] = tuple(KILLS)) -> None:
    """Two slots; whoever starts in one is to die at the next point of the shuffled list, until every point had its turn."""
    draw = Random(report.seed)
    points = list(where)
    draw.shuffle(points)
    with harness.stage(report, seconds=200, settings=SESSION) as stage:
        sabotage = _Sabotage(stage, draw)
        for slot in range(SLOTS):
            sabotage.aim(slot, points.pop())
        while sabotage.aims:
            for slot in until(sabotage.ended, 120, f"a worker dies at its point: {sabotage.aims}"):
                sabotage.account_for(slot)
                if points:
                    sabotage.aim(slot, points.pop())
                else:
                    stage.fleet.start(slot)
        report.figures["deaths at their point"] = sabotage.died
        stage.finish()


class _Sabotage:
    """Who is to die where."""

    def __init__(self, stage: Stage, draw: Random) -> None:
        self.aims: dict[int, str] = {}
        self.died = 0
        self._told: set[int] = set()
        self._stage = stage
        self._draw = draw
        self._quiet_since = time.monotonic()
        self._stirred = 0

    def aim(self, slot: int, point: str) -> None:
        nth = 1 if point in ONCE else self._draw.randint(1, PASSAGES.get(point, 3))
        self._stage.fleet.start(slot, (point, str(nth)))
        self.aims[slot] = point

    def ended(self) -> list[int]:
        """Slots whose process is gone. Those who are to die in their shutdown are told to stop once they have work."""
        for slot, point in self.aims.items():
            process = self._stage.fleet.workers[slot].process
            if point in ONCE and process.pid not in self._told and '"recovered"' in self._stage.fleet.said(slot):
                process.terminate()
                self._told.add(process.pid)
        if time.monotonic() - self._quiet_since > STUCK_S:
            self._stir()
        return [slot for slot in self.aims if self._stage.fleet.workers[slot].process.poll() is not None]

    def account_for(self, slot: int) -> None:
        """Prove that it died where it was to, by its own hand."""
        process, point = self._stage.fleet.workers[slot].process, self.aims.pop(slot)
        there = testimonies(self._stage.folder).get(process.pid) == point and process.returncode == -signal.SIGKILL
        self._stage.must(f"worker {slot} died at {point} (it ended with {process.returncode})", holds=there)
        self._stage.did(f"kill -9 of worker {slot} at {point}")
        self.died += there
        self._quiet_since = time.monotonic()

    def _stir(self) -> None:
        fleet = self._stage.fleet
        if STIRRER in fleet.workers and '"assigned"' not in fleet.said(STIRRER):
            return
        if STIRRER in fleet.workers:
            code = fleet.scale_in(STIRRER)
            self._stage.must(f"worker {STIRRER}, told to stop, left with 0 (it was {code})", holds=code == 0)
        else:
            fleet.start(STIRRER)
        self._stirred += 1
        if self._stirred % 3 == 0:
            self._begin_anew()
        self._quiet_since = time.monotonic()

    def _begin_anew(self) -> None:
        """Whoever keeps its partitions, warm, through every rebalance never recovers: it starts again, and has to."""
        for slot in [slot for slot, point in self.aims.items() if point == RECOVERY]:
            code = self._stage.fleet.terminate(slot)
            self._stage.must(f"worker {slot}, told to stop, left with 0 (it was {code})", holds=code in (0, -signal.SIGKILL))
            if code == 0:
                self._stage.fleet.start(slot, (RECOVERY, "1"))
