"""A library gets ten rules while accounts are at rest and events flow: what the sweep costs, and whether it plans each account once.

    python -m tests.bench.sweep [--accounts 100000] [--json]

One worker, four partitions. First ten rules are added in peace: latency of live P1 tickets before and during the sweep, its
duration, CPU per account. Then ten more, with the worker killed -9 twice in the middle. At the end every deadline and every
episode that was opened in silence is compared with a calculation by hand from each account's facts (tests/bench/at_rest.py).
"""

import argparse
import asyncio
import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from multiprocessing.synchronize import Event as Flag
from pathlib import Path
from random import Random
from typing import Any

import orjson
from aiokafka import AIOKafkaProducer

from plays.loading.rules import LIBRARY
from streams.broker.ladder import running_kafka
from streams.engine.deadlines import DEADLINES
from tests.bench.at_rest import DAY_MS, Asked, AtRest, wanted
from tests.bench.latency import appended, listen
from tests.bench.measuring import cpu_seconds, free_port, metric
from tests.bench.run import PARTITIONS, apply_topics, settings
from tests.bench.worker_run import run_worker
from tests.faults.editions import edition, lock
from tests.faults.log_io import read_committed
from tests.faults.waiting import until
from tests.faults.workers import PLAYCALL
from tests.faults.workload import partition_of

RATE, TICKETS_PER_S, LIVE_ACCOUNTS = 500, 10, 2_000
BEFORE_S, TICK_S = 30.0, 0.02
GRACE_S = 5
ADDED = ("J2", "PB1", "T02", "T03", "T04", "T06", "T15", "T19", "T20", "T21")
PLANNING = (
    Asked("J2", "activity", (7, 7), ("tech", "mid")),
    Asked("T06", "feature", (14, 30)),
    Asked("T19", "window", (120, 90)),
    Asked("T20", "window", (90, 60)),
    Asked("T21", "window", (60, 30)),
)
# Ten more: like a rule we have, with other figures. Those that plan nothing for these accounts are there to be asked.
MORE: tuple[tuple[str, str, dict[str, str], Asked | None], ...] = (
    ("X1", "J2", {"days: 7": "days: 14"}, Asked("X1", "activity", (14, 14), ("tech", "mid"))),
    ("X2", "J2", {"days: 7": "days: 30"}, Asked("X2", "activity", (30, 30), ("tech", "mid"))),
    ("X3", "T06", {"days: 14": "days: 21", "days: 30": "days: 45"}, Asked("X3", "feature", (21, 45))),
    ("X4", "T06", {"days: 14": "days: 60", "days: 30": "days: 90"}, Asked("X4", "feature", (60, 90))),
    ("X5", "T19", {"_days: 120": "_days: 150", "_days: 90": "_days: 120"}, Asked("X5", "window", (150, 120))),
    ("X6", "T19", {"_days: 120": "_days: 100", "_days: 90": "_days: 80"}, Asked("X6", "window", (100, 80))),
    ("X7", "T19", {"_days: 120": "_days: 45", "_days: 90": "_days: 10"}, Asked("X7", "window", (45, 10))),
    ("X8", "T15", {"days_after: 7": "days_after: 20"}, None),
    ("X9", "T04", {"floor: 20": "floor: 30"}, None),
    ("X10", "T03", {"days: 7": "days: 9"}, None),
)


def libraries(folder: Path) -> tuple[Path, Path, Path]:
    """Without the ten, with them, and with ten more."""
    few = edition(folder / "few")
    for rule in ADDED:
        (few / f"{rule}.yaml").unlink()
    lock(few)
    full = edition(folder / "full", before=few)
    for rule in ADDED:
        (full / f"{rule}.yaml").write_bytes((LIBRARY / f"{rule}.yaml").read_bytes())
    lock(full)
    more = edition(folder / "more", before=full)
    for rule, model, figures, _ in MORE:
        text = (LIBRARY / f"{model}.yaml").read_text(encoding="utf-8").replace(f"id: {model}\n", f"id: {rule}\n", 1)
        for old, new in figures.items():
            assert old in text, (rule, old)
            text = text.replace(old, new)
        (more / f"{rule}.yaml").write_text(text, encoding="utf-8")
    lock(more)
    return few, full, more


