"""Partitions begin to work one by one: who is recovered does not wait for who is not."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from streams.broker.ladder import Kafka
from tests.broker.shell_rig import CURSOR, Rig, Worker, rig_on, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
OLD_CELLS = 700_000  # overwritten ones: they are read, and make no state


@pytest.fixture
def rig(kafka: Kafka, prefix: str, tmp_path: Path) -> Iterator[Rig]:
    with rig_on(kafka.bootstrap, prefix, tmp_path, partitions=3) as rig:
        yield rig


async def swell(rig: Rig, partition: int, records: int) -> None:
    """Put many versions of one cell before the last one: as a state that was not compacted for long."""
    kept = [r for r in await rig.read("state") if r.partition == partition]
    cell = next(record.key for record in kept if record.key != CURSOR)
    producer = AIOKafkaProducer(bootstrap_servers=rig.bootstrap, max_batch_size=1 << 19)
    async with producer:
        made = 0
        while made < records:
            batch = producer.create_batch()
            while batch.append(timestamp=None, key=cell, value=b"%d" % (made % 97), headers=[]) is not None:
                made += 1
            await producer.send_batch(batch, rig.prefix + "state", partition=partition)
        for record in sorted(kept, key=lambda r: r.offset):
            await producer.send(rig.prefix + "state", record.value, record.key, partition=partition)


def told(worker: Worker, event: str) -> set[int]:
    """Partitions of which the log says so."""
    return {json.loads(line)["partition"] for line in worker.text().splitlines() if f'"event": "{event}"' in line}


async def test_a_recovered_partition_works_while_another_still_recovers(rig: Rig) -> None:
    await rig.create_topics()
    want = await rig.load(3_000)
    first = rig.start()
    await rig.until_read(want)
    first.process.terminate()
    assert first.wait(15) == 0
    await swell(rig, 0, OLD_CELLS)
    want += await rig.load(1_000, seed=2)
    worker = rig.start()
    await until(lambda: told(worker, "live") == {0, 1, 2}, seconds=80, about=worker.text)
    before = worker.text().split(
        '"event": "recovered", "level": "info", "logger": "playcall.shell", "mode": "catching_up", "partition": 0'
    )[0]
    assert '"recovered"' in before
    assert '"event": "live"' in before, worker.text()  # another had read everything before the slow one was even ready
    await rig.until_read(want)
