"""What bad input costs: a live worker under steady good events, alone and with 1,000 bad records a second mixed in.

    python -m tests.bench.bad_input [--quick] [--json]

Default settings, four partitions, one worker; the publisher is a process of its own. The bad records are those of the corpus
(tests/corpus) that decoding rejects, up to 8 KB, in turn, on the topic of the good ones.
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
from datetime import UTC, datetime
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import orjson
from aiokafka import AIOKafkaProducer

from streams.broker.ladder import running_kafka
from tests.bench.latency import wait_live
from tests.bench.measuring import cpu_seconds, free_port, metric
from tests.bench.run import PARTITIONS, apply_topics, settings
from tests.corpus.everything import corpus
from tests.corpus.nasty import APPLIED, IGNORED, Nasty
from tests.corpus.requests import LATER
from tests.faults.workers import PLAYCALL

GOOD_PER_S, BAD_PER_S, ACCOUNTS = 4_000, 1_000, 5_000
WARM_UP_S = 8.0
TICK_S = 0.02
LARGEST = 8_192
TOPIC = "product-usage"


def bad_records() -> list[Nasty]:
    """What decoding rejects whatever the partition."""
    kept = {APPLIED, IGNORED, *LATER}
    return [one for one in corpus() if one.outcome not in kept and one.value is not None and len(one.value) <= LARGEST]


def publish(bootstrap: str, prefix: str, seconds: float, bad_per_s: int, first: int) -> None:
    """Good usage at its rate, each event at its time of occurring, and so many bad records evenly between."""
    asyncio.run(_publish(bootstrap, prefix + TOPIC, seconds, bad_per_s, first))


async def _publish(bootstrap: str, topic: str, seconds: float, bad_per_s: int, first: int) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, linger_ms=5)
    await producer.start()
    draw, nasty, begun, good, bad = Random(first), cycle(bad_records()), time.monotonic(), 0, 0
    try:
        while (now := time.monotonic() - begun) < seconds:
            when = datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds")
            while good < now * GOOD_PER_S:
                account = f"acct-{draw.randrange(ACCOUNTS):06d}"
                use = {"type": "feature.used", "user_id": f"u{draw.randrange(30)}", "feature": "reports.export", "quantity": 1}
                envelope = {"event_id": f"{first}-{good}", "account_id": account, "occurred_at": when, "source": "bench"}
                await producer.send(topic, orjson.dumps({**envelope, **use}), key=account.encode())
                good += 1
            while bad < now * bad_per_s:
                one = next(nasty)
                await producer.send(topic, one.value, key=one.key, partition=bad % PARTITIONS, headers=list(one.headers))
                bad += 1
            await asyncio.sleep(TICK_S)
        await producer.flush()
    finally:
        await producer.stop()


def measure(bootstrap: str, folder: Path, seconds: float, say: Callable[[str], None]) -> dict[str, Any]:
    """Figures of good events alone, then with bad records between them."""
    prefix, port = f"n{uuid.uuid4().hex[:6]}.", free_port()
    apply_topics(bootstrap, prefix)
    environ = {**settings(bootstrap, prefix, "app", 0), "PLAYCALL_HTTP_PORT": str(port)}
    del environ["PLAYCALL_UNTIL"]
    with (folder / "bad-input-worker.log").open("wb") as log:
        worker = subprocess.Popen([PLAYCALL, "worker"], env=environ, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_live(port, worker)
        figures: dict[str, Any] = {"good_per_s_sent": GOOD_PER_S, "kinds_of_bad_records": len(bad_records())}
        for index, (name, bad_per_s) in enumerate((("alone", 0), ("with_bad", BAD_PER_S))):
            say(f"{GOOD_PER_S:,} good and {bad_per_s:,} bad records/s for {seconds:.0f} s")
            arguments = (bootstrap, prefix, WARM_UP_S + seconds + 2, bad_per_s, index + 1)
            publisher = get_context("spawn").Process(target=publish, args=arguments)
            publisher.start()
            time.sleep(WARM_UP_S)  # measured is the steady part
            begun, cpu, good, dead = time.monotonic(), cpu_seconds(worker.pid), *_counted(port)
            time.sleep(seconds)
            took, cpu = time.monotonic() - begun, cpu_seconds(worker.pid) - cpu
            now_good, now_dead = _counted(port)
            figures[name] = {
                "good_per_s": round((now_good - good) / took),
                "dead_lettered_per_s": round((now_dead - dead) / took),
                "cpu_us_per_record": round(1e6 * cpu / max(1, now_good - good + now_dead - dead), 1),
                "cpu_us_per_good_event": round(1e6 * cpu / max(1, now_good - good), 1),
                "cpu_share_of_a_core": round(cpu / took, 2),
                "lag_records": int(metric(port, "playcall_lag_records")),
            }
            publisher.join()
        figures["worker_alive"] = worker.poll() is None
        return figures
    finally:
        worker.terminate()
        worker.wait()


def _counted(port: int) -> tuple[float, float]:
    applied = r'playcall_inputs_total\{[^}]*outcome="applied"[^}]*\}'
    return metric(port, applied), metric(port, "playcall_dead_letters_total")


def main() -> int:
    """Exit code 0 if the worker lives and lost no throughput of good events."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="10 seconds each in place of 40")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="playcall-bench-"))

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    with running_kafka(say) as kafka:
        figures = measure(kafka.bootstrap, folder, 10.0 if args.quick else 40.0, say)
    if args.json:
        print(json.dumps(figures))
    else:
        for name, figure in figures.items():
            print(f"{name}: {figure}")
    return 0 if figures["worker_alive"] and figures["with_bad"]["good_per_s"] >= 0.97 * GOOD_PER_S else 1


if __name__ == "__main__":
    sys.exit(main())
