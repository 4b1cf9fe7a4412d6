"""Row 18: all workers down across an SLA deadline, a deadline in a rebalance, two workers that both believe in an account."""

import json
import signal
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from random import Random
from typing import Any

from streams.clock import write_clock_file
from tests.faults.log_io import read_now
from tests.faults.report import Report
from tests.faults.seen import ms
from tests.faults.stage import Harness, Stage
from tests.faults.workload import Planned, Workload, partition_of
from tests.oracle.days import rfc3339
from tests.oracle.fold import fold

BEGIN = datetime(2025, 11, 12, 9, tzinfo=UTC)
BEGIN_MS = int(BEGIN.timestamp() * 1000)
MINUTE_MS = 60_000
ACCOUNTS, PARTITIONS = 60, 4
CLOCKS = ("acknowledge", "act", "resolve")
REBALANCING = '"event": "assigned"'


def scenario(harness: Harness, report: Report) -> None:
    """Urgent tickets that nobody answers, under a clock that the scenario drives: three clocks per run, a fault at each."""
    draw = Random(report.seed)
    work = _tickets(draw)
    clock = harness.folder / f"clock-{report.seed}"
    write_clock_file(clock, BEGIN_MS)
    settings = {"PLAYCALL_CLOCK_FILE": str(clock), "PLAYCALL_UNTIL": None, "PLAYCALL_CATCH_UP_RATE": "0"}
    with harness.stage(report, work=work, settings=settings) as stage:
        timers = _Timers(stage, clock)
        stage.fleet.start(0)
        stage.fleet.start(1)
        stage.wait(lambda: len(timers.launched()) == len(stage.outcome.router.launches), "every ticket has its run", 90)
        _down_across(stage, timers, draw)
        _in_a_rebalance(stage, timers, draw)
        _two_believe(stage, timers, draw)
        for name, found in timers.judged().items():
            report.differences[name] = found
        report.figures["breaches said"] = timers.said
        stage.finish_live()


class _Timers:
    """Drives the clock, and holds what is said against what was promised."""

    def __init__(self, stage: Stage, clock: Any) -> None:
        self.now_ms = BEGIN_MS
        self.said = 0
        self._stage = stage
        self._clock = clock
        self._moved: list[int] = [BEGIN_MS]

    def move(self, to_ms: int) -> None:
        """The clock stands still between two calls, so what fires after a move is at most as late as the move was long."""
        self.now_ms = to_ms
        self._moved.append(to_ms)
        write_clock_file(self._clock, to_ms)

    def launched(self) -> dict[str, dict[str, Any]]:
        return {m["run_id"]: m for m in self.messages() if m["kind"] == "launched"}

    def messages(self) -> list[dict[str, Any]]:
        records = read_now(self._stage.bootstrap, f"{self._stage.prefix}play-launches")
        return [json.loads(record.value or b"{}") for record in records]

    def last_due(self, clock: str) -> int:
        """When the last of all runs' clocks of this name, as launched, runs out."""
        dues = [ms(m["clocks"][f"{clock}_by"]) for m in self.launched().values()]
        return max(due for due in dues if due is not None)

    def all_breached(self, clock: str) -> bool:
        """Every run has said so of the clock it was launched with."""
        launched = {(m["run_id"], m["clocks"][f"{clock}_by"]) for m in self.launched().values()}
        return launched <= {(m["run_id"], m["due"]) for m in self.messages() if m["kind"] == "sla_breach" and m["clock"] == clock}

    def judged(self) -> dict[str, list[str]]:
        """Each promised clock that has run out said so once; not before its moment, not later than the clock was known."""
        messages = self.messages()
        breaches = [m for m in messages if m["kind"] == "sla_breach"]
        self.said = len(breaches)
        promised = {
            (m["run_id"], clock, m["clocks"][f"{clock}_by"])
            for m in messages
            for clock in CLOCKS
            if m["clocks"][f"{clock}_by"] is not None and (ms(m["clocks"][f"{clock}_by"]) or 0) <= self.now_ms
        }
        counted = Counter((m["run_id"], m["clock"], m["due"]) for m in breaches)
        return {
            "breach of every clock": [f"never said: {key}" for key in sorted(promised - set(counted))],
            "breach once": [f"said {n} times: {key}" for key, n in sorted(counted.items()) if n != 1],
            "breach of nothing else": [f"not promised: {key}" for key in sorted(set(counted) - promised)],
            "breach in time": list(self._untimely(breaches)),
        }

    def _untimely(self, breaches: list[dict[str, Any]]) -> Iterator[str]:
        for m in breaches:
            due, at = ms(m["due"]), ms(m["time"])
            assert due is not None
            assert at is not None
            known = min(moment for moment in self._moved if moment >= due)
            if not due <= at <= known:
                yield f"{m['run_id']} {m['clock']}: due {m['due']}, said at {m['time']}, the clock came by at {rfc3339(known)}"


def _down_across(stage: Stage, timers: _Timers, draw: Random) -> None:
    for number in (0, 1):
        stage.fleet.kill(number)
    late_ms = draw.randrange(5, 40) * MINUTE_MS
    timers.move(timers.last_due("acknowledge") + late_ms)
    stage.must("nobody says anything while all are down", holds=not timers.all_breached("acknowledge"))
    stage.fleet.start(0)
    stage.fleet.start(1)
    stage.wait(lambda: timers.all_breached("acknowledge"), "every acknowledge clock's breach", 90)
    stage.did(f"all workers down across the acknowledge deadlines, for {late_ms // MINUTE_MS} minutes")


def _in_a_rebalance(stage: Stage, timers: _Timers, draw: Random) -> None:
    """The clock passes the deadlines while a third worker's join has partitions between two owners."""
    stage.fleet.start(2)
    before = stage.fleet.said(0).count(REBALANCING)
    stage.wait(lambda: stage.fleet.said(0).count(REBALANCING) > before, "worker 0 is in a rebalance", 60)
    timers.move(timers.last_due("act") + draw.randrange(1, 30) * MINUTE_MS)
    stage.wait(lambda: timers.all_breached("act"), "every act clock's breach", 90)
    stage.did("the act deadlines passed in the rebalance of a third worker's join")


def _two_believe(stage: Stage, timers: _Timers, draw: Random) -> None:
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


def _tickets(draw: Random) -> Workload:
    """One urgent ticket for each of some accounts, all within a second before the clock begins."""
    work = Workload(PARTITIONS, BEGIN_MS + 3 * 86_400_000, {"accounts": [], "tickets": []})
    for index in range(ACCOUNTS):
        account_id = f"acct-{index:05d}"
        touch = draw.choice(("high", "mid", "tech"))
        facts = {
            "accounts": {"type": "account.created", "name": f"Company {index}", "touch_model": touch, "timezone": "Europe/Berlin"},
            "tickets": {"type": "ticket.created", "ticket_id": f"t-{index}", "priority": "P1"},
        }
        for topic, fields in facts.items():
            event = {
                "event_id": f"{topic}-{index}",
                "account_id": account_id,
                "source": "workload",
                "occurred_at": rfc3339(BEGIN_MS),
                **fields,
            }
            key = account_id.encode()
            work.topics[topic].append(Planned(topic, partition_of(key, PARTITIONS), key, json.dumps(event).encode(), "event", event))
    assert fold(work.log(), work.until_ms).router.launches
    return work
