"""Workers on machines whose wall clock is wrong, or is set while they run."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.broker.ladder import Kafka
from tests.broker.shell_rig import Rig, Worker, rig_on, until
from tests.stepped_clock import step

HOUR_MS = 3_600_000


@pytest.fixture
def rig(kafka: Kafka, prefix: str, tmp_path: Path) -> Iterator[Rig]:
    with rig_on(kafka.bootstrap, prefix, tmp_path, partitions=2) as rig:
        yield rig


@pytest.fixture
def offset(tmp_path: Path) -> Path:
    """The file that says how far the worker's wall clock is off."""
    file = tmp_path / "offset"
    step(file, 0)
    return file


def settled(worker: Worker) -> list[int | None]:
    """How far ahead the wall clock was found each time a doubt ended; None where it is followed again."""
    lines = re.findall(r'"event": "clock_settled".*', worker.text())
    return [int(found[1]) if (found := re.search(r'"wall_ahead_s": (-?\d+)', line)) else None for line in lines]


async def test_a_wrong_step_is_settled_by_the_broker_and_nothing_is_lost_or_applied_twice(rig: Rig, offset: Path) -> None:
    await rig.create_topics()
    want = await rig.load(2_000)
    worker = rig.start(COUNT_CLOCK_OFFSET=str(offset))
    await rig.until_read(want)
    for hours in (1, -1):
        step(offset, hours * HOUR_MS)
        await until(lambda: len(settled(worker)) % 2, about=worker.text)
        assert worker.metric("playcall_clock_in_doubt") == 0
        assert f"the wall clock is wrong by {hours * 3600:+} s" in worker.get("/readyz")[1]
        assert worker.get("/readyz")[0] == 200
        lag_s = worker.metric("playcall_task_time_lag_seconds", partition="0")
        assert lag_s is not None
        assert lag_s < 60
        want += await rig.load(1_000, seed=10 + hours)
        await rig.until_read(want)
        step(offset, 0)
        await until(lambda: not len(settled(worker)) % 2, about=worker.text)
    assert settled(worker) == [3600, None, -3600, None]
    assert worker.get("/readyz") == (200, "ready\n")


async def test_a_clock_that_is_set_right_is_followed(rig: Rig, offset: Path) -> None:
    await rig.create_topics()
    step(offset, -240_000)
    worker = rig.start(COUNT_CLOCK_OFFSET=str(offset))
    await until(lambda: worker.get("/readyz")[0] == 200, about=worker.text)
    step(offset, 0)
    await until(lambda: settled(worker), about=worker.text)
    assert settled(worker) == [None]


@pytest.mark.parametrize(
    ("minutes", "who"),
    [(61, "this machine's clock is 1 h 1 min ahead of the broker's"), (-7, "the broker's clock is 7 min 0 s ahead of this machine's")],
)
async def test_a_worker_far_from_the_broker_s_time_does_not_start(rig: Rig, offset: Path, minutes: int, who: str) -> None:
    await rig.create_topics()
    step(offset, minutes * 60_000)
    worker = rig.start(COUNT_CLOCK_OFFSET=str(offset))
    assert worker.wait(30) == 2, worker.text()
    assert f"playcall: refused to run: {who}" in worker.text()
    assert "NTP" in worker.text()
    assert await rig.read_feeds(b"go-live/") == []  # nothing was decided by that clock


async def test_topics_that_keep_the_writers_times_are_named_and_the_worker_runs_unguarded(rig: Rig) -> None:
    rig.append_time = False
    await rig.create_topics()
    want = await rig.load(500)
    worker = rig.start()
    await rig.until_read(want)
    assert "message.timestamp.type=LogAppendTime" in worker.text()
    assert '"event": "clock_unguarded"' in worker.text()
