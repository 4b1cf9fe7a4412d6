"""A town of accounts whose first week ends within a few hours: who came in time must not be called absent, whatever happens to the feed.

Virtual time moves in steps of four minutes; each waits until the workers have read everything as of the new time.
"""

import asyncio
import contextlib
import subprocess
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from streams.clock import write_clock_file
from tests.faults.log_io import read_committed
from tests.faults.waiting import NotInTimeError
from tests.faults.workers import PLAYCALL, Fleet
from tests.faults.workload import partition_of

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
T0_MS = 1_773_100_800_000  # 2026-03-10T00:00:00Z
STEP_MS = 4 * MINUTE_MS  # below the five minutes after which a worker takes itself to be behind
GRACE_MS = 10 * MINUTE_MS
PARTITIONS = 4
HOURS = 6  # local days, and with them first weeks, end at the full hours after T0, so many
STEP_PATIENCE_S = 60.0
FEEDS = {"product-usage": "app", "tickets": "desk", "billing": "bank", "accounts": "crm", "feedback": "polls", "engagement": "calendar"}


@dataclass(frozen=True, slots=True)
class Resident:
    """One account. `login_ms` is its only sign of life, None for who never came."""

    account_id: str
    zone: str
    created_ms: int
    deadline_ms: int
    login_ms: int | None
    partition: int


def settle(seed: int, accounts: int, hours: int = HOURS) -> list[Resident]:
    """Nine in ten come at last, most of them in the last hours of their first week."""
    draw = Random(f"town {seed}")
    found = []
    for number in range(accounts):
        hour = draw.randint(1, hours)
        deadline_ms = T0_MS + hour * HOUR_MS  # the local midnight at which day 7 closes
        account_id = f"town-{number:05d}"
        late = draw.uniform(1, 100) if draw.random() < 0.85 else draw.uniform(24 * 60, 5 * 24 * 60)
        login_ms = None if draw.random() < 0.1 else int(deadline_ms - late * MINUTE_MS)
        place = partition_of(account_id.encode(), PARTITIONS)
        found.append(Resident(account_id, f"Etc/GMT+{hour}", deadline_ms - 8 * DAY_MS + 12 * HOUR_MS, deadline_ms, login_ms, place))
    return found


def event(type_: str, account_id: str | None, at_ms: int, source: str, **fields: Any) -> bytes:
    """One event as a publisher writes it."""
    body = {"event_id": uuid.uuid4().hex, "type": type_, "occurred_at": stamp(at_ms), "source": source, **fields}
    return orjson.dumps(body if account_id is None else {**body, "account_id": account_id})


