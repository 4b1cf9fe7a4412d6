"""A worker that always fails at the same place: it says where, the doctor finds it, and it can go on without it."""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from schemas.decoding.partitioning import partition_of
from schemas.records.wire import rfc3339
from streams.engine.cursor import CURSOR_KEY
from streams.engine.store import fingerprint
from streams.kafka.admin import apply_topics
from streams.settings import Settings

SCRIPT = Path(__file__).with_name("trapped_playcall.py")
PARTITIONS = 2
NOW = datetime.now(UTC).replace(microsecond=0)


@dataclass
class Clinic:
    """Topics with 200 tickets, and the command as a process."""

    settings: Settings

    def playcall(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PLAYCALL_")}
        environment |= {
            "PLAYCALL_BOOTSTRAP": self.settings.bootstrap,
            "PLAYCALL_RULES": "core",
            "PLAYCALL_TOPIC_PREFIX": self.settings.topic_prefix,
            "PLAYCALL_APP_ID": self.settings.app_id,
        }
        return subprocess.run(
            [sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, check=False, env=environment, timeout=50
        )

    def work(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A worker that reads what is there and ends."""
        return self.playcall("worker", "--until", rfc3339(NOW), "--http-port", "none", *arguments)

    def examine(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """The doctor's exit code and answer."""
        done = self.playcall("doctor", "--json", *arguments)
        assert done.returncode in (0, 1), done.stderr
        return done.returncode, orjson.loads(done.stdout)

    async def produce(self, *tickets: tuple[str, str]) -> list[str]:
        """Tickets (account, id); the place of each, as the flag takes it."""
        places = []
        async with AIOKafkaProducer(bootstrap_servers=self.settings.bootstrap) as producer:
            for number, (account, ticket_id) in enumerate(tickets):
                value = {
                    "event_id": f"{ticket_id}-{number}", "type": "ticket.created", "account_id": account, "source": "desk",
                    "occurred_at": rfc3339(NOW - timedelta(hours=3) + timedelta(seconds=number)), "ticket_id": ticket_id, "priority": "P3",
                }  # fmt: skip
                sent = await producer.send_and_wait(
                    self.settings.topic("tickets"),
                    orjson.dumps(value),
                    account.encode(),
                    partition=partition_of(account.encode(), PARTITIONS),
                )
                places.append(f"tickets:{sent.partition}:{sent.offset}")
        return places

    async def read(self, topic: str) -> list[Any]:
        """Every committed record."""
        async with AIOKafkaConsumer(
            bootstrap_servers=self.settings.bootstrap, isolation_level="read_committed", auto_offset_reset="none"
        ) as consumer:
            tps = [TopicPartition(self.settings.topic(topic), p) for p in range(PARTITIONS)]
            consumer.assign(tps)
            ends = await consumer.end_offsets(tps)
            for tp in tps:
                consumer.seek(tp, 0)
            found: list[Any] = []
            while not all([await consumer.position(tp) >= ends[tp] for tp in tps]):
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    found += records
            return found

    async def counted(self) -> Counter[str]:
        """Outcomes of tickets over all cursors."""
        cursors = {record.partition: orjson.loads(record.value) for record in await self.read("state") if record.key == CURSOR_KEY}
        return sum((Counter(cursor["counts"].get("tickets", {})) for cursor in cursors.values()), Counter())

    async def damage(self, account: str, cell: str, value: bytes) -> None:
        """Replace a cell, with a cursor that vouches for it: what a faulty release would have written."""
        partition = partition_of(account.encode(), PARTITIONS)
        key = f"{account}\x00{cell}".encode()
        state = {record.key: record.value for record in await self.read("state") if record.partition == partition}
        cursor = orjson.loads(state[CURSOR_KEY])
        total = (int(cursor["sum"], 16) - fingerprint(key, state[key]) + fingerprint(key, value)) % (1 << 64)
        async with AIOKafkaProducer(bootstrap_servers=self.settings.bootstrap) as producer:
            await producer.send_and_wait(self.settings.topic("state"), value, key, partition=partition)
            await producer.send_and_wait(
                self.settings.topic("state"), orjson.dumps({**cursor, "sum": f"{total:016x}"}), CURSOR_KEY, partition=partition
            )


@pytest.fixture
async def clinic(settings: Settings) -> Clinic:
    settings = settings.model_copy(update={"partitions": PARTITIONS})
    await apply_topics(settings)
    return Clinic(settings)


def tickets(count: int) -> list[tuple[str, str]]:
    return [(f"acct-{number % 20}", f"t{number}") for number in range(count)]


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_a_poison_record_is_named_found_and_set_aside_and_everything_adds_up(clinic: Clinic) -> None:
    places = await clinic.produce(*tickets(100), ("acct-7", "poison"), *tickets(100))
    poison = places[100]

    for _ in range(2):
        ended = await asyncio.to_thread(clinic.work)
        assert ended.returncode == 3
        [line] = [line for line in ended.stderr.splitlines() if line.startswith("playcall: stopped: ")]
        assert line.startswith(f"playcall: stopped: {poison} of account 'acct-7' fails with ZeroDivisionError: the trap has closed. ")
        assert f"`playcall worker --quarantine {poison}`" in line
        assert "Traceback" in ended.stderr

    code, found = await asyncio.to_thread(clinic.examine)
    assert code == 1
    assert [(f["where"], f["remedy"]) for f in found["findings"] if f["severity"] == "error"] == [
        (poison, f"to go on without it: `playcall worker --quarantine {poison}`")
    ]
    failures = [failure for known in found["partitions"] for failure in known["dry_run"]["failures"]]
    assert failures == [{"place": poison, "account": "acct-7", "cell": None, "flag": poison}]

    ended = await asyncio.to_thread(clinic.work, "--quarantine", poison)
    assert ended.returncode == 0, ended.stderr
    assert await clinic.counted() == {"applied": 200, "dead_lettered": 1}
    [letter] = await clinic.read("tickets.dlq")
    assert (dict(letter.headers)["dlq.reason"], orjson.loads(letter.value)["ticket_id"]) == (b"quarantined", "poison")

    # Behind the cursor now: the flag is not needed any more.
    assert (await asyncio.to_thread(clinic.work)).returncode == 0
    code, found = await asyncio.to_thread(clinic.examine)
    assert (code, found["healthy"], [f for f in found["findings"] if f["severity"] != "note"]) == (0, True, [])


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_a_damaged_cell_and_a_cursed_deadline_are_named_and_their_accounts_set_aside(clinic: Clinic) -> None:
    await clinic.produce(*tickets(100))
    assert (await asyncio.to_thread(clinic.work)).returncode == 0
    await clinic.damage("acct-3", "seen", b"\x01\xc1")
    await clinic.produce(*tickets(20), ("acct-4", "cursed"))

    ended = await asyncio.to_thread(clinic.work)
    assert ended.returncode == 3
    assert "fails with" in ended.stderr

    code, found = await asyncio.to_thread(clinic.examine)
    errors = [finding for finding in found["findings"] if finding["severity"] == "error"]
    assert code == 1
    assert any("account 'acct-3': cell 'seen' is damaged (2 bytes, version 1)" in error["what"] for error in errors)
    assert any("deadline 'snap of trap' of account 'acct-4' fails with ZeroDivisionError" in error["what"] for error in errors)
    flags = {failure["flag"] for known in found["partitions"] for failure in known["dry_run"]["failures"]}
    assert flags == {"account:acct-3", "account:acct-4"}

    ended = await asyncio.to_thread(clinic.work, "--quarantine", "account:acct-3", "--quarantine", "account:acct-4")
    assert ended.returncode == 0, ended.stderr
    assert await clinic.counted() == {"applied": 100, "duplicate": 18, "dead_lettered": 3}


async def test_what_does_not_belong_into_the_state_is_found_with_its_place(clinic: Clinic) -> None:
    await clinic.produce(*tickets(40))
    assert (await asyncio.to_thread(clinic.work)).returncode == 0
    stranger = next(f"x{n}" for n in range(99) if partition_of(b"x%d" % n, PARTITIONS) == 1)
    async with AIOKafkaProducer(bootstrap_servers=clinic.settings.bootstrap) as producer:
        for key in (b"nonsense", stranger.encode() + b"\x00seen"):
            await producer.send_and_wait(clinic.settings.topic("state"), b"\x01\x91\x80", key, partition=0)

    code, found = await asyncio.to_thread(clinic.examine, "--partition", "0")

    said = " | ".join(finding["what"] for finding in found["findings"])
    assert code == 1
    for expected in ("the key b'nonsense' is none of ours", f"account '{stranger}' belongs on partition 1 of 2"):
        assert expected in said
    assert "records are missing or foreign" in said
    assert [known["partition"] for known in found["partitions"]] == [0]


async def test_nothing_there_is_said_and_nobody_there_is_two(clinic: Clinic, unused_port: int, playcall: Callable[..., int]) -> None:
    done = await asyncio.to_thread(clinic.playcall, "doctor", "--topic-prefix", "nobody.")
    assert done.returncode == 1
    assert "ERROR    nobody.tickets  missing\n         do: playcall topics apply" in done.stdout

    assert await asyncio.to_thread(playcall, "doctor", "--bootstrap", f"127.0.0.1:{unused_port}") == 2
