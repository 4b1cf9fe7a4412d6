"""A broker that is out of reach, and topics that are gone: said, survived or ended with the remedy."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from streams.broker.ladder import Kafka
from streams.broker.local import local_node
from tests.broker.shell_rig import Rig, Worker, rig_on, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(150)]
SHORT = {"TRANSACTION_TIMEOUT_MS": "6000"}


@pytest.fixture
def rig(kafka: Kafka, prefix: str, tmp_path: Path) -> Iterator[Rig]:
    with rig_on(kafka.bootstrap, prefix, tmp_path, partitions=2) as rig:
        yield rig


def says(worker: Worker, status: int, text: str) -> bool:
    """Whether /readyz does."""
    code, body = worker.get("/readyz")
    return code == status and text in body


@pytest.mark.long
async def test_a_broker_silent_longer_than_every_timeout_costs_readiness_and_nothing_else(
    own_node: None, prefix: str, tmp_path: Path
) -> None:
    with local_node(lambda _: None) as node, rig_on(node.bootstrap, prefix, tmp_path, partitions=2) as rig:
        await rig.create_topics()
        want = await rig.load(20_000)
        first, second = (rig.start(CATCH_UP_RATE="4000", **SHORT) for _ in range(2))
        await rig.until_committed(4_000)
        os.kill(node.pid, signal.SIGSTOP)
        silent_since = time.monotonic()
        try:
            for worker in (first, second):
                await until(partial(says, worker, 503, "no answer from the broker"), about=worker.text)
            # Longer than the session (4 s), the transactions (6 s) and a request (30 s).
            await asyncio.sleep(max(0.0, 40 - (time.monotonic() - silent_since)))
        finally:
            os.kill(node.pid, signal.SIGCONT)
        await rig.until_read(want, seconds=90)
        for worker in (first, second):
            assert worker.process.poll() is None, worker.text()
            await until(partial(says, worker, 200, "ready"), seconds=60, about=worker.text)
        want += await rig.load(2_000, seed=2)
        await rig.until_read(want)


@pytest.mark.parametrize("name", ["tickets", pytest.param("triggers", marks=pytest.mark.long), "state"])
async def test_a_topic_deleted_under_a_running_worker_is_named_with_the_remedy(rig: Rig, name: str) -> None:
    await rig.create_topics()
    want = await rig.load(2_000)
    worker = rig.start()
    await rig.until_read(want)
    async with rig.admin() as admin:
        await admin.delete_topics([rig.prefix + name])
    if name != "tickets":
        await rig.load(500, seed=2)  # something to commit
    assert worker.wait(60) == 3, worker.text()
    assert f"topics were deleted under the running worker: {rig.prefix}{name}. " in worker.text()
    assert "playcall topics apply" in worker.text()


async def test_no_broker_at_the_start_is_a_refusal(rig: Rig) -> None:
    worker = rig.start(BOOTSTRAP="127.0.0.1:1")
    assert worker.wait(30) == 2, worker.text()
    assert "playcall: refused to run: no broker answers at 127.0.0.1:1" in worker.text()


async def test_a_partition_tells_when_it_is_live(rig: Rig) -> None:
    await rig.create_topics()
    worker = rig.start()
    await until(lambda: worker.text().count('"event": "live"') == 2, about=worker.text)
    assert '"caught_up_after_s": ' in worker.text()
