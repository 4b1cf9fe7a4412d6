"""What the shell believes about the logs: markers, aborted records, open transactions, lag."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from streams.broker.ladder import Kafka
from tests.broker.shell_rig import Rig, rig_on, until


@pytest.fixture
def rig(kafka: Kafka, prefix: str, tmp_path: Path) -> Iterator[Rig]:
    with rig_on(kafka.bootstrap, prefix, tmp_path, partitions=2) as rig:
        yield rig


async def test_ranges_without_any_record_still_bring_the_lag_to_zero(rig: Rig) -> None:
    await rig.create_topics()
    worker = rig.start()
    async with AIOKafkaProducer(bootstrap_servers=rig.bootstrap, transactional_id=f"{rig.prefix}upstream") as upstream:
        for _ in range(3):
            await upstream.begin_transaction()
            await upstream.send(rig.prefix + "tickets", b"never", b"acct-1", partition=1)
            await upstream.abort_transaction()
        await rig.until_read({})
        await until(lambda: worker.metric("playcall_lag_records", topic="tickets", partition="1") == 0, about=worker.text)
    assert worker.metric("playcall_inputs_total", topic="tickets", outcome="applied") in (None, 0)


async def test_an_open_upstream_transaction_stops_what_is_known_to_be_read(rig: Rig) -> None:
    await rig.create_topics()
    worker = rig.start()

    def behind(partition: str) -> float:
        """How far the counting task's time (the least of what is known to be read) is behind, in seconds."""
        return worker.metric("playcall_task_time_lag_seconds", partition=partition) or 1e9

    await until(lambda: behind("0") < 2 and behind("1") < 2, about=worker.text)
    async with AIOKafkaProducer(bootstrap_servers=rig.bootstrap, transactional_id=f"{rig.prefix}upstream") as upstream:
        await upstream.begin_transaction()
        await (await upstream.send(rig.prefix + "tickets", b"hidden", b"acct-1", partition=1))
        await until(lambda: behind("1") > 4, about=worker.text)
        assert behind("0") < 2
        assert worker.metric("playcall_lag_records", topic="tickets", partition="1") == 1
        await upstream.commit_transaction()
    await until(lambda: behind("1") < 2, about=worker.text)
    await rig.until_read({("tickets", b"acct-1"): 1})


async def test_positions_of_topics_new_to_a_partition_are_committed_before_any_input(rig: Rig) -> None:
    await rig.create_topics()
    worker = rig.start()
    await until(lambda: worker.text().count('"recovered"') == 2, about=worker.text)
    records = await rig.read("state")
    assert [record.key for record in records] == [b"\x00cursor", b"\x00cursor"]
    assert sorted(record.partition for record in records) == [0, 1]
