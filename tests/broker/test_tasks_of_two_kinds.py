"""Accounts ask, a roster on one partition answers: whatever is killed, each ask is answered once, and what is held adds up."""

import asyncio
import random
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from schemas.decoding.partitioning import partition_of
from streams.broker.ladder import Kafka
from streams.kafka.admin import apply_topics
from streams.settings import Settings
from tests.broker.shell_rig import CURSOR, Rig, Worker, rig_on, until
from tests.small_roster import ANSWERS, HELD, INPUTS, LOADS, PEOPLE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
PARTITIONS = 4
ROSTER = ("roster", "assignment-requests")


@pytest.fixture
async def rig(kafka: Kafka, prefix: str, settings: Settings, tmp_path: Path) -> Any:
    await apply_topics(settings.model_copy(update={"partitions": PARTITIONS}))
    with _rig(kafka, prefix, tmp_path) as rig:
        yield rig


def _rig(kafka: Kafka, prefix: str, folder: Path) -> Any:
    return rig_on(kafka.bootstrap, prefix, folder, PARTITIONS, script=Path(__file__).with_name("asking_worker.py"))


class Desk:
    """Opens tickets, a few at a time, and closes some of those it opened long enough ago."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._dice = random.Random(7)
        self.opened: list[tuple[str, str]] = []
        self._closed = 0
        self._sent = 0

    async def work(self, turns: int, pause_s: float) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self._rig.bootstrap) as producer:
            for turn in range(turns):
                for _ in range(10):
                    account, ticket = f"acct-{self._dice.randrange(40)}", f"t{len(self.opened)}"
                    self.opened.append((account, ticket))
                    await self._send(producer, "ticket.created", account, ticket)
                if turn >= turns // 3:
                    for account, ticket in self.opened[self._closed : self._closed + 5]:
                        await self._send(producer, "ticket.closed", account, ticket)
                    self._closed += 5
                await asyncio.sleep(pause_s)

    async def _send(self, producer: AIOKafkaProducer, kind: str, account: str, ticket: str) -> None:
        self._sent += 1
        at = datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds")
        common = {"event_id": f"e{self._sent}", "type": kind, "account_id": account, "occurred_at": at, "source": "desk"}
        more = {"ticket_id": ticket, **({"priority": "P2"} if kind == "ticket.created" else {})}
        key = account.encode()
        await producer.send(self._rig.prefix + "tickets", orjson.dumps(common | more), key, partition=partition_of(key, PARTITIONS))


async def behind(rig: Rig) -> int:
    """Offsets between the committed cursors and the ends of everything that is read."""
    left = 0
    for state, topics, partitions in (("state", INPUTS, PARTITIONS), ("roster.state", ROSTER, 1)):
        cursors = {r.partition: orjson.loads(r.value)["offsets"] for r in await rig.read(state, partitions) if r.key == CURSOR}
        for (topic, partition), end in (await rig.ends(topics, partitions)).items():
            left += end - cursors.get(partition, {}).get(topic, 0)
    return left


async def until_quiet(rig: Rig) -> None:
    deadline = time.monotonic() + 60
    while await behind(rig):
        rig.check_alive()
        assert time.monotonic() < deadline, "\n".join(worker.text()[-3000:] for worker in rig.workers)
        await asyncio.sleep(0.3)


async def check(rig: Rig, opened: list[tuple[str, str]]) -> None:
    """The log of what was asked decides: recounted by one thread, it gives what was answered and what is held."""
    loads, held, chosen = dict.fromkeys(PEOPLE, 0), dict[str, str](), dict[str, str]()
    asked: Counter[str] = Counter()
    for record in await rig.read("assignment-requests", 1):
        said = orjson.loads(record.value)
        ask = said["ask_id"]
        asked[said["event_id"]] += 1
        if said["type"] == "assignment.released":
            loads[held.pop(ask)] -= 1
        else:
            held[ask] = chosen[ask] = min(PEOPLE, key=lambda name: (loads[name], name))
            loads[chosen[ask]] += 1
    assert set(asked.values()) == {1}
    assert chosen.keys() == {ticket for _, ticket in opened}
    answers = await rig.read("assignments")
    assert Counter((orjson.loads(r.value)["ask_id"], orjson.loads(r.value)["person"]) for r in answers) == Counter(chosen.items())
    assert all(partition_of(record.key, PARTITIONS) == record.partition for record in answers)
    cells = {record.key: record.value for record in await rig.read("roster.state", 1)}
    found = LOADS.decode(cells[b"\x00loads"]).open
    assert {name: found.get(name, 0) for name in PEOPLE} == loads
    kept = {
        ask: who for key, value in cells.items() if key.endswith(b"\x00held") and value for ask, who in HELD.decode(value).by_ask.items()
    }
    assert kept == held
    told = {record.key: record.value for record in await rig.read("state") if record.key.endswith(b"\x00answers")}
    known = {ask: people for value in told.values() for ask, people in ANSWERS.decode(value).people.items()}
    assert known == {ask: [person] for ask, person in chosen.items()}


def has_roster(worker: Worker) -> bool:
    lines = [line for line in worker.text().splitlines() if '"event": "assigned"' in line]
    return bool(lines) and '"others": ["roster"]' in lines[-1]


async def test_what_is_killed_in_between_changes_no_answer_and_no_load(rig: Rig) -> None:
    desk = Desk(rig)
    working = asyncio.create_task(desk.work(60, 0.25))
    workers = [rig.start(), rig.start()]
    for _ in range(3):
        await until(lambda: any(has_roster(w) for w in workers), about=workers[-1].text)
        await asyncio.sleep(2.5)
        victim = next(w for w in workers if has_roster(w))  # the roster, and the accounts' partitions beside it
        victim.kill()
        workers.remove(victim)
        workers.append(rig.start())
    await working
    await until_quiet(rig)
    await check(rig, desk.opened)
    assert len(desk.opened) == 600


async def test_a_finite_run_of_two_workers_ends_when_every_ask_is_answered_and_every_answer_read(rig: Rig) -> None:
    desk = Desk(rig)
    await desk.work(9, 0.0)
    until_ = datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds")
    workers = [rig.start(UNTIL=until_), rig.start(UNTIL=until_)]
    for worker in workers:
        assert worker.wait(90) == 0, worker.text()
    assert await behind(rig) == 0
    await check(rig, desk.opened)


async def test_a_roster_topic_with_more_than_its_one_partition_is_refused(
    kafka: Kafka, prefix: str, settings: Settings, tmp_path: Path
) -> None:
    await apply_topics(settings.model_copy(update={"partitions": PARTITIONS}))
    with _rig(kafka, prefix, tmp_path) as rig:
        async with rig.admin() as admin:
            await admin.delete_topics([f"{prefix}assignment-requests"])
            await asyncio.sleep(1)
            await admin.create_topics([rig.new_topic("assignment-requests", 3)])
        worker = rig.start()
        assert worker.wait(30) == 2, worker.text()
        assert "assignment-requests has 3 partitions, and must have 1" in worker.text()
