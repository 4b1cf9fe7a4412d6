"""A publisher with librdkafka's default partitioner, two workers, one of them killed: every event counts once all the same."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zlib import crc32

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from schemas.catalogue import task_topics
from schemas.decoding.partitioning import partition_of
from schemas.records.wire import rfc3339
from streams.broker.ladder import Kafka
from streams.kafka.admin import apply_topics
from streams.settings import Settings
from tests.faults.checks import inputs_of
from tests.faults.log_io import read_committed
from tests.faults.seen import REKEYED, Seen, look
from tests.faults.workers import Fleet

PARTITIONS = 4
ACCOUNTS = [f"acct-{number:03}" for number in range(60)]
TICKETS, USAGE = 90, 3_000

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
def settings(kafka: Kafka, prefix: str) -> Settings:
    return Settings(bootstrap=kafka.bootstrap, topic_prefix=prefix, app_id=prefix.rstrip("."), partitions=PARTITIONS)


@pytest.fixture
def fleet(settings: Settings, tmp_path: Path) -> Iterator[Fleet]:
    variables = {
        "BOOTSTRAP": settings.bootstrap, "APP_ID": settings.app_id, "RULES": "core", "TOPIC_PREFIX": settings.topic_prefix,
        "PARTITIONS": str(PARTITIONS), "SESSION_TIMEOUT_MS": "6000", "HEARTBEAT_INTERVAL_MS": "1500", "HTTP_PORT": "none",
        "GO_LIVE_AT": "2020-01-01T00:00:00Z",
    }  # fmt: skip
    fleet = Fleet({f"PLAYCALL_{name}": value for name, value in variables.items()}, tmp_path)
    try:
        yield fleet
    finally:
        fleet.stop()


def event(number: int, topic: str) -> tuple[bytes, bytes]:
    """Key and value of one event that happens now."""
    account = ACCOUNTS[number % len(ACCOUNTS)]
    common = {"event_id": f"e{number}", "account_id": account, "occurred_at": rfc3339(datetime.now(UTC)), "source": "crc-publisher"}
    if topic == "tickets":
        fields = {"type": "ticket.created", "ticket_id": f"t{number}", "priority": "P1"}
    else:
        fields = {"type": "feature.used", "user_id": f"u{number % 7}", "feature": "export"}
    return account.encode(), orjson.dumps({**common, **fields})


async def publish(settings: Settings, topic: str, count: int, seconds: float) -> int:
    """Over that time, placed by CRC32 of the key as librdkafka's `consistent_random` does; how many of them are strays."""
    strays = 0
    async with AIOKafkaProducer(bootstrap_servers=settings.bootstrap, linger_ms=5) as producer:
        begun = time.monotonic()
        for number in range(count):
            key, value = event(number, topic)
            place = crc32(key) % PARTITIONS
            strays += place != partition_of(key, PARTITIONS)
            await producer.send(settings.topic(topic), value, key, partition=place)
            await asyncio.sleep(max(0.0, begun + seconds * number / count - time.monotonic()))
    return strays


async def everything_read(settings: Settings, fleet: Fleet, records: int, seconds: float) -> Seen:
    """Wait until every cursor stands at the end of each of its topics and so many records were counted."""
    deadline = time.monotonic() + seconds
    while True:
        seen = await look(settings.bootstrap, settings.topic_prefix, PARTITIONS, task_topics())
        behind = {
            place: end for place, end in seen.ends.items() if seen.cursors.get(place[1], {"offsets": {}})["offsets"].get(place[0]) != end
        }
        counted = sum(inputs_of(seen, topic).total() for topic in ("tickets", "product-usage"))
        if not behind and counted == records:
            return seen
        logs = "\n".join(fleet.log_of(number).read_text() for number in fleet.workers)
        assert time.monotonic() < deadline, f"{counted} of {records} counted, behind at {behind}\n{logs}"
        await asyncio.sleep(0.5)


def launched(seen: Seen) -> Counter[str]:
    """How often each P1 ticket was launched."""
    triggers: dict[str, dict[str, Any]] = {}
    for record in seen.outputs["triggers"]:
        trigger = orjson.loads(record.value or b"")
        triggers[trigger["trigger_id"]] = trigger
    messages = [orjson.loads(record.value or b"") for record in seen.outputs["play-launches"]]
    first = [triggers[m["triggers"][0]] for m in messages if m["kind"] == "launched"]
    return Counter(trigger["subject"]["id"] for trigger in first if trigger["rule"] == "T07")


async def test_events_placed_by_crc32_count_once_while_a_worker_is_killed(settings: Settings, fleet: Fleet) -> None:
    await apply_topics(settings)
    fleet.start(0)
    fleet.start(1)
    publishing = [
        asyncio.create_task(publish(settings, "tickets", TICKETS, 12)), asyncio.create_task(publish(settings, "product-usage", USAGE, 12))
    ]  # fmt: skip
    deadline = time.monotonic() + 40
    while not await read_committed(settings.bootstrap, settings.topic(REKEYED)):
        assert time.monotonic() < deadline, fleet.log_of(0).read_text() + fleet.log_of(1).read_text()
        await asyncio.sleep(0.2)
    fleet.kill(0)
    fleet.start(0)
    strays = await asyncio.gather(*publishing)
    seen = await everything_read(settings, fleet, TICKETS + USAGE, 60)
    on_rekeyed = await read_committed(settings.bootstrap, settings.topic(REKEYED))

    assert launched(seen) == Counter(dict.fromkeys((f"t{number}" for number in range(TICKETS)), 1))
    assert [inputs_of(seen, topic)["forwarded"] for topic in ("tickets", "product-usage")] == strays
    assert 0 < sum(strays) == len(on_rekeyed) == inputs_of(seen, REKEYED).total() == inputs_of(seen, REKEYED)["applied"]
    usage = {account: sum(counts.values()) for account, (counts, _) in seen.usage().items()}
    assert {account: n for account, n in usage.items() if n} == dict(Counter(ACCOUNTS[n % len(ACCOUNTS)] for n in range(USAGE)))
    assert seen.dead.total() == 0
    lines = [orjson.loads(line) for line in fleet.log_of(1).read_text().splitlines() if "wrong partition" in line]
    assert {(line["topic"], line["source"]) for line in lines} <= {("tickets", "crc-publisher"), ("product-usage", "crc-publisher")}
    assert len(lines) == len({line["topic"] for line in lines}) > 0