async def write(bootstrap: str, prefix: str, accounts: int, today: int) -> int:
    """The past of all accounts in order of time, in large batches; how many events."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, max_batch_size=1 << 20, linger_ms=5)
    await producer.start()
    batches: dict[tuple[str, int], Any] = {}
    try:
        past = [one for number in range(accounts) for one in AtRest(number, today).events()]
        past.sort(key=lambda one: one[1]["occurred_at"])
        for topic, event in past:
            key, value = event["account_id"].encode(), orjson.dumps(event)
            where = (topic, partition_of(key, PARTITIONS))
            batch = batches.get(where)
            if batch is None or batch.append(key=key, value=value, timestamp=None) is None:
                if batch is not None:
                    await producer.send_batch(batch, prefix + topic, partition=where[1])
                batch = batches[where] = producer.create_batch()
                batch.append(key=key, value=value, timestamp=None)
        await asyncio.gather(*[await producer.send_batch(b, prefix + t, partition=p) for (t, p), b in batches.items()])
        await producer.flush()
    finally:
        await producer.stop()
    return len(past)


def publish(bootstrap: str, prefix: str, stop: Flag) -> None:
    """Live accounts use the product and open P1 tickets, until told to stop."""
    asyncio.run(_publish(bootstrap, prefix, stop))


async def _publish(bootstrap: str, prefix: str, stop: Flag) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    draw, begun, sent, tickets = Random(1), time.monotonic(), 0, 0

    async def send(topic: str, event_id: str, account: str, fields: dict[str, Any]) -> None:
        now_ns = time.time_ns()
        when = datetime.fromtimestamp(now_ns / 1e9, UTC).isoformat(timespec="milliseconds")
        event = {"event_id": event_id, "account_id": account, "occurred_at": when, "source": "crm", **fields}
        await producer.send(prefix + topic, orjson.dumps(event), key=account.encode(), timestamp_ms=now_ns // 1_000_000)

    try:
        while not stop.is_set():
            now = time.monotonic() - begun
            while sent < now * RATE:
                use = {"type": "feature.used", "user_id": f"u{draw.randrange(30)}", "feature": "reports.export", "quantity": 1}
                await send("product-usage", f"e{sent}", f"live-{draw.randrange(LIVE_ACCOUNTS):06d}", use)
                sent += 1
            while tickets < now * TICKETS_PER_S:
                ticket = {"type": "ticket.created", "ticket_id": f"T-{tickets}", "priority": "P1"}
                await send("tickets", f"t{tickets}", f"live-{tickets % LIVE_ACCOUNTS:06d}", ticket)
                tickets += 1
            await asyncio.sleep(TICK_S)
        await producer.flush()
    finally:
        await producer.stop()


class Live:
    """The worker, live, under one library after the other; one log for all its lives."""

    def __init__(self, environ: dict[str, str], folder: Path) -> None:
        self._environ = environ
        self._log = folder / "worker.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def start(self, library: Path | None = None) -> None:
        self.port = free_port()
        environ = {**self._environ, "PLAYCALL_HTTP_PORT": str(self.port)}
        if library is not None:
            environ["PLAYCALL_LIBRARY"] = str(library)
        with self._log.open("ab") as log:
            self.process = subprocess.Popen([PLAYCALL, "worker"], env=environ, stdout=log, stderr=subprocess.STDOUT)

    def metric(self, name: str) -> float:
        assert self.process is not None
        if self.process.poll() is not None:
            raise RuntimeError(f"the worker ended with {self.process.poll()}: see {self._log}")
        return metric(self.port, name)

    def until_live(self) -> None:
        until(
            lambda: self.metric("playcall_recovery_seconds_count") >= PARTITIONS and self.metric("playcall_catching_up") == 0, 120, "live"
        )

    def stop(self, *, kill: bool = False) -> int:
        assert self.process is not None
        if kill:
            self.process.kill()
        else:
            self.process.terminate()
        return self.process.wait(30)

    def sweeps(self) -> list[tuple[float, float]]:
        """(epoch seconds, 1 for a begin and -1 for an end) of every partition's sweep, in order."""
        found: list[tuple[float, float]] = []
        for line in self._log.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line) if line.startswith("{") else {"event": ""}
            if entry["event"].startswith("sweep "):
                found.append((datetime.fromisoformat(entry["timestamp"]).timestamp(), 1 if "begun" in entry["event"] else -1))
        return found


