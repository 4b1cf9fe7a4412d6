"""Workers with a name in the group: a restart within the session moves nothing, and two of one name cannot both stay."""

import asyncio
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.broker.ladder import Kafka
from tests.broker.shell_rig import Rig, Worker, rig_on, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(90)]
SESSION = {"SESSION_TIMEOUT_MS": "20000", "HEARTBEAT_INTERVAL_MS": "500"}


@pytest.fixture
def rig(kafka: Kafka, prefix: str, tmp_path: Path) -> Iterator[Rig]:
    with rig_on(kafka.bootstrap, prefix, tmp_path) as rig:
        yield rig


def assigned(worker: Worker) -> list[tuple[int, list[int]]]:
    """(generation, partitions) of every assignment, in order."""
    lines = [line for line in worker.text().splitlines() if '"event": "assigned"' in line]
    return [
        (
            int(re.findall(r'"generation": (\d+)', line)[0]),
            [int(n) for n in re.findall(r"\d+", line.split('"partitions": ')[1].split("]")[0])],
        )
        for line in lines
    ]


async def two_workers(rig: Rig) -> tuple[Worker, Worker]:
    """Both named, settled with two partitions each."""
    first = rig.start(INSTANCE_ID="one", **SESSION)
    second = rig.start(INSTANCE_ID="two", **SESSION)

    def settled() -> bool:
        ready = all(worker.get("/readyz")[0] == 200 for worker in (first, second))
        return ready and [len((assigned(worker) or [(0, [])])[-1][1]) for worker in (first, second)] == [2, 2]

    await until(settled, about=lambda: first.text() + second.text())
    return first, second


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("leader", [pytest.param(True, marks=pytest.mark.long), False])
async def test_a_restart_within_the_session_moves_nothing(rig: Rig, how: signal.Signals, leader: bool) -> None:
    await rig.create_topics()
    want = await rig.load(4_000)
    restarted, stays = await two_workers(rig)
    if not leader:
        restarted, stays = stays, restarted
    name = "one" if leader else "two"
    await rig.until_read(want)
    had, other = assigned(restarted)[-1], assigned(stays)
    restarted.send(how)
    restarted.wait(15)
    loading = asyncio.create_task(rig.load(4_000, seed=2))
    back = rig.start(INSTANCE_ID=name, **SESSION)
    await until(lambda: back.get("/readyz")[0] == 200, about=back.text)
    want += await loading
    await rig.until_read(want)
    assert assigned(back) == [had]  # the same generation too
    assert assigned(stays) == other
    # The next rebalance still knows what everyone held: nobody who stays loses more than a newcomer needs.
    third = rig.start(INSTANCE_ID="three", **SESSION)
    await until(lambda: third.get("/readyz")[0] == 200 and assigned(third)[-1][1], about=third.text)
    await until(lambda: back.get("/readyz")[0] == 200 and stays.get("/readyz")[0] == 200)
    assert set(assigned(back)[-1][1]) <= set(had[1])
    assert set(assigned(stays)[-1][1]) <= set(other[-1][1])
    want += await rig.load(2_000, seed=3)
    await rig.until_read(want)


async def test_of_two_workers_with_one_name_the_older_ends_and_says_why(rig: Rig) -> None:
    await rig.create_topics()
    want = await rig.load(2_000)
    older = rig.start(INSTANCE_ID="one", **SESSION)
    await rig.until_read(want)
    newer = rig.start(INSTANCE_ID="one", **SESSION)
    assert older.wait(30) == 3, older.text()
    assert "with the instance_id one of this one" in older.text()
    rig.workers.remove(older)
    want += await rig.load(2_000, seed=2)
    await rig.until_read(want)
    assert newer.process.poll() is None


async def test_a_named_worker_that_stays_away_is_replaced_after_its_session(rig: Rig) -> None:
    await rig.create_topics()
    first, second = rig.start(INSTANCE_ID="one"), rig.start(INSTANCE_ID="two")
    await until(lambda: all(worker.get("/readyz")[0] == 200 for worker in (first, second)))
    first.send(signal.SIGTERM)
    assert first.wait(15) == 0
    await until(lambda: assigned(second)[-1][1] == [0, 1, 2, 3], seconds=20, about=second.text)
    await rig.until_read(await rig.load(2_000))
