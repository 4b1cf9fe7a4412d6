"""How a worker ends: in good order, at once, or because it must."""

import re
import signal
from collections import Counter
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


async def test_sigterm_in_a_backlog_commits_leaves_and_exits_zero(rig: Rig) -> None:
    await rig.create_topics()
    want = await rig.load(40_000)
    worker = rig.start(CATCH_UP_RATE="5000")
    await rig.until_committed(4_000)
    worker.send(signal.SIGTERM)
    assert worker.wait(15) == 0, worker.text()
    counts, lag = await rig.committed()
    assert lag > 0
    assert await rig.outputs() == Counter({key: n for key, n in counts.items() if key[0] == "tickets"})
    # Who left the group need not be waited for: the next owner is assigned well within the session.
    follower = rig.start(SESSION_TIMEOUT_MS="30000", HEARTBEAT_INTERVAL_MS="1000")
    await until(lambda: '"recovered"' in follower.text(), seconds=12, about=follower.text)
    await rig.until_read(want)


async def test_a_second_sigterm_ends_the_process_at_once(rig: Rig) -> None:
    await rig.create_topics()
    worker = rig.start()
    await until(lambda: '"recovered"' in worker.text(), about=worker.text)
    worker.send(signal.SIGSTOP)  # so that both arrive before either is answered
    worker.send(signal.SIGTERM)
    worker.send(signal.SIGINT)
    worker.send(signal.SIGCONT)
    assert worker.wait(5) in (128 + signal.SIGTERM, 128 + signal.SIGINT), worker.text()


async def test_an_input_that_cannot_be_applied_ends_the_process_and_nothing_of_that_step_is_committed(rig: Rig) -> None:
    await rig.create_topics()
    async with AIOKafkaProducer(bootstrap_servers=rig.bootstrap) as producer:
        await producer.send_and_wait(rig.prefix + "tickets", b"fine", b"acct-1", partition=0)
    worker = rig.start(COUNT_FAIL_AT="poison")
    await rig.until_read({("tickets", b"acct-1"): 1})
    async with AIOKafkaProducer(bootstrap_servers=rig.bootstrap) as producer:
        await producer.send_and_wait(rig.prefix + "tickets", b"poison", b"acct-1", partition=0)
    assert worker.wait(20) == 3, worker.text()
    assert "playcall: stopped by ValueError: cannot apply poison. Nothing of this step was committed" in worker.text()
    assert await rig.committed() == (Counter({("tickets", b"acct-1"): 1}), 1)
    rig.workers.clear()
    rig.start()
    await rig.until_read({("tickets", b"acct-1"): 2})


async def test_a_finite_run_ends_by_itself_when_all_is_committed(rig: Rig) -> None:
    await rig.create_topics()
    want = await rig.load(10_000)
    worker = rig.start(COUNT_UNTIL_END="1")
    assert worker.wait(40) == 0, worker.text()
    await rig.until_read(want, seconds=1)


async def test_go_live_is_decided_once_for_all_workers_of_an_application(rig: Rig) -> None:
    await rig.create_topics()
    seen = set()
    for _ in range(2):
        worker = rig.start(COUNT_UNTIL_END="1")
        assert worker.wait(30) == 0, worker.text()
        seen |= set(re.findall(r"go-live (\d+)", worker.text()))
    assert len(seen) == 1
    given = rig.start(COUNT_UNTIL_END="1", GO_LIVE_AT="2026-03-01T00:00:00Z")
    assert given.wait(30) == 0, given.text()
    assert "go-live 1772323200000 " in given.text()