def measure(bootstrap: str, folder: Path, accounts: int, say: Callable[[str], None]) -> dict[str, Any]:
    """All figures, by name; `differences` is empty when every account was planned once."""
    prefix = f"s{uuid.uuid4().hex[:6]}."
    few, full, more = libraries(folder)
    today = int(time.time() * 1000) // DAY_MS
    apply_topics(bootstrap, prefix)
    count = asyncio.run(write(bootstrap, prefix, accounts, today))
    environ = {**settings(bootstrap, prefix, "app", int(time.time() * 1000)), "PLAYCALL_SILENCE_GRACE_S": str(GRACE_S)}
    environ |= {"PLAYCALL_SESSION_TIMEOUT_MS": "6000", "PLAYCALL_HEARTBEAT_INTERVAL_MS": "1500"}
    say(f"{count:,} events of {accounts:,} accounts written")
    cost = run_worker({**environ, "PLAYCALL_LIBRARY": str(few)}, folder / "history.log", 600)
    say(f"history read in {cost.seconds:.0f} s, exit {cost.code}")
    del environ["PLAYCALL_UNTIL"]

    context = get_context("spawn")
    stop = context.Event()
    publisher = context.Process(target=publish, args=(bootstrap, prefix, stop))
    heard: dict[str, int] = {}
    listener = threading.Thread(target=lambda: heard.update(asyncio.run(listen(bootstrap, prefix + "play-launches", publisher.is_alive))))
    live = Live(environ, folder)
    figures: dict[str, Any] = {"accounts": accounts}
    try:
        live.start(few)
        live.until_live()
        publisher.start()
        listener.start()
        time.sleep(10)  # warm
        before = (time.time(), _spent(live))
        time.sleep(BEFORE_S)
        resting = (_spent(live) - before[1]) / BEFORE_S
        calm = (before[0], time.time() - 3)  # what is under way when the worker stops waits for the next one
        say("ten rules more")
        live.stop()
        live.start(full)
        until(lambda: any(mark == 1 for _, mark in live.sweeps()), 120, "the sweep has begun")
        begun_cpu = _spent(live)
        until(lambda: len(live.sweeps()) >= 2 * PARTITIONS, 600, "the sweep is done")
        swept_cpu = _spent(live) - begun_cpu
        marks = live.sweeps()
        seconds = max(at for at, _ in marks) - min(at for at, _ in marks)
        # From when all partitions are back: until then what latency shows is the restart.
        busy = (max(at for at, mark in marks if mark == 1) + 1, max(at for at, _ in marks))
        figures |= {"sweep_s": round(seconds, 1), "accounts_per_s": round(accounts / seconds)}
        figures["cpu_us_per_account"] = round(1e6 * (swept_cpu - resting * seconds) / accounts)
        _settled(live)
        say(f"swept in {seconds:.1f} s; ten more rules, killed twice")
        live.stop()
        live.start(more)
        for share in (0.7, 0.35):
            until(partial(_within, live, share * accounts), 300, "the middle of the sweep")
            figures.setdefault("killed_at_remaining", []).append(live.metric("playcall_sweep_accounts_remaining"))
            live.stop(kill=True)
            live.start(more)
        until(partial(_swept, live), 600, "the second sweep is done")
        _settled(live)
        stop.set()
        listener.join()
        figures["exit_code"] = live.stop()
    finally:
        stop.set()
        if publisher.is_alive():
            publisher.join(10)
        if live.process is not None and live.process.poll() is None:
            live.process.kill()
            live.process.wait()
    sent = asyncio.run(appended(bootstrap, prefix + "tickets"))
    figures["missing"] = len(set(sent) - set(heard))
    for name, span in (("before", calm), ("during", busy)):
        latencies = sorted((heard[t] - at) / 1000 for t, at in sent.items() if t in heard and span[0] * 1000 <= at < span[1] * 1000)
        figures[name] = {
            "tickets": len(latencies),
            **{f"p{p}_s": _nearest(latencies, p / 100) for p in (50, 90, 99)},
            "max_s": latencies[-1],
        }
    figures["differences"] = asyncio.run(differences(bootstrap, prefix, accounts, today, figures))
    return figures