def stamp(at_ms: int) -> str:
    """RFC 3339 in UTC."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Town:
    """Topics, a clock, publishers and workers."""

    bootstrap: str
    folder: Path
    residents: list[Resident]
    hours: int = HOURS
    prefix: str = field(default_factory=lambda: f"t{uuid.uuid4().hex[:8]}.")
    now_ms: int = T0_MS
    alive: dict[str, str] = field(default_factory=lambda: dict(FEEDS))  # who beats
    frozen: set[int] = field(default_factory=set)  # partitions nobody waits for

    def fleet(self, **settings: str) -> Fleet:
        """Workers of this town, with the clock file."""
        base = {
            "PLAYCALL_BOOTSTRAP": self.bootstrap,
            "PLAYCALL_APP_ID": self.prefix + "app",
            "PLAYCALL_TOPIC_PREFIX": self.prefix,
            "PLAYCALL_PARTITIONS": str(PARTITIONS),
            "PLAYCALL_RULES": "core",
            "PLAYCALL_GO_LIVE_AT": "2000-01-01T00:00:00Z",
            "PLAYCALL_CLOCK_FILE": str(self.clock_file),
            "PLAYCALL_FEEDS_INTERVAL_S": "0.2",
            "PLAYCALL_HTTP_PORT": "none",
        }
        return Fleet({**base, **settings}, self.folder)

    @property
    def back_ms(self) -> int:
        """When what was wrong is right again."""
        return T0_MS + self.hours * HOUR_MS + HOUR_MS // 2

    @property
    def clock_file(self) -> Path:
        """What every worker takes for the time."""
        return self.folder / "clock"

    def set_clock(self, at_ms: int) -> None:
        """Time is this from now on."""
        self.now_ms = at_ms
        write_clock_file(self.clock_file, at_ms)


class Street:
    """The town's life: publishers that publish, and time that passes."""

    def __init__(self, town: Town, producer: AIOKafkaProducer, feeds: AIOKafkaConsumer) -> None:
        self.town = town
        self._producer = producer
        self._feeds = feeds
        self._current: dict[int, Mapping[str, int]] = {}

    async def publish(self, topic: str, value: bytes, account_id: str | None, partition: int) -> None:
        """On a partition of one's own choice; returns when the broker has it."""
        key = None if account_id is None else account_id.encode()
        await self._producer.send_and_wait(self.town.prefix + topic, value, key=key, partition=partition)

    async def publish_all(self, records: list[tuple[str, bytes, str, int]]) -> None:
        """Many at once, in order per partition: (topic, value, account, partition)."""
        sent = [await self._producer.send(self.town.prefix + t, v, key=a.encode(), partition=p) for t, v, a, p in records]
        await asyncio.gather(*sent)

    async def step(self) -> None:
        """Four minutes pass; every publisher that is alive beats on every partition; everybody reads."""
        town = self.town
        at_ms = town.now_ms + STEP_MS
        beats = [(topic, event("feed.heartbeat", None, at_ms, source)) for topic, source in town.alive.items()]
        sent = [
            await self._producer.send(town.prefix + topic, value, key=None, partition=partition)
            for topic, value in beats
            for partition in range(PARTITIONS)
        ]
        await asyncio.gather(*sent)
        town.set_clock(at_ms)
        await self.read_up_to(at_ms)

    async def read_up_to(self, at_ms: int) -> None:
        """Wait until every partition, but for the frozen, says that it has read everything readable as of then."""
        end = asyncio.get_running_loop().time() + STEP_PATIENCE_S
        wanted = set(range(PARTITIONS)) - self.town.frozen
        while not all(p in self._current and min(self._current[p].values()) >= at_ms for p in wanted):
            if asyncio.get_running_loop().time() > end:
                raise NotInTimeError(f"partitions are not read up to {stamp(at_ms)}: {self._current}; logs in {self.town.folder}")
            for records in (await self._feeds.getmany(timeout_ms=50)).values():
                for record in records:
                    if record.key and record.key.startswith(f"feed/{self.town.prefix}app/".encode()) and record.value:
                        self._current[int(record.key.rpartition(b"/")[2])] = orjson.loads(record.value)["current"]


@contextlib.asynccontextmanager
async def street(town: Town) -> AsyncIterator[Street]:
    """Topics made, the town's history written; nobody works yet."""
    environ = town.fleet().environ()
    town.set_clock(T0_MS)
    await asyncio.to_thread(_apply_topics, environ)
    producer = AIOKafkaProducer(bootstrap_servers=town.bootstrap, linger_ms=5)
    feeds = AIOKafkaConsumer(bootstrap_servers=town.bootstrap, auto_offset_reset="none")
    await producer.start()
    await feeds.start()
    try:
        part = TopicPartition(town.prefix + "feeds", 0)
        feeds.assign([part])
        feeds.seek(part, 0)
        life = Street(town, producer, feeds)
        await life.publish_all([_born(resident) for resident in sorted(town.residents, key=lambda r: r.created_ms)])
        yield life
    finally:
        await producer.stop()
        await feeds.stop()


def _apply_topics(environ: dict[str, str]) -> None:
    subprocess.run([PLAYCALL, "topics", "apply"], env=environ, check=True, stdout=subprocess.DEVNULL)


def _born(resident: Resident) -> tuple[str, bytes, str, int]:
    account_id = resident.account_id
    value = event("account.created", account_id, resident.created_ms, "crm", name=account_id, timezone=resident.zone)
    return "accounts", value, account_id, resident.partition


async def outcome(town: Town) -> tuple[Counter[str], list[dict[str, Any]], list[dict[str, Any]]]:
    """Accounts called absent (J2) with how often; all triggers of J2; all decisions about it."""
    triggers = [orjson.loads(r.value or b"{}") for r in await read_committed(town.bootstrap, town.prefix + "triggers")]
    decisions = [orjson.loads(r.value or b"{}") for r in await read_committed(town.bootstrap, town.prefix + "decisions")]
    absent = [t for t in triggers if t["rule"] == "J2"]
    return Counter(t["account_id"] for t in absent), absent, [d for d in decisions if d["rule"] == "J2"]
