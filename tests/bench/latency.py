"""From the append of a P1 ticket to its launch in the hands of a read-committed consumer, while 2,000 events/s flow.

    python -m tests.bench.latency [--quick] [--json]

Default settings, four partitions, one worker, live; the publisher is a process of its own. Times are wall clock on one machine.
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
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from streams.broker.ladder import running_kafka
from tests.bench.measuring import cpu_seconds, free_port, metric
from tests.bench.run import PARTITIONS, apply_topics, settings
from tests.faults.workers import PLAYCALL

RATE, TICKETS_PER_S, ACCOUNTS = 2_000, 5, 5_000
WARM_UP_S, AFTERWARDS_S = 10.0, 5.0
TICK_S = 0.02
BAR_S = 1.0


def publish(bootstrap: str, prefix: str, seconds: float) -> None:
    """The publishers: usage at the rate, and P1 tickets evenly between, each at its time of occurring."""
    asyncio.run(_publish(bootstrap, prefix, seconds))


async def _publish(bootstrap: str, prefix: str, seconds: float) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    draw, begun, sent, tickets = Random(1), time.monotonic(), 0, 0
    try:
        while (now := time.monotonic() - begun) < seconds:
            while sent < now * RATE:
                use = {"type": "feature.used", "user_id": f"u{draw.randrange(30)}", "feature": "reports.export", "quantity": 1}
                await _send(producer, prefix + "product-usage", f"e{sent}", f"acct-{draw.randrange(ACCOUNTS):06d}", use)
                sent += 1
            while tickets < now * TICKETS_PER_S:
                ticket = {"type": "ticket.created", "ticket_id": f"T-{tickets}", "priority": "P1"}
                await _send(producer, prefix + "tickets", f"t{tickets}", f"acct-{tickets:06d}", ticket)
                tickets += 1
            await asyncio.sleep(TICK_S)
        await producer.flush()
    finally:
        await producer.stop()


async def _send(producer: AIOKafkaProducer, topic: str, event_id: str, account: str, fields: dict[str, Any]) -> None:
    now_ns = time.time_ns()
    when = datetime.fromtimestamp(now_ns / 1e9, UTC).isoformat(timespec="milliseconds")
    event = {"event_id": event_id, "account_id": account, "occurred_at": when, "source": "bench", **fields}
    await producer.send(topic, orjson.dumps(event), key=account.encode(), timestamp_ms=now_ns // 1_000_000)


async def listen(bootstrap: str, topic: str, publishing: Callable[[], bool]) -> dict[str, int]:
    """Epoch milliseconds at which each ticket's launch was read, while publishing goes on and some seconds longer."""
    options = {"isolation_level": "read_committed", "auto_offset_reset": "none", "fetch_max_wait_ms": 100}
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, **options)
    await consumer.start()
    found: dict[str, int] = {}
    try:
        partitions = [TopicPartition(topic, p) for p in range(PARTITIONS)]
        consumer.assign(partitions)
        for partition in partitions:
            consumer.seek(partition, 0)
        end = time.monotonic() + AFTERWARDS_S
        while time.monotonic() < end:
            if publishing():
                end = time.monotonic() + AFTERWARDS_S
            for records in (await consumer.getmany(timeout_ms=100)).values():
                now_ms = time.time_ns() // 1_000_000
                for record in records:
                    message = orjson.loads(record.value)
                    if message["kind"] == "launched" and message["rules"] == ["T07"]:
                        found.setdefault(message["subject"]["id"], now_ms)
    finally:
        await consumer.stop()
    return found


async def appended(bootstrap: str, topic: str) -> dict[str, int]:
    """Epoch milliseconds of each ticket's record."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="none")
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, p) for p in range(PARTITIONS)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        for partition in partitions:
            consumer.seek(partition, 0)
        found = {}
        while not all([(await consumer.position(p)) >= ends[p] for p in partitions]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found.update({orjson.loads(r.value)["ticket_id"]: r.timestamp for r in records})
        return found
    finally:
        await consumer.stop()


def measure(bootstrap: str, folder: Path, seconds: float, say: Callable[[str], None]) -> dict[str, Any]:
    """Latencies of the tickets after the warm-up."""
    prefix, port = f"l{uuid.uuid4().hex[:6]}.", free_port()
    apply_topics(bootstrap, prefix)
    environ = {**settings(bootstrap, prefix, "app", 0), "PLAYCALL_HTTP_PORT": str(port)}
    del environ["PLAYCALL_UNTIL"]
    publisher = get_context("spawn").Process(target=publish, args=(bootstrap, prefix, WARM_UP_S + seconds))
    with (folder / "latency-worker.log").open("wb") as log:
        worker = subprocess.Popen([PLAYCALL, "worker"], env=environ, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_live(port, worker)
        say("worker is live; publishing")
        publisher.start()
        cpu, begun = cpu_seconds(worker.pid), time.monotonic()
        read = asyncio.run(listen(bootstrap, prefix + "play-launches", publisher.is_alive))
        cpu = (cpu_seconds(worker.pid) - cpu) / (time.monotonic() - begun)
    finally:
        if publisher.is_alive():
            publisher.kill()
        worker.terminate()
        try:
            code = worker.wait(20)
        except subprocess.TimeoutExpired:
            worker.kill()
            code = worker.wait()
    sent = asyncio.run(appended(bootstrap, prefix + "tickets"))
    first_ms = min(sent.values()) + WARM_UP_S * 1000
    latencies = sorted((read[t] - at) / 1000 for t, at in sent.items() if t in read and at >= first_ms)
    return {
        "tickets": len(latencies),
        "missing": len(set(sent) - set(read)),
        "p50_s": _percentile(latencies, 0.50),
        "p90_s": _percentile(latencies, 0.90),
        "p99_s": _percentile(latencies, 0.99),
        "max_s": latencies[-1] if latencies else None,
        "worker_cpu_share": round(cpu, 3),
        "exit_code": code,
    }


def wait_live(port: int, worker: subprocess.Popen[bytes], at_most_s: float = 60.0) -> None:
    """Until the worker has all its tasks and none of them is catching up."""
    end = time.monotonic() + at_most_s
    while time.monotonic() < end and worker.poll() is None:
        if metric(port, "playcall_recovery_seconds_count") >= PARTITIONS and metric(port, "playcall_catching_up") == 0:
            return
        time.sleep(0.2)
    raise RuntimeError(f"the worker is not live after {at_most_s:.0f} s (exit {worker.poll()})")


def _percentile(ordered: list[float], share: float) -> float | None:
    """Nearest rank: the smallest value with at least this share at or below it."""
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))] if ordered else None


def main() -> int:
    """Exit code 0 if every ticket was launched."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--quick", action="store_true", help="15 seconds")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything started is stopped

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="playcall-latency-") as folder, running_kafka(say) as kafka:
        say(str(kafka))
        figures = measure(kafka.bootstrap, Path(folder), 15.0 if args.quick else args.seconds, say)
    if args.json:
        print(json.dumps(figures, indent=2))
    else:
        print(f"  {RATE:,} events/s on {PARTITIONS} partitions, {figures['tickets']} P1 tickets, {figures['missing']} without a launch")
        print(f"  append to launch read: p50 {figures['p50_s']} s, p90 {figures['p90_s']} s, p99 {figures['p99_s']} s (bar {BAR_S} s), "
              f"max {figures['max_s']} s; worker took {100 * figures['worker_cpu_share']:.0f} % of a core")  # fmt: skip
    return 0 if figures["missing"] == 0 and figures["tickets"] else 1


if __name__ == "__main__":
    sys.exit(main())
