"""100,000 open runs in one worker: how late their timers are, how long a restart takes, what a run weighs.

    python -m tests.bench.open_runs [--runs 100000] [--timers 500] [--seconds 60] [--json]

Runs with a month to act are opened first and rest. Then short ones, of a minute to act, are asked for at a pace at which their clocks,
with all the levels of their ladders, make about `--timers` timers a second. A timer's lateness is from the moment it was due, to the
millisecond, to the append of the message that says so, by the broker's clock. One worker, four partitions, roster and all.
"""

import argparse
import asyncio
import json
import signal
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from aiokafka import AIOKafkaProducer

from schemas.records.wire import epoch_ms
from streams.broker.ladder import running_kafka
from tests.bench.measuring import cpu_seconds, resident_bytes
from tests.bench.run import apply_topics, settings
from tests.bench.sweep import Live
from tests.desk import Desk, usage_drop
from tests.faults.log_io import read_committed
from tests.faults.waiting import until

RUNS, TIMERS_PER_S, SECONDS = 100_000, 500, 60.0
LAST_TIMERS_S = 250  # a short run has said all it has to say by then
TICK_S = 0.02
BAR_S = 1.0
PLAY, LONG, SHORT = "check-in", "30d", "1m"


def asked(number: int, first_action: str) -> tuple[bytes, bytes]:
    """A request for one run: key and value."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    account = f"{'rest' if first_action == LONG else 'busy'}-{number:06d}"
    event = {
        "event_id": f"r-{account}", "type": "trigger.requested", "account_id": account, "occurred_at": now, "source": "bench",
        "rule": "bench", "concern": "adoption", "priority": "P2", "play": PLAY, "why": "Asked for by the bench.", "owner_role": "csm",
        "first_action": first_action,
    }  # fmt: skip
    return account.encode(), orjson.dumps(event)


async def ask(bootstrap: str, topic: str, requests: Iterator[tuple[bytes, bytes]], per_s: float | None = None) -> None:
    """Publish requests, all at once or at a pace."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, linger_ms=5)
    await producer.start()
    begun = time.monotonic()
    try:
        for count, (key, value) in enumerate(requests, 1):
            await producer.send(topic, value, key=key)
            if per_s is not None and (ahead_s := count / per_s - (time.monotonic() - begun)) > TICK_S:
                await asyncio.sleep(ahead_s)
        await producer.flush()
    finally:
        await producer.stop()


def opened(bootstrap: str, topic: str) -> int:
    """How many runs were launched."""
    return sum(orjson.loads(r.value or b"{}").get("kind") == "launched" for r in asyncio.run(read_committed(bootstrap, topic)))


