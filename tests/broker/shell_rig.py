"""What the tests of the shell share: topics, a load with aborted transactions, worker processes, and what they committed."""

import asyncio
import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.partitioner import DefaultPartitioner

from schemas.catalogue import topic as catalogue_topic

INPUTS = ("product-usage", "tickets", "play-updates")
CURSOR = b"\x00cursor"
SCRIPT = Path(__file__).with_name("counting_worker.py")
SESSION_MS = 4000


class Worker:
    """One counting worker as a process; its output goes to a file."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self.log = log

    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait(self, seconds: float) -> int:
        """Exit code; the log is shown when it does not end."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {seconds} s:\n{self.text()}") from None

    def address(self) -> str:
        found = re.search(r'"address": "(http://[^"]+)"', self.text())
        assert found is not None, self.text()
        return found[1]

    def get(self, path: str) -> tuple[int, str]:
        """Status and body; (0, "") while nothing listens yet."""
        with contextlib.suppress(URLError, ConnectionError, AssertionError):
            try:
                with urlopen(self.address() + path, timeout=5) as answer:
                    return answer.status, answer.read().decode()
            except HTTPError as problem:
                return problem.code, problem.read().decode()
        return 0, ""

    def metric(self, name: str, **labels: str) -> float | None:
        """A sample's value, None where it is missing."""
        wanted = {f'{key}="{value}"' for key, value in labels.items()}
        for line in self.get("/metrics")[1].splitlines():
            head, _, value = line.rpartition(" ")
            bare, _, inside = head.partition("{")
            if bare == name and wanted <= set(inside.rstrip("}").split(",")):
                return float(value)
        return None


