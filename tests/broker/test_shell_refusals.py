"""What a worker refuses to run on, and that it says what to do."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewPartitions, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
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
        await admin.create_topics([rig.new_topic(name, 1 if name == "feeds" else PARTITIONS) for name in names])


async def _grow(rig: Rig, *names: str) -> None:
    async with rig.admin() as admin:
        await admin.create_partitions({rig.prefix + name: NewPartitions(2 * PARTITIONS) for name in names})
        while min(len(t["partitions"]) for t in await admin.describe_topics([rig.prefix + n for n in names])) < 2 * PARTITIONS:
            pass


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


async def test_a_topic_created_anew_is_refused_even_when_it_was_filled_beyond_the_cursor(rig: Rig) -> None:
    await rig.create_topics()
    await _run_once(rig)
    await _recreate(rig, "product-usage")
    await rig.load(4_000, seed=2)
    line = refusal(rig.start())
    assert line.startswith(f"{rig.prefix}product-usage was deleted and created anew since partition ")
    assert "`playcall worker --recreated product-usage:keep`" in line
    assert "`--recreated product-usage:begin`" in line


async def test_a_topic_created_anew_on_purpose_is_read_from_its_beginning_and_the_state_is_kept(rig: Rig) -> None:
    await rig.create_topics()
    await _run_once(rig)
    before, _ = await rig.committed()
    await _recreate(rig, "product-usage")
    more = await rig.load(1_000, seed=2)
    rig.start(RECREATED="product-usage:begin")
    await rig.until_read(before + more)
    # Noted is the new log: the flag may stay, or go.
    rig.stop_all()
    even_more = await rig.load(1_000, seed=3)
    rig.start()
    await rig.until_read(before + more + even_more)


async def test_a_topic_restored_at_the_same_offsets_goes_on_at_the_cursor(rig: Rig) -> None:
    await rig.create_topics()
    await rig.load(2_000)
    assert rig.start(COUNT_UNTIL_END="1").wait(40) == 0
    before, _ = await rig.committed()
    records = await rig.read("product-usage")
    await _recreate(rig, "product-usage")
    async with AIOKafkaProducer(bootstrap_servers=rig.bootstrap) as producer:
        for record in records:  # usage is written plainly: as many records, the same offsets
            await producer.send(rig.prefix + "product-usage", record.value, record.key, partition=record.partition)
    more = await rig.load(1_000, seed=3)
    rig.start(RECREATED="product-usage:keep")
    await rig.until_read(before + more)


async def test_feeds_created_anew_is_refused_because_it_says_when_launching_began(rig: Rig) -> None:
    await rig.create_topics()
    await _run_once(rig)
    await _recreate(rig, "feeds")
    assert "`playcall worker --recreated feeds:keep`" in refusal(rig.start())
    assert rig.start(COUNT_UNTIL_END="1", RECREATED="feeds:keep").wait(40) == 0


async def test_a_truncated_log_is_refused_by_its_end(rig: Rig) -> None:
    await rig.create_topics()
    await _run_once(rig)
    await _recreate(rig, *INPUTS)
    keep = ",".join(f"{topic}:keep" for topic in INPUTS)
    assert "the topic was re-created or truncated: restore it, or begin afresh" in refusal(rig.start(RECREATED=keep))


async def test_beginning_afresh_as_a_refusal_says_reads_everything_again(rig: Rig) -> None:
    await rig.create_topics()
    await _run_once(rig)
    await _recreate(rig, "product-usage")
    assert "delete the topic" in refusal(rig.start())
    rig.workers.clear()  # it ended as it should
    await _recreate(rig, "state", "triggers")  # triggers only so that the rig can count them
    want = await rig.load(1_000, seed=2)
    tickets = Counter(("tickets", record.key) for record in await rig.read("tickets"))
    rig.start(APP_ID=rig.group + "-2")
    await rig.until_read(Counter({key: n for key, n in want.items() if key[0] != "tickets"}) + tickets)


async def test_partitions_added_to_every_topic_are_refused_also_by_a_worker_that_gets_only_new_ones(rig: Rig) -> None:
    await rig.create_topics()
    await _run_once(rig)
    await _grow(rig, *INPUTS, "triggers", "state")
    line = refusal(rig.start())
    assert line.startswith(f"topics have 4 partitions, but the cursor of {rig.prefix}state:0 was written when they had 2: ")
    assert "Kafka takes no partition back." in line


async def test_partitions_added_under_a_running_worker_end_it(rig: Rig) -> None:
    await rig.create_topics()
    await rig.load(1_000)
    worker = rig.start(TOPIC_WATCH_S="0.2")
    await rig.until_committed(1_000)
    await _grow(rig, "tickets")
    assert worker.wait(30) == 3, worker.text()
    assert f"playcall: stopped: {rig.prefix}tickets has 4 partitions now, it had 2: " in worker.text()
    assert "differ in partition count" in refusal(rig.start())


async def test_a_topic_exchanged_under_a_running_worker_ends_it(rig: Rig) -> None:
    await rig.create_topics()
    await rig.load(1_000)
    worker = rig.start(TOPIC_WATCH_S="0.2")
    await rig.until_committed(1_000)
    await _recreate(rig, "play-updates")  # nothing was ever read from it: only its id tells
    assert worker.wait(30) == 3, worker.text()
    assert f"{rig.prefix}play-updates was deleted and created anew" in worker.text()


@pytest.mark.parametrize(
    ("topic", "setting", "value", "said"),
    [
        ("tickets", "cleanup.policy", "compact", "of each only the last record would be left"),
        ("tickets", "cleanup.policy", "compact,delete", "of each only the last record would be left"),
        ("product-usage", "message.timestamp.type", "CreateTime", "retention and the memory for duplicates go by the time"),
        ("triggers", "max.message.bytes", "100000", "a commit may need 1048576, and would fail at the same record at every start"),
        ("state", "cleanup.policy", "compact,delete", "state would be deleted by age"),
    ],
)
async def test_a_misconfigured_topic_is_refused_with_the_command_that_mends_it(
    rig: Rig, topic: str, setting: str, value: str, said: str
) -> None:
    await rig.create_topics()
    name = rig.prefix + topic
    async with rig.admin() as admin:
        await admin.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, name, {**rig.new_topic(topic, 1).topic_configs, setting: value})]
        )
    line = refusal(rig.start())
    assert line.startswith(f"{name} has {setting}={value}. ")
    assert said in line
    assert f"kafka-configs --alter --entity-type topics --entity-name {name} --add-config {setting}=" in line


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
