"""Row 9: wall clocks stepped by an hour under running workers, workers half a minute apart, an hour's pause, DST, a leap day."""

import signal
import time
from datetime import UTC, datetime
from random import Random

from streams.clock import write_clock_file
from tests.faults.report import Report
from tests.faults.stage import Harness, Stage
from tests.faults.timers import Promises, Timers, urgent_tickets
from tests.stepped_clock import step

HOUR_MS, MINUTE_MS = 3_600_000, 60_000
SKEW_MS = 15_000  # of each of two workers, in opposite directions
ACKNOWLEDGE_MS = 30 * MINUTE_MS  # of an urgent ticket's run
ACCOUNTS = 60
LATE_MS = 20_000  # a breach is said so soon after its moment, besides the skew: a doubt takes a second, a commit less
SETTLED = '"event": "clock_settled"'
LIVE = {"PLAYCALL_UNTIL": None, "PLAYCALL_CATCH_UP_RATE": "0"}
TURNS = {
    "summer time begins": datetime(2026, 3, 28, 22, tzinfo=UTC),
    "summer time ends": datetime(2026, 10, 24, 21, tzinfo=UTC),
    "leap day": datetime(2028, 2, 28, 21, tzinfo=UTC),
}


def scenario(harness: Harness, report: Report) -> None:
    """Steps while a history is read; steps and skew while deadlines come near; pauses under a driven clock."""
    draw = Random(report.seed)
    _steps_over_a_history(harness, report, draw)
    _steps_over_deadlines(harness, report, draw)
    _pause_of_an_hour(harness, report, draw)


class _Machines:
    """Two workers, each with a wall clock of its own that can be set."""

    def __init__(self, stage: Stage, *, skews_ms: tuple[int, int]) -> None:
        self._stage = stage
        self._skews_ms = skews_ms
        self._files = [stage.folder / f"offset-{number}" for number in (0, 1)]
        for number, file in enumerate(self._files):
            step(file, skews_ms[number])
            stage.fleet.clocks[number] = file
            stage.fleet.start(number)

    def step(self, number: int, hours: int) -> None:
        """Set a clock by so many hours (0: back to where it began) and wait until its worker has made up its mind."""
        fleet = self._stage.fleet
        before = fleet.said(number).count(SETTLED)
        step(self._files[number], self._skews_ms[number] + hours * HOUR_MS)
        self._stage.wait(lambda: fleet.said(number).count(SETTLED) > before, f"worker {number} settles its doubt", 60)
        if hours:
            line = [line for line in fleet.said(number).splitlines() if SETTLED in line][-1]
            self._stage.must(f"worker {number} found its clock {hours:+} h off", holds=f'"wall_ahead_s": {hours * 3600}' in line)
            self._stage.did(f"wall clock of worker {number} set by {hours:+} h, found wrong")


def _steps_over_a_history(harness: Harness, report: Report, draw: Random) -> None:
    with harness.stage(report, act="history", accounts=80, events=12_000, seconds=40) as stage:
        machines = _Machines(stage, skews_ms=(0, 0))
        stage.progress(500)
        for turn in range(4):
            number, hours = turn % 2, draw.choice((1, -1))
            stage.progress(draw.randrange(100, 400))
            machines.step(number, hours)
            stage.progress(draw.randrange(100, 400))
            machines.step(number, 0)
        stage.finish()


def _steps_over_deadlines(harness: Harness, report: Report, draw: Random) -> None:
    """By the machines' own clocks: every acknowledge clock runs out in the next two minutes, of true time."""
    begin_ms = time.time_ns() // 1_000_000
    times = [begin_ms - ACKNOWLEDGE_MS + draw.randrange(45_000, 100_000) for _ in range(ACCOUNTS)]
    with harness.stage(report, act="deadlines", work=urgent_tickets(draw, times), settings=LIVE) as stage:
        machines = _Machines(stage, skews_ms=(-SKEW_MS, SKEW_MS))
        promises = Promises(stage)
        stage.wait(promises.all_launched, "every ticket has its run", 90)
        first, second = draw.sample((0, 1), 2)
        machines.step(first, 1)
        machines.step(second, -1)
        stage.must("deadlines were still to come when the clocks were off", holds=not promises.all_breached("acknowledge"))
        stage.wait(lambda: time.time_ns() // 1_000_000 > promises.last_due("acknowledge") + SKEW_MS + LATE_MS, "true time passes", 120)
        stage.wait(lambda: promises.all_breached("acknowledge"), "every acknowledge clock's breach", 30)
        machines.step(first, 0)
        machines.step(second, 0)
        found = promises.judged(time.time_ns() // 1_000_000)
        found["breach in time"] = [
            f"{m['run_id']}: due {m['due']}, appended {m['appended_ms'] - due:+} ms from it"
            for m, due, _ in promises.breaches()
            if not -SKEW_MS <= m["appended_ms"] - due <= SKEW_MS + LATE_MS
        ]
        late = [m["appended_ms"] - due for m, due, _ in promises.breaches()]
        report.figures["breaches by machines stepped and 30 s apart"] = len(late)
        report.figures["earliest of them, s after the moment"] = min(late, default=0) / 1000
        report.figures["latest of them, s after the moment"] = max(late, default=0) / 1000
        _take(report, "deadlines", found)
        stage.fleet.stop_in_order()
        stage.judge()  # not recovered twice: by a real clock time itself passes between two recoveries


def _pause_of_an_hour(harness: Harness, report: Report, draw: Random) -> None:
    """Both workers stand still for an hour of the clock they go by, across deadlines, in a night when clocks are moved."""
    turn, begin = draw.choice(sorted(TURNS.items()))
    begin_ms = int(begin.timestamp() * 1000)
    clock = harness.folder / f"clock-pause-{report.seed}"
    write_clock_file(clock, begin_ms)
    work = urgent_tickets(draw, [begin_ms] * ACCOUNTS)
    with harness.stage(report, act="pause", work=work, settings={**LIVE, "PLAYCALL_CLOCK_FILE": str(clock)}) as stage:
        timers = Timers(stage, clock, begin_ms)
        stage.fleet.start(0)
        stage.fleet.start(1)
        stage.wait(timers.all_launched, "every ticket has its run", 90)
        for name in ("acknowledge", "act", "resolve"):
            due_ms = timers.last_due(name)
            timers.move(due_ms - draw.randrange(1, 60) * 1000)
            for number in (0, 1):
                stage.fleet.workers[number].process.send_signal(signal.SIGSTOP)
            timers.move(due_ms + HOUR_MS)
            for number in (0, 1):
                stage.fleet.workers[number].process.send_signal(signal.SIGCONT)
            stage.wait(lambda name=name: timers.all_breached(name), f"every {name} clock's breach", 90)  # type: ignore[misc]
        stage.did(f"both workers stood still for an hour across each of three deadlines ({turn})")
        _take(report, "pause", timers.all_judged())
        report.figures["breaches said over pauses"] = timers.said
        stage.finish_live()


def _take(report: Report, act: str, found: dict[str, list[str]]) -> None:
    for name, differences in found.items():
        report.differences[f"{act}: {name}"] = differences