class Rig:
    """Topics under one prefix on one broker, and the processes a test starts."""

    def __init__(self, bootstrap: str, prefix: str, folder: Path, partitions: int = 4, script: Path = SCRIPT) -> None:
        self.bootstrap = bootstrap
        self.prefix = prefix
        self.group = prefix.rstrip(".")
        self.folder = folder
        self.partitions = partitions
        self.script = script
        self.append_time = True  # as the catalogue has it; False: not of what a worker writes
        self.workers: list[Worker] = []

    async def create_topics(self, **odd: int) -> None:
        """All topics a counting worker needs; `odd` gives single topics another partition count (0: leave it out)."""
        topics = []
        for name in (*INPUTS, "triggers", "state"):
            count = odd.get(name.replace("-", "_"), self.partitions)
            if count:
                topics.append(self.new_topic(name, count))
        async with self.admin() as admin:
            await admin.create_topics([*topics, self.new_topic("feeds", 1)])

    def new_topic(self, name: str, partitions: int) -> NewTopic:
        configs = dict(catalogue_topic(name).settings)
        if not self.append_time and name not in INPUTS:
            configs["message.timestamp.type"] = "CreateTime"
        return NewTopic(self.prefix + name, partitions, 1, topic_configs=configs)

    @contextlib.asynccontextmanager
    async def admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()

    def start(self, **variables: str) -> Worker:
        """A worker process with short sessions; variables without PLAYCALL_ or COUNT_ are settings."""
        settings = {
            "BOOTSTRAP": self.bootstrap, "APP_ID": self.group, "TOPIC_PREFIX": self.prefix, "PARTITIONS": str(self.partitions),
            "SESSION_TIMEOUT_MS": str(SESSION_MS), "HEARTBEAT_INTERVAL_MS": "1000", "TRANSACTION_TIMEOUT_MS": "8000",
        }  # fmt: skip
        counting = {name: value for name, value in variables.items() if name.startswith("COUNT_")}
        settings |= {name: value for name, value in variables.items() if name not in counting}
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PLAYCALL_")}
        environment |= {f"PLAYCALL_{name}": value for name, value in settings.items()} | counting
        log = self.folder / f"worker-{len(self.workers)}.log"
        with log.open("wb") as out:
            process = subprocess.Popen([sys.executable, str(self.script)], env=environment, stdout=out, stderr=subprocess.STDOUT)
        worker = Worker(process, log)
        self.workers.append(worker)
        return worker

    def stop_all(self) -> None:
        for worker in self.workers:
            if worker.process.poll() is None:
                worker.kill()

    async def load(self, events: int, seconds: float = 0.0, seed: int = 1, padding: bytes = b"") -> Counter[tuple[str, bytes]]:
        """Usage plainly, tickets in transactions of which every fourth aborts; returns what is committed by topic and account."""
        dice, want = random.Random(seed), Counter[tuple[str, bytes]]()
        place, numbers = DefaultPartitioner(), list(range(self.partitions))
        plain = AIOKafkaProducer(bootstrap_servers=self.bootstrap, linger_ms=5)
        transactional = AIOKafkaProducer(bootstrap_servers=self.bootstrap, transactional_id=f"{self.prefix}load-{seed}")
        async with plain, transactional:
            chunk, made, turn = 500, 0, 0
            while made < events:
                for _ in range(chunk):
                    account = b"acct-%d" % dice.randrange(500)
                    value = b"u%d" % made + padding
                    await plain.send(self.prefix + "product-usage", value, account, partition=place(account, numbers, numbers))
                    want["product-usage", account] += 1
                    made += 1
                await transactional.begin_transaction()
                tickets = [b"acct-%d" % dice.randrange(500) for _ in range(chunk // 10)]
                for account in tickets:
                    await transactional.send(self.prefix + "tickets", b"t%d" % turn, account, partition=place(account, numbers, numbers))
                turn += 1
                if turn % 4 == 0:
                    await transactional.abort_transaction()
                else:
                    await transactional.commit_transaction()
                    want.update(("tickets", account) for account in tickets)
                    made += len(tickets)
                if seconds:
                    await asyncio.sleep(seconds * chunk / events)
        return want

    async def committed(self) -> tuple[Counter[tuple[str, bytes]], int]:
        """(count by topic and account as in `state`, records between the cursors and the ends of the inputs)."""
        counts, cursors = Counter[tuple[str, bytes]](), dict[int, dict[str, int]]()
        for record in await self.read("state"):
            if record.key == CURSOR:
                cursors[record.partition] = orjson.loads(record.value)["offsets"]
            else:
                topic, _, account = record.key.partition(b"|")
                counts[topic.decode(), account] = int(record.value)
        ends = await self.ends(INPUTS)
        return counts, sum(end - cursors.get(p, {}).get(topic, 0) for (topic, p), end in ends.items())

    async def ends(self, topics: tuple[str, ...], partitions: int | None = None) -> dict[tuple[str, int], int]:
        """High watermarks by (logical topic, partition)."""
        async with AIOKafkaConsumer(bootstrap_servers=self.bootstrap) as consumer:
            tps = {TopicPartition(self.prefix + topic, p): (topic, p) for topic in topics for p in range(partitions or self.partitions)}
            return {tps[tp]: offset for tp, offset in (await consumer.end_offsets(list(tps))).items()}

    async def read_feeds(self, beginning: bytes) -> list[Any]:
        """Records of `feeds` whose key begins so."""
        return [record for record in await self.read("feeds", partitions=1) if record.key.startswith(beginning)]

    async def read(self, topic: str, partitions: int | None = None) -> list[Any]:
        """Every committed record of a topic."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, isolation_level="read_committed", auto_offset_reset="none")
        async with consumer:
            tps = [TopicPartition(self.prefix + topic, p) for p in range(partitions or self.partitions)]
            consumer.assign(tps)
            ends = await consumer.end_offsets(tps)
            for tp, offset in (await consumer.beginning_offsets(tps)).items():
                consumer.seek(tp, offset)
            found: list[Any] = []
            while not all([await consumer.position(tp) >= ends[tp] for tp in tps]):
                for records in (await consumer.getmany(timeout_ms=100, max_records=20000)).values():
                    found += records
            return found

    async def outputs(self) -> Counter[tuple[str, bytes]]:
        """Committed output records by account: one is due per committed ticket."""
        return Counter(("tickets", record.key) for record in await self.read("triggers"))

    def check_alive(self) -> None:
        """No worker ended by itself."""
        dead = [worker for worker in self.workers if worker.process.poll() not in (None, 0, -signal.SIGKILL)]
        assert not dead, dead[0].text()

    async def until_committed(self, events: int, seconds: float = 40) -> None:
        """Wait until that many inputs are committed."""
        deadline = time.monotonic() + seconds
        while sum((await self.committed())[0].values()) < events:
            self.check_alive()
            assert time.monotonic() < deadline, "\n".join(worker.text() for worker in self.workers)
            await asyncio.sleep(0.1)

    async def until_read(self, want: Mapping[tuple[str, bytes], int], seconds: float = 60) -> None:
        """Wait until lag is 0, then compare state and outputs with what was committed upstream."""
        deadline = time.monotonic() + seconds
        while True:
            counts, lag = await self.committed()
            if lag == 0 or time.monotonic() > deadline:
                break
            self.check_alive()
            await asyncio.sleep(0.3)
        assert lag == 0, "\n".join(worker.text() for worker in self.workers)
        assert counts == want
        assert await self.outputs() == Counter({key: n for key, n in want.items() if key[0] == "tickets"})


async def until(condition: Callable[[], object], seconds: float = 30, about: Callable[[], str] = lambda: "") -> None:
    """Wait for something another process does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"did not happen within {seconds} s\n{about()}"
        await asyncio.sleep(0.1)


@contextlib.contextmanager
def rig_on(bootstrap: str, prefix: str, folder: Path, partitions: int = 4, script: Path = SCRIPT) -> Iterator[Rig]:
    """A rig whose processes end with the test."""
    rig = Rig(bootstrap, prefix, folder, partitions, script)
    try:
        yield rig
    finally:
        rig.stop_all()
