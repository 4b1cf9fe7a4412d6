"""One worker process, measured from start to exit."""

import json
import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tests.bench.measuring import Sample, cpu_seconds, free_port, metric, resident_bytes
from tests.faults.workers import PLAYCALL

EVERY_S = 0.5


@dataclass
class Cost:
    """What it took. The steady part is between the first commit seen and the last, without start and end."""

    code: int
    seconds: float
    cpu_s: float
    resident_bytes: int
    samples: list[Sample] = field(default_factory=list)

    def steady(self) -> tuple[float, float]:
        """(records per second, CPU microseconds per record) between the first and the last sample in which work went on."""
        busy = [s for s in self.samples if s.committed > 0]
        last = max((s.committed for s in busy), default=0)
        busy = [s for s in busy if s.committed < last] or busy
        if len(busy) < 2 or busy[-1].committed == busy[0].committed:
            return 0.0, 0.0
        records = busy[-1].committed - busy[0].committed
        return records / (busy[-1].at_s - busy[0].at_s), 1e6 * (busy[-1].cpu_s - busy[0].cpu_s) / records


def run_command(command: Sequence[str | Path], environ: dict[str, str], log: Path, at_most_s: float) -> Cost:
    """Run until it exits by itself; killed, with code -9, when the time is up. PLAYCALL_HTTP_PORT is set here."""
    port = free_port()
    begun = time.monotonic()
    samples: list[Sample] = []
    resident = 0
    with log.open("wb") as out:
        process = subprocess.Popen(command, env={**environ, "PLAYCALL_HTTP_PORT": str(port)}, stdout=out, stderr=subprocess.STDOUT)
    try:
        while True:
            # wait4 both tells whether it is over and what it cost, so that nothing is missed at the end
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                process.returncode = os.waitstatus_to_exitcode(status)
                return Cost(process.returncode, time.monotonic() - begun, usage.ru_utime + usage.ru_stime, resident, samples)
            if time.monotonic() - begun > at_most_s:
                process.kill()
            committed = int(metric(port, "playcall_committed_events_total"))
            samples.append(Sample(time.monotonic(), cpu_seconds(process.pid), committed))
            resident = max(resident, resident_bytes(process.pid))
            time.sleep(EVERY_S)
    finally:
        if process.returncode is None:
            process.kill()
            process.wait()


def run_worker(environ: dict[str, str], log: Path, at_most_s: float) -> Cost:
    """`playcall worker` with these settings."""
    return run_command([PLAYCALL, "worker"], environ, log, at_most_s)


def recoveries(log: Path) -> tuple[int, float]:
    """(state records read, seconds from the assignment to the last partition ready), from a worker's log."""
    begun: datetime | None = None
    ended: datetime | None = None
    records = 0
    for line in log.read_text(encoding="utf-8").splitlines():
        if not line.startswith("{"):
            continue
        entry = json.loads(line)
        if entry["event"] == "assigned" and begun is None:
            begun = datetime.fromisoformat(entry["timestamp"])
        elif entry["event"] == "recovered":
            ended = datetime.fromisoformat(entry["timestamp"])
            records += entry["records"]
    return records, (ended - begun).total_seconds() if begun is not None and ended is not None else 0.0
