"""What other clients may write and aiokafka would not: every codec, and header names that are not UTF-8."""

import asyncio
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.record.util import calc_crc32c

from streams.broker.ladder import Kafka
from tests.faults.log_io import read_committed
from tests.faults.seen import look
from tests.faults.workers import PLAYCALL, Fleet

pytestmark = [pytest.mark.broker, pytest.mark.slow, pytest.mark.timeout(180)]

CODECS = ("gzip", "snappy", "lz4", "zstd", None)
TOPIC = "tickets"


def ticket(name: str) -> bytes:
    event = {"event_id": name, "type": "ticket.created", "account_id": "acme", "source": "desk", "occurred_at": "2026-03-02T09:15:00Z"}
    return json.dumps({**event, "ticket_id": name, "priority": "P1"}).encode()


async def publish(bootstrap: str, topic: str) -> None:
    for codec in CODECS:
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap, compression_type=codec)
        await producer.start()
        try:
            await producer.send_and_wait(topic, ticket(str(codec)), key=b"acme", partition=0)
        finally:
            await producer.stop()
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        for value in (ticket("broken name"), b"not json"):
            batch = producer.create_batch()
            batch.append(timestamp=None, key=b"acme", value=value, headers=[("zz", b"1")])
            _break_the_name(batch)
            await (await producer.send_batch(batch, topic, partition=0))
    finally:
        await producer.stop()


def _break_the_name(batch: Any) -> None:
    """Two bytes that are not UTF-8 in place of the header's name, as librdkafka would write them."""
    build = batch._build

    def broken() -> bytes:
        data = bytearray(bytes(build()).replace(b"\x04zz", b"\x04\xff\xfe"))
        data[17:21] = calc_crc32c(bytes(data[21:])).to_bytes(4, "big")
        batch._buffer = bytes(data)
        return bytes(data)

    batch._build = broken


def test_a_worker_reads_them_all(kafka: Kafka, prefix: str, tmp_path: Path) -> None:
    settings = {
        "PLAYCALL_BOOTSTRAP": kafka.bootstrap, "PLAYCALL_APP_ID": prefix + "app", "PLAYCALL_RULES": "core", "PLAYCALL_TOPIC_PREFIX": prefix,
        "PLAYCALL_PARTITIONS": "1", "PLAYCALL_GO_LIVE_AT": "2000-01-01T00:00:00Z",
        "PLAYCALL_UNTIL": "2026-03-03T00:00:00Z", "PLAYCALL_HTTP_PORT": "none",
    }  # fmt: skip
    fleet = Fleet(settings, tmp_path)
    try:
        subprocess.run([PLAYCALL, "topics", "apply"], env=fleet.environ(), check=True, capture_output=True)
        asyncio.run(publish(kafka.bootstrap, prefix + TOPIC))
        fleet.start(0)
        assert fleet.workers[0].process.wait(120) == 0, fleet.log_of(0).read_text()[-4_000:]
    finally:
        fleet.stop()
    counts = asyncio.run(look(kafka.bootstrap, prefix, 1)).cursors[0]["counts"][TOPIC]
    letters = asyncio.run(read_committed(kafka.bootstrap, f"{prefix}{TOPIC}.dlq"))

    assert {outcome: n for outcome, n in counts.items() if n} == {"applied": len(CODECS) + 1, "dead_lettered": 1}
    assert [(letter.value, letter.headers[0]) for letter in letters] == [(b"not json", ("\ufffd\ufffd", b"1"))]
