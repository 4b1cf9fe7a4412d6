"""Row 17: a handler raises once, raises always, tasks are cancelled from outside, the loop is blocked for 60 s."""

import re
from contextlib import suppress
from random import Random
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from tests.faults.report import Report
from tests.faults.sabotage import testimonies
from tests.faults.stage import Harness, Stage
from tests.faults.waiting import until

FAILED = 3  # exit code of a worker stopped by an error
BLOCK_S = 60.0
PROBE_S = 5.0  # how long a liveness probe waits
PROBES = 3  # so many failures in a row, and the supervisor starts it again
MAY_EXIT = frozenset({0, FAILED})
BEYOND_RECOVERY = 7  # each of four partitions is recovered with a commit
CANCELLED = ("mid-fold", "committing", "agent", "fetcher", "recovery-reading")


def scenario(harness: Harness, report: Report) -> None:
    """One worker at a time, so that nobody else can make good what it leaves."""
    draw = Random(report.seed)
    with harness.stage(report, seconds=120) as stage:
        for point in draw.sample(["mid-fold", "agent"], 2):
            _raises(stage, point, draw)
        _raises_always(stage, draw)
        for point in draw.sample(CANCELLED, len(CANCELLED)):
            _cancelled(stage, point, draw)
        _blocked(stage, draw, killed=False)
        _blocked(stage, draw, killed=True)
        stage.fleet.start(0)
        stage.finish(may_exit=MAY_EXIT)


def _sabotaged(stage: Stage, point: str, nth: int, action: str, **settings: str) -> int:
    """Start worker 0 with a trap; its process id once it has sprung."""
    stage.fleet.start(0, (point, str(nth), action), **settings)
    pid = stage.fleet.workers[0].process.pid
    stage.wait(lambda: pid in testimonies(stage.folder), f"worker 0 comes to {point}", 90)
    return pid


def _raises(stage: Stage, point: str, draw: Random) -> None:
    _sabotaged(stage, point, draw.randint(2, 200) if point == "mid-fold" else 2, "raise")
    code = stage.fleet.workers[0].process.wait(30)
    stage.must(f"an error at {point} ends the process with {FAILED} (it was {code})", holds=code == FAILED)
    stage.must("the last line names the error", holds="Broken: told to break" in stage.fleet.said(0))
    stage.did(f"an error at {point}: exit {code}")


def _raises_always(stage: Stage, draw: Random) -> None:
    """The same record three times: the position may come up to it, and never beyond."""
    stage.fleet.start(0)
    stage.progress(200)
    stage.fleet.terminate(0)
    topic, event_id = _unread(stage, draw)
    stopped_at = []
    for _ in range(3):
        _sabotaged(stage, "record", 1, "raise", FAULTS_RECORD=event_id, PLAYCALL_CATCH_UP_RATE="0")
        code = stage.fleet.workers[0].process.wait(30)
        stage.must(f"a record that always fails ends the process with {FAILED} (it was {code})", holds=code == FAILED)
        partition = _partition(stage, topic, event_id)
        stopped_at.append(stage.watch.cursors()[partition]["offsets"][topic])
    ordinal = sum(1 for r in stage.work.topics[topic] if r.fate != "aborted" and r.partition == partition)
    stage.must(f"the position stays before the record ({stopped_at} of {ordinal})", holds=max(stopped_at) < ordinal)
    stage.did(f"a record of {topic} that always fails, three starts: stopped at {stopped_at}")


def _unread(stage: Stage, draw: Random) -> tuple[str, str]:
    """A ticket of the last tenth of the history, as an event id in quotes: surely not applied yet."""
    tickets = [r.event["event_id"] for r in stage.work.topics["tickets"] if r.fate == "event" and r.event is not None]
    return "tickets", f'"{draw.choice(tickets[len(tickets) * 9 // 10 :])}"'


def _partition(stage: Stage, topic: str, event_id: str) -> int:
    return next(r.partition for r in stage.work.topics[topic] if r.value is not None and event_id.encode() in r.value)


def _cancelled(stage: Stage, point: str, draw: Random) -> None:
    """Either it ends with an error or it goes on: what must not be is a worker that does neither."""
    _sabotaged(stage, point, {"mid-fold": draw.randint(2, 100), "committing": BEYOND_RECOVERY}.get(point, 2), "cancel")
    process, before = stage.fleet.workers[0].process, stage.watch.progress()
    until(
        lambda: process.poll() is not None or stage.watch.progress() > before + 200, 60, f"worker 0 ends or goes on, cancelled at {point}"
    )
    if process.poll() is None:
        code = stage.fleet.terminate(0)
        stage.must(f"cancelled at {point} it goes on and stops in order (it was {code})", holds=code == 0)
        stage.did(f"the task at {point} cancelled: went on")
        return
    stage.must(f"cancelled at {point} it ends with {FAILED} (it was {process.returncode})", holds=process.returncode == FAILED)
    stage.did(f"the task at {point} cancelled: exit {process.returncode}")


def _blocked(stage: Stage, draw: Random, *, killed: bool) -> None:
    """The loop does not turn: the probe must fail; then it goes on, or is killed as a supervisor would."""
    _sabotaged(stage, "mid-fold", draw.randint(2, 200), f"block:{BLOCK_S}", PLAYCALL_HTTP_PORT="0")
    address = re.search(r'"address": "(http://[^"]+)"', stage.fleet.said(0))
    assert address is not None
    failures = [_probe(address[1]) for _ in range(PROBES)]
    stage.must(f"the probe of a blocked worker fails {PROBES} times (it was {failures})", holds=200 not in failures)
    if killed:
        stage.fleet.kill(0)
        stage.did(f"the loop blocked, the probe failed {PROBES} times, killed")
        return
    stage.progress(100, BLOCK_S + 60)
    healthy = until(lambda: _probe(address[1]) == 200, 30, "the probe succeeds again")
    code = stage.fleet.terminate(0)
    stage.must(f"after {BLOCK_S:.0f} s it goes on, is healthy and stops in order (it was {code})", holds=healthy and code == 0)
    stage.did(f"the loop blocked for {BLOCK_S:.0f} s, then went on")


def _probe(address: str) -> int:
    """Status of /healthz; 0 where there is no answer in time."""
    with suppress(URLError, ConnectionError, TimeoutError):
        try:
            with urlopen(address + "/healthz", timeout=PROBE_S) as answer:
                return int(answer.status)
        except HTTPError as problem:
            return problem.code
    return 0