def measure(bootstrap: str, folder: Path, runs: int, timers_per_s: int, seconds: float, say: Callable[[str], None]) -> dict[str, Any]:
    """All figures, by name."""
    prefix = f"o{uuid.uuid4().hex[:6]}."
    apply_topics(bootstrap, prefix)
    environ = settings(bootstrap, prefix, "app", 0)
    del environ["PLAYCALL_UNTIL"]
    requests, launches = prefix + "trigger-requests", prefix + "play-launches"
    live = Live(environ, folder)
    figures: dict[str, Any] = {"runs": runs}
    try:
        live.start()
        live.until_live()
        begun, spent = time.monotonic(), cpu_seconds(_pid(live))
        asyncio.run(ask(bootstrap, requests, (asked(number, LONG) for number in range(runs))))
        until(lambda: live.metric("playcall_runs_opened_total") >= runs, 1200, "all runs are open")
        figures["open_s"] = round(time.monotonic() - begun, 1)
        figures["cpu_us_per_launch"] = round(1e6 * (cpu_seconds(_pid(live)) - spent) / runs)
        say(f"{runs:,} runs open after {figures['open_s']} s; restarting")
        state = {r.key: r.value for r in asyncio.run(read_committed(bootstrap, prefix + "state"))}
        weights = [len(key or b"") + len(value) for key, value in state.items() if value is not None and (key or b"").endswith(b"\x00runs")]
        figures["bytes_per_run"] = round(sum(weights) / len(weights))
        kept = [len(key or b"") + len(value) for key, value in state.items() if value is not None and b"\x00" in (key or b"")]
        figures["bytes_per_account"] = round(sum(kept) / runs)
        live.stop()
        begun = time.monotonic()
        live.start()
        live.until_live()
        figures["restart_to_live_s"] = round(time.monotonic() - begun, 1)
        say(f"live again after {figures['restart_to_live_s']} s; short runs at a pace of about {timers_per_s} timers/s")
        warm_ms = time.time_ns() // 1_000_000
        spent, begun = cpu_seconds(_pid(live)), time.monotonic()
        pace = timers_per_s / timers_of_a_short_run()
        count = int(pace * (seconds + LAST_TIMERS_S))
        asyncio.run(ask(bootstrap, requests, (asked(number, SHORT) for number in range(count)), per_s=pace))
        figures["worker_cpu_share"] = round((cpu_seconds(_pid(live)) - spent) / (time.monotonic() - begun), 3)
        figures["resident_mib"] = round(resident_bytes(_pid(live)) / 2**20)
        # the pace is whole only when the first short runs have come to their last timers
        full_from, full_to = warm_ms + LAST_TIMERS_S * 1000, time.time_ns() // 1_000_000
        figures["exit_code"] = live.stop()
    finally:
        if live.process is not None and live.process.poll() is None:
            live.process.kill()
            live.process.wait()
    late, kinds = [], Counter[str]()
    for record in asyncio.run(read_committed(bootstrap, launches)):
        message = orjson.loads(record.value or b"{}")
        due = message.get("due")
        if due is not None and message["account_id"].startswith("busy-"):
            due_ms = epoch_ms(datetime.fromisoformat(due))
            if full_from <= due_ms < full_to - 2000:
                late.append((record.timestamp_ms - due_ms) / 1000)
                kinds[message["kind"]] += 1
    late.sort()
    figures |= {
        "timers": len(late), "timers_per_s": round(len(late) / ((full_to - full_from) / 1000)), "kinds": dict(kinds),
        **{f"p{p}_s": _nearest(late, p / 100) for p in (50, 90, 99)}, "max_s": late[-1] if late else None,
    }  # fmt: skip
    return figures


def timers_of_a_short_run() -> int:
    """How many messages with a due moment one short run makes until it is quiet."""
    desk = Desk()
    desk.trigger(usage_drop("bench", play=PLAY, first_action=SHORT))
    return sum(message.due is not None for message in desk.advance(LAST_TIMERS_S * 1000))


def _pid(live: Live) -> int:
    assert live.process is not None
    return live.process.pid


def _nearest(ordered: list[float], share: float) -> float | None:
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))] if ordered else None


def main() -> int:
    """Exit code 0 if timers were on time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--timers", type=int, default=TIMERS_PER_S)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything started is stopped

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="playcall-runs-") as folder, running_kafka(say) as kafka:
        say(str(kafka))
        figures = measure(kafka.bootstrap, Path(folder), args.runs, args.timers, args.seconds, say)
    if args.json:
        print(json.dumps(figures, indent=2))
    else:
        print(f"  {figures['runs']:,} runs opened in {figures['open_s']} s, {figures['cpu_us_per_launch']} us of CPU each")
        print(f"  {figures['bytes_per_run']:,} bytes per run, {figures['bytes_per_account']:,} per account with all its cells")
        print(f"  restart to live {figures['restart_to_live_s']} s")
        print(f"  {figures['timers']:,} timers at {figures['timers_per_s']}/s: late p50 {figures['p50_s']} s, p99 {figures['p99_s']} s "
              f"(bar {BAR_S} s), max {figures['max_s']} s; worker took {100 * figures['worker_cpu_share']:.0f} % of a core")  # fmt: skip
    return 0 if figures["p99_s"] is not None and figures["p99_s"] < BAR_S else 1


if __name__ == "__main__":
    sys.exit(main())
