"""Whatever happens to workers, every committed input counts once and every output appears once."""

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from streams.broker.ladder import Kafka
from tests.broker.shell_rig import SESSION_MS, Rig, rig_on, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(90)]


@pytest.fixture
def rig(kafka: Kafka, prefix: str, tmp_path: Path) -> Iterator[Rig]:
    with rig_on(kafka.bootstrap, prefix, tmp_path) as rig:
        yield rig


async def test_a_worker_killed_in_the_middle_changes_no_count(rig: Rig) -> None:
    await rig.create_topics()
    loading = asyncio.create_task(rig.load(60_000, seconds=8))
    first, second = rig.start(), rig.start()
    await rig.until_committed(5_000)
    first.kill()
    rig.start()
    await rig.until_committed(20_000)
    second.kill()
    rig.start()
    await rig.until_read(await loading)


async def test_a_worker_frozen_past_its_session_and_woken_changes_no_count(rig: Rig) -> None:
    await rig.create_topics()
    loading = asyncio.create_task(rig.load(60_000, seconds=12))
    frozen = rig.start()
    rig.start()
    await rig.until_committed(5_000)
    frozen.send(signal.SIGSTOP)
    await asyncio.sleep(SESSION_MS / 1000 + 3)
    frozen.send(signal.SIGCONT)
    await rig.until_read(await loading)
    assert frozen.process.poll() is None, frozen.text()


async def test_scaling_out_and_in_changes_no_count(rig: Rig) -> None:
    await rig.create_topics()
    loading = asyncio.create_task(rig.load(60_000, seconds=10))
    first = rig.start()
    await rig.until_committed(5_000)
    second = rig.start()
    await until(lambda: '"recovered"' in second.text(), about=second.text)
    third = rig.start()
    await until(lambda: '"recovered"' in third.text(), about=third.text)
    first.send(signal.SIGTERM)
    assert first.wait(15) == 0
    second.kill()
    await rig.until_read(await loading)


async def test_a_task_that_was_fenced_is_dropped_and_recovered_again(rig: Rig) -> None:
    await rig.create_topics()
    want = await rig.load(5_000)
    worker = rig.start()
    await rig.until_read(want)
    async with AIOKafkaProducer(bootstrap_servers=rig.bootstrap, transactional_id=f"{rig.group}.account.1"):
        want += await rig.load(5_000, seed=2)
        await until(lambda: worker.metric("playcall_fenced_tasks_total") == 1, about=worker.text)
        await rig.until_read(want)
    assert worker.process.poll() is None


async def test_recovery_reads_back_what_was_committed_every_time(rig: Rig) -> None:
    await rig.create_topics()
    want = await rig.load(10_000)
    for _ in range(3):
        worker = rig.start(COUNT_UNTIL_END="1")
        assert worker.wait(40) == 0, worker.text()
    await rig.until_read(want)
