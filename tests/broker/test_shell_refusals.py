"""What a worker refuses to run on, and that it says what to do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import RecordsToDelete
from aiokafka.protocol.admin import DeleteGroupsRequest
from aiokafka.structs import OffsetAndMetadata

from streams.broker.ladder import Kafka
from tests.broker.shell_rig import INPUTS, Rig, Worker, rig_on, until

PARTITIONS = 2


@pytest.fixture
def rig(kafka: Kafka, prefix: str, tmp_path: Path) -> Iterator[Rig]:
    with rig_on(kafka.bootstrap, prefix, tmp_path, partitions=PARTITIONS) as rig:
        yield rig


def refusal(worker: Worker) -> str:
    """The line of a worker that refused to run."""
    assert worker.wait(45) == 2, worker.text()
    lines = [line for line in worker.text().splitlines() if line.startswith("playcall: refused to run: ")]
    assert len(lines) >= 1, worker.text()
    return lines[0].removeprefix("playcall: refused to run: ")


async def _run_once(rig: Rig, events: int = 1_000) -> None:
    await rig.load(events)
    assert rig.start(COUNT_UNTIL_END="1").wait(40) == 0


async def _recreate(rig: Rig, *names: str) -> None:
    async with rig.admin() as admin:
        await admin.delete_topics([rig.prefix + name for name in names])
        for name in names:
            while rig.prefix + name in await admin.list_topics():  # deletion goes on after the answer
                pass
        await admin.create_topics([rig.new_topic(name, PARTITIONS) for name in names])


async def _set_group_offset(rig: Rig, topic: str, offset: int) -> None:
    tp = TopicPartition(rig.prefix + topic, 0)
    async with AIOKafkaConsumer(bootstrap_servers=rig.bootstrap, group_id=rig.group, enable_auto_commit=False) as consumer:
        consumer.assign([tp])
        await consumer.commit({tp: OffsetAndMetadata(offset, "")})


async def test_a_missing_topic_is_named_with_the_command_that_creates_it(rig: Rig) -> None:
    await rig.create_topics(tickets=0)
    assert refusal(rig.start()) == (
        f"topics are missing: {rig.prefix}tickets. create them with `playcall topics apply` (same settings, same prefix)"
    )


async def test_account_keyed_topics_must_agree_on_their_partition_count(rig: Rig) -> None:
    await rig.create_topics(tickets=3)
    assert f"differ in partition count: most have 2, but {rig.prefix}tickets with 3" in refusal(rig.start())


async def test_state_must_be_compacted(rig: Rig) -> None:
    await rig.create_topics(state=0)
    async with rig.admin() as admin:
        topic = rig.new_topic("state", PARTITIONS)
        topic.topic_configs["cleanup.policy"] = "delete"
        await admin.create_topics([topic])
    assert refusal(rig.start()).startswith(f"{rig.prefix}state has cleanup.policy=delete. state would be deleted by age.")


async def test_a_cursor_beyond_the_end_means_the_topic_was_recreated(rig: Rig) -> None:
    await rig.create_topics()
    await _run_once(rig)
    await _recreate(rig, *INPUTS)
    assert "the topic was re-created or truncated: restore it, or start with another app_id" in refusal(rig.start())


async def test_a_cursor_before_the_beginning_means_events_were_deleted_unread(rig: Rig) -> None:
    await rig.create_topics()
    await _run_once(rig)
    await rig.load(1_000, seed=2)
    async with rig.admin() as admin:
        ends = await rig.ends(("product-usage",))
        await admin.delete_records({TopicPartition(rig.prefix + t, p): RecordsToDelete(before_offset=end) for (t, p), end in ends.items()})
    assert "retention deleted events that were never read" in refusal(rig.start())


async def test_events_deleted_under_a_running_worker_are_fatal_and_not_skipped(rig: Rig) -> None:
    await rig.create_topics()
    await rig.load(60_000, padding=b" " * 500)
    worker = rig.start(CATCH_UP_RATE="4000")  # its queues fill up, the rest stays in the topic
    await rig.until_committed(500)
    async with rig.admin() as admin:
        ends = await rig.ends(("product-usage",))
        await admin.delete_records({TopicPartition(rig.prefix + t, p): RecordsToDelete(before_offset=end) for (t, p), end in ends.items()})
    assert worker.wait(55) == 3, worker.text()
    assert "playcall: stopped: the next events are gone: " in worker.text()


async def test_group_offsets_moved_by_hand_are_refused(rig: Rig) -> None:
    await rig.create_topics()
    await _run_once(rig)
    await _set_group_offset(rig, "product-usage", 3)
    line = refusal(rig.start())
    assert f"the offsets of group {rig.group} for partition 0 differ from the cursor" in line
    assert "product-usage: group 3, cursor " in line


async def test_group_offsets_without_state_are_refused(rig: Rig) -> None:
    await rig.create_topics()
    await _run_once(rig)
    await _recreate(rig, "state")
    assert "the state topic was deleted or re-created" in refusal(rig.start())


async def test_state_records_without_a_cursor_are_refused(rig: Rig) -> None:
    await rig.create_topics()
    async with AIOKafkaProducer(bootstrap_servers=rig.bootstrap) as producer:
        await producer.send_and_wait(rig.prefix + "state", b"1", b"tickets|acct-1", partition=1)
    assert "state of partition 1 cannot be used. 1 cells but no cursor" in refusal(rig.start())


async def test_state_with_a_foreign_record_does_not_add_up_and_is_refused(rig: Rig) -> None:
    await rig.create_topics()
    await _run_once(rig)
    async with AIOKafkaProducer(bootstrap_servers=rig.bootstrap) as producer:
        await producer.send_and_wait(rig.prefix + "state", b"1", b"tickets|acct-foreign", partition=0)
    assert "state of partition 0 cannot be used. cells do not add up" in refusal(rig.start())


async def test_expired_group_offsets_are_no_error(rig: Rig) -> None:
    await rig.create_topics()
    await _run_once(rig)
    want, _ = await rig.committed()
    async with rig.admin() as admin:
        coordinator = await admin.find_coordinator(rig.group)
        deleted = await admin._send_request(DeleteGroupsRequest([rig.group]), coordinator)
    assert deleted.results == [(rig.group, 0)]
    more = await rig.load(1_000, seed=3)
    rig.start()
    await rig.until_read(want + more)


async def test_no_broker_is_said_with_what_to_do(rig: Rig, unused_port: int) -> None:
    worker = rig.start(BOOTSTRAP=f"127.0.0.1:{unused_port}")
    assert worker.wait(30) != 0
    await until(lambda: f"no broker answers at 127.0.0.1:{unused_port}" in worker.text(), seconds=1, about=worker.text)
