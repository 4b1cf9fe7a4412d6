"""Hurts workers on a real Kafka while they read a finished history, then compares everything with the reference.

python -m tests.faults.run --seed 7 --faults 12
"""

import argparse
import asyncio
import json
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from streams.broker.ladder import running_kafka
from tests.faults import checks
from tests.faults.log_io import write
from tests.faults.seen import Seen, look
from tests.faults.workers import PLAYCALL, SESSION_MS, Fleet, hurt
from tests.faults.workload import Workload, build
from tests.oracle.days import rfc3339
from tests.oracle.fold import Outcome, fold

SECONDS_PER_FAULT = 11.0
AT_MOST_S = 900.0
SHOWN = 12


@dataclass
class Report:
    """The result of a run: differences by invariant, and what happened on the way."""

    seed: int
    events: int
    triggers: int
    launches: int
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)
    exits: list[tuple[int, int]] = field(default_factory=list)
    differences: dict[str, list[str]] = field(default_factory=dict)

    @property
    def exact(self) -> bool:
        return not any(self.differences.values())

    def as_json(self) -> str:
        return json.dumps({**vars(self), "exact": self.exact}, indent=2)

    def as_text(self) -> str:
        lines = [f"seed {self.seed}: {self.events:,} events, {self.triggers:,} triggers, {self.launches:,} runs, {self.seconds:.0f} s"]
        lines += [f"  fault {n:2}  {what}" for n, what in enumerate(self.faults, 1)]
        if self.exits:
            lines.append(f"  exits nobody asked for (worker, code): {self.exits}")
        for name, found in self.differences.items():
            lines.append(f"  {name:<28} {'exact' if not found else f'{len(found)} differences'}")
            lines += [f"      {text}" for text in found[:SHOWN]]
        return "\n".join([*lines, "EXACT" if self.exact else "DIFFERENT"])


def run(bootstrap: str, work: Workload, seed: int, faults: int, folder: Path, say: Callable[[str], None]) -> Report:
    """One fault run on a broker that is there; logs go to `folder`."""
    draw = Random(seed)
    outcome = fold(work.log(), work.until_ms)
    events = sum(work.count(topic, "event", "bad", "ignored") for topic in work.topics)
    report = Report(seed, events, len(outcome.triggers), len(outcome.router.launches))
    begun = time.monotonic()
    prefix = f"f{uuid.uuid4().hex[:8]}."
    rate = max(300, round(events / (max(faults, 1) * SECONDS_PER_FAULT) / 2))
    settings = {
        "PLAYCALL_BOOTSTRAP": bootstrap,
        "PLAYCALL_APP_ID": prefix + "app",
        "PLAYCALL_TOPIC_PREFIX": prefix,
        "PLAYCALL_PARTITIONS": str(work.partitions),
        "PLAYCALL_SESSION_TIMEOUT_MS": str(SESSION_MS),
        "PLAYCALL_HEARTBEAT_INTERVAL_MS": "1500",
        "PLAYCALL_GO_LIVE_AT": "2000-01-01T00:00:00Z",
        "PLAYCALL_UNTIL": rfc3339(work.until_ms),
        "PLAYCALL_CATCH_UP_RATE": str(rate),
        "PLAYCALL_HTTP_PORT": "none",
    }
    fleet = Fleet(settings, folder)
    subprocess.run([PLAYCALL, "topics", "apply"], env=fleet.environ(), check=True, stdout=subprocess.DEVNULL)
    written = asyncio.run(write(bootstrap, prefix, work))
    say(f"{written:,} records written in {time.monotonic() - begun:.0f} s; workers at {rate:,} events/s each")
    try:
        _work(fleet, draw, report, faults, say)
        fleet.settings = {**settings, "PLAYCALL_CATCH_UP_RATE": "0"}
        done = fleet.wait_finished(AT_MOST_S)
        seen = asyncio.run(look(bootstrap, prefix, work.partitions))
        report.differences = compare(seen, work, outcome)
        report.differences["finished"] = [] if done else [f"not finished after {AT_MOST_S:.0f} s, logs in {folder}"]
        report.differences["I7 recovery changes nothing"] = _recover_twice(fleet, bootstrap, prefix, work, seen) if done else ["not tried"]
    finally:
        fleet.stop()
    report.exits, report.seconds = fleet.exits, time.monotonic() - begun
    return report


def compare(seen: Seen, work: Workload, outcome: Outcome) -> dict[str, list[str]]:
    """Every invariant that can be read off the topics."""
    return {
        "I1 state": checks.state_is_the_fold(seen, outcome),
        "I2 triggers": checks.triggers_are_the_set(seen, outcome),
        "I3 runs": checks.runs_are_one_each(seen, outcome),
        "I5 inputs": checks.inputs_add_up(seen, work, outcome),
        "I6 lag": checks.lag_is_zero(seen),
    }


def _work(fleet: Fleet, draw: Random, report: Report, faults: int, say: Callable[[str], None]) -> None:
    fleet.start(0)
    fleet.start(1)
    time.sleep(draw.uniform(3, 8))
    for number in range(1, faults + 1):
        what = hurt(fleet, draw)
        report.faults.append(what)
        say(f"fault {number}: {what}")
        time.sleep(draw.uniform(2, 7))
        for revived in fleet.revive(finished_too=number < faults):
            say(f"worker {revived} had exited and was started again")


def _recover_twice(fleet: Fleet, bootstrap: str, prefix: str, work: Workload, before: Seen) -> list[str]:
    found: list[str] = []
    fingerprint = before.fingerprint()
    for _ in range(2):
        fleet.revive(finished_too=True)
        if not fleet.wait_finished(180):
            return [*found, "a recovery did not finish within 180 s"]
        found += checks.nothing_changed(fingerprint, asyncio.run(look(bootstrap, prefix, work.partitions)).fingerprint())
    return found


def main() -> int:
    """Exit code 0 only if not one difference was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=int, default=12)
    parser.add_argument("--events", type=int, default=310_000, help="about so many events that count")
    parser.add_argument("--accounts", type=int, default=600)
    parser.add_argument("--folder", type=Path, default=None, help="where the workers' logs go; a temporary folder if not given")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything started is stopped

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    folder = args.folder or Path(tempfile.mkdtemp(prefix="playcall-faults-"))
    folder.mkdir(parents=True, exist_ok=True)
    say(f"building the history; worker logs in {folder}")
    work = build(args.seed, args.accounts, args.events)
    with running_kafka(say) as kafka:
        say(str(kafka))
        report = run(kafka.bootstrap, work, args.seed, args.faults, folder, say)
    print(report.as_json() if args.json else report.as_text())
    return 0 if report.exact else 1


if __name__ == "__main__":
    sys.exit(main())
