"""What an event costs: CPU per committed event, events per second, recovery, bytes at rest, beside the same job elsewhere.

    python -m tests.bench.run [--quick] [--json]

One worker reads a finished log of usage events, with every account having profile, contract and armed deadlines and the
library active; its triggers must be those of the reference. Broker, loader and worker share the machine.
"""

import argparse
import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from streams.broker.ladder import running_kafka
from tests.bench.load import DAYS, Load, write
from tests.bench.worker_run import Cost, recoveries, run_command, run_worker
from tests.faults import checks
from tests.faults.seen import CURSOR, Seen, look
from tests.faults.workers import PLAYCALL
from tests.oracle.days import rfc3339
from tests.oracle.fold import Outcome, fold
from tests.oracle.reference_library import write_library
from tests.oracle.reference_policy import write_policy

PARTITIONS = 4
SAMPLE = 100_000
CPU_BAR_US, RECOVERY_BAR = 30.0, 100_000
PEER = Path(__file__).with_name("peers") / "stock_faust.py"


def settings(bootstrap: str, prefix: str, app: str, until_ms: int) -> dict[str, str]:
    """Environment of a worker: defaults but for the connection, the end, and a go-live before the history."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLAYCALL_") or name == "PLAYCALL_CACHE_DIR"}
    return {
        **kept,
        "PLAYCALL_BOOTSTRAP": bootstrap,
        "PLAYCALL_APP_ID": prefix + app,
        "PLAYCALL_TOPIC_PREFIX": prefix,
        "PLAYCALL_PARTITIONS": str(PARTITIONS),
        "PLAYCALL_RULES": "core",  # what the oracle knows
        "PLAYCALL_GO_LIVE_AT": "2000-01-01T00:00:00Z",
        "PLAYCALL_UNTIL": rfc3339(until_ms),
    }


def as_the_reference(folder: Path) -> dict[str, str]:
    """Settings for a comparison with the reference: it knows neither exits nor suppression nor what people hold."""
    return {
        "PLAYCALL_LIBRARY": str(write_library(folder).resolve()),
        "PLAYCALL_POLICY": str(write_policy(folder).resolve()),
        "PLAYCALL_ROSTER": "off",
    }


def apply_topics(bootstrap: str, prefix: str) -> None:
    """Create all topics of a prefix."""
    subprocess.run([PLAYCALL, "topics", "apply"], env=settings(bootstrap, prefix, "setup", 0), check=True, stdout=subprocess.DEVNULL)


def measure(bootstrap: str, folder: Path, usage: int, accounts: int, say: Callable[[str], None]) -> dict[str, Any]:
    """All figures, by name."""
    prefix, counted = f"b{uuid.uuid4().hex[:6]}.", f"c{uuid.uuid4().hex[:6]}."
    apply_topics(bootstrap, prefix)
    apply_topics(bootstrap, counted)
    load = asyncio.run(write(bootstrap, prefix, PARTITIONS, usage, accounts, seed=1))
    total = len(load.records)
    say(f"{total:,} records written, usage events of {load.mean_bytes:.0f} bytes")
    environ = {**settings(bootstrap, prefix, "app", load.until_ms), **as_the_reference(folder)}
    cost = run_worker(environ, folder / "worker.log", 1800)
    say(f"worker: exit {cost.code} after {cost.seconds:.0f} s")
    again = run_worker(environ, folder / "recovery.log", 300)
    figures: dict[str, Any] = {
        "records": total,
        "usage_events": usage,
        "event_bytes": round(load.mean_bytes, 1),
        "accounts": accounts,
        "exit_codes": [cost.code, again.code],
        **_figures(cost, total),
        "resident_bytes": cost.resident_bytes,
    }
    records, seconds = recoveries(folder / "recovery.log")
    seen = asyncio.run(look(bootstrap, prefix, PARTITIONS))
    cells = len(seen.state) - len(seen.cursors)
    figures |= {"recovery_records": records, "recovery_seconds": seconds, "recovery_cells": cells}
    figures["recovery_cells_per_second"] = round(cells / seconds) if seconds else 0
    figures["recovery_records_per_second"] = round(records / seconds) if seconds else 0
    at_rest = sum(len(key) + len(value) for (_, key), value in seen.state.items() if key != CURSOR)
    figures["bytes_per_account"] = round(at_rest / accounts)
    job = [sys.executable, "-m", "tests.bench.counting"]
    count_environ = {**settings(bootstrap, prefix, "count", load.until_ms), "BENCH_OUTPUT_PREFIX": counted}
    product_usage = sum(record.topic == "product-usage" for record in load.records)
    figures["count_only"] = _figures(run_command(job, count_environ, folder / "counting.log", 900), product_usage)
    say("count-only done; now stock Faust")
    figures["stock_faust"] = stock_faust(bootstrap, folder, accounts, min(SAMPLE, usage))
    say("comparing with the reference")
    begun = time.monotonic()
    outcome = fold(load.records, load.until_ms)
    figures |= {"oracle_seconds": round(time.monotonic() - begun, 1), "day_closes": outcome.day_closes}
    figures["differences"] = differences(seen, outcome, load)
    figures["triggers"] = len(outcome.triggers)
    return figures


def _figures(cost: Cost, records: int) -> dict[str, Any]:
    rate, cpu_us = cost.steady()
    return {
        "seconds": round(cost.seconds, 1),
        "cpu_seconds": round(cost.cpu_s, 1),
        "cpu_us_per_event": round(1e6 * cost.cpu_s / records, 1),
        "steady_cpu_us_per_event": round(cpu_us, 1),
        "steady_events_per_second": round(rate),
    }


def differences(seen: Seen, outcome: Outcome, load: Load) -> list[str]:
    """Triggers, runs, state and lag against the reference."""
    return [
        *checks.triggers_are_the_set(seen, outcome),
        *checks.runs_are_one_each(seen, outcome),
        *checks.state_is_the_fold(seen, outcome),
        *checks.lag_is_zero(seen),
    ]


def stock_faust(bootstrap: str, folder: Path, accounts: int, sample: int) -> dict[str, Any]:
    """The count-only job on a stock Faust table: a sample, for it takes its time."""
    prefix = f"p{uuid.uuid4().hex[:6]}."
    apply_topics(bootstrap, prefix)
    asyncio.run(write(bootstrap, prefix, PARTITIONS, sample, accounts, seed=1, usage_only=True))
    environ = {
        **os.environ,
        "PEER_BOOTSTRAP": bootstrap,
        "PEER_GROUP": prefix + "peer",
        "PEER_TOPIC": prefix + "product-usage",
        "PEER_PARTITIONS": str(PARTITIONS),
        "PEER_EVENTS": str(sample),
    }
    command = [sys.executable, str(PEER), "worker", "--without-web", "-l", "warn"]
    try:
        done = subprocess.run(command, env=environ, cwd=folder, capture_output=True, text=True, timeout=400, check=False)
    except subprocess.TimeoutExpired:
        return {"error": "not done after 400 s"}
    result = re.search(r"RESULT (\d+) ([\d.]+) ([\d.]+)", done.stdout + done.stderr)  # Faust's log may take the line over
    if result is None:
        return {"error": (done.stderr or done.stdout)[-400:]}
    events_, seconds, cpu = int(result[1]), float(result[2]), float(result[3])
    return {"events": events_, "events_per_second": round(events_ / seconds), "cpu_us_per_event": round(1e6 * cpu / events_, 1)}


def table(figures: dict[str, Any]) -> str:
    """The figures for people, with the bars."""
    count, peer = figures["count_only"], figures["stock_faust"]
    recovery = (
        f"{figures['recovery_records_per_second']:,} cells/s read (bar {RECOVERY_BAR:,}): {figures['recovery_records']:,} in "
        f"{figures['recovery_seconds']:.2f} s, of which {figures['recovery_cells']:,} live (the state was not compacted yet)"
    )
    ours = f"{count['steady_events_per_second']:,} events/s, {count['steady_cpu_us_per_event']} us ({count['cpu_us_per_event']} all in)"
    stock = peer.get("error") or (
        f"{peer['events_per_second']:,} events/s, {peer['cpu_us_per_event']} us, sample of {peer['events']:,}, not exactly once"
    )
    rows = [
        ("records", f"{figures['records']:,} ({figures['usage_events']:,} usage events of {figures['event_bytes']} bytes)"),
        ("accounts, day closes", f"{figures['accounts']:,}, {figures['day_closes']:,} over {DAYS} days"),
        ("CPU per event, all in", f"{figures['cpu_us_per_event']} us (bar {CPU_BAR_US:.0f}), start and end included"),
        ("CPU per event, steady", f"{figures['steady_cpu_us_per_event']} us"),
        ("events per second, steady", f"{figures['steady_events_per_second']:,}"),
        ("wall time", f"{figures['seconds']} s from start to exit"),
        ("triggers", f"{figures['triggers']:,}, {len(figures['differences'])} differences to the reference"),
        ("recovery", recovery),
        ("at rest", f"{figures['bytes_per_account']:,} bytes per account"),
        ("memory", f"{figures['resident_bytes'] / 2**20:.0f} MiB at most"),
        ("count-only, ours", f"{ours}, exactly once"),
        ("count-only, stock Faust", stock),
    ]
    lines = [f"  {name:<27} {value}" for name, value in rows]
    return "\n".join([*lines, *(f"      {text}" for text in figures["differences"][:12])])


def main() -> int:
    """Exit code 0 if the triggers are right; the bars are printed, not enforced: they depend on the machine."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("--folder", type=Path, default=None, help="where the logs go; a temporary folder if not given")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything started is stopped
    usage, accounts = (args.events // 10, args.accounts // 10) if args.quick else (args.events, args.accounts)
    folder = args.folder or Path(tempfile.mkdtemp(prefix="playcall-bench-"))
    folder.mkdir(parents=True, exist_ok=True)

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    say(f"logs in {folder}")
    with running_kafka(say) as kafka:
        say(str(kafka))
        figures = measure(kafka.bootstrap, folder, usage, accounts, say)
    print(json.dumps(figures, indent=2) if args.json else table(figures))
    return 0 if not figures["differences"] and figures["exit_codes"] == [0, 0] else 1


if __name__ == "__main__":
    sys.exit(main())