def _spent(live: Live) -> float:
    assert live.process is not None
    return cpu_seconds(live.process.pid)


def _swept(live: Live) -> bool:
    """Everything recovered, and nothing left to sweep."""
    return live.metric("playcall_recovery_seconds_count") >= PARTITIONS and live.metric("playcall_sweep_accounts_remaining") == 0


def _within(live: Live, accounts: float) -> bool:
    if live.metric("playcall_recovery_seconds_count") < PARTITIONS:
        return False
    return 0 < live.metric("playcall_sweep_accounts_remaining") < accounts


def _settled(live: Live) -> None:
    """The looks at what is true already come a grace after each account's turn, once silence is proven: until none is overdue."""
    due = time.monotonic() + GRACE_S + 2
    until(lambda: time.monotonic() > due and live.metric("playcall_deadlines_overdue") == 0, 900, "nothing overdue")


def _nearest(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))]


async def differences(bootstrap: str, prefix: str, accounts: int, today: int, figures: dict[str, Any]) -> list[str]:
    """Deadlines and silent episodes of every account at rest against the calculation."""
    state: dict[bytes, bytes] = {}
    for record in await read_committed(bootstrap, prefix + "state"):
        assert record.key is not None
        if record.value is None:
            state.pop(record.key, None)
        else:
            state[record.key] = record.value
    opened: Counter[tuple[str, str, str]] = Counter()
    for record in await read_committed(bootstrap, prefix + "decisions"):
        decision = json.loads(record.value or b"{}")
        if decision["reason"] == "activated" and decision["account_id"].startswith("acct-"):
            opened[decision["account_id"], decision["rule"], decision["subject"]["id"]] += 1
    asked = (*PLANNING, *(one for *_, one in MORE if one is not None))
    figures["deadlines"] = figures["opened"] = 0
    found: list[str] = [f"{what} opened {times} times" for what, times in opened.items() if times > 1]
    found += [f"left over: {key!r}" for key in state if key.endswith((b"\x00swept", b"\x00activating"))]
    for number in range(accounts):
        facts = AtRest(number, today)
        plans, episodes = wanted(facts, asked, int(time.time() * 1000))
        has = dict(_planned(state.get(facts.account_id.encode() + b"\x00deadlines")))
        figures["deadlines"] += len(plans)
        figures["opened"] += len(episodes)
        if has != plans:
            found.append(f"{facts.account_id}: {sorted(set(has.items()) ^ set(plans.items()))}")
        missing = [
            f"{facts.account_id}: {rule} {subject} not opened"
            for rule, subject in episodes
            if not opened.pop((facts.account_id, rule, subject), 0)
        ]
        found += missing
    return found + [f"{what} opened, and should not" for what in opened]


def _planned(cell: bytes | None) -> Iterator[tuple[str, int]]:
    if cell is not None:
        known = DEADLINES.decode(cell)
        for name, at in (*known.clocks.items(), *known.silences.items()):
            if name != "0day_close":
                yield name[1:], at


def main() -> int:
    """Exit code 0 if every account was planned once and every ticket launched."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything started is stopped

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="playcall-sweep-") as folder, running_kafka(say) as kafka:
        say(str(kafka))
        figures = measure(kafka.bootstrap, Path(folder), args.accounts, say)
    found = figures["differences"]
    if args.json:
        print(json.dumps({**figures, "differences": found[:50], "differing": len(found)}, indent=2))
    else:
        speed = f"{figures['sweep_s']} s ({figures['accounts_per_s']:,}/s), {figures['cpu_us_per_account']} us of CPU each"
        print(f"  {figures['accounts']:,} accounts swept in {speed}")
        for name in ("before", "during"):
            one = figures[name]
            shares = ", ".join(f"{share} {one[f'{share}_s']} s" for share in ("p50", "p90", "p99", "max"))
            print(f"  append to launch read, {name}: {shares}, {one['tickets']} tickets")
        compared = f"{figures['deadlines']:,} deadlines and {figures['opened']:,} episodes compared: {len(found)} differences"
        print(f"  killed -9 with {figures['killed_at_remaining']} accounts to go; {compared}")
        for line in found[:12]:
            print(f"    {line}")
    return 0 if not found and not figures["missing"] else 1


if __name__ == "__main__":
    sys.exit(main())
