"""Row 7: the same event at other offsets, whole topics published again, the group's offsets moved by hand."""

import asyncio
import time
from collections import Counter
from functools import partial
from random import Random

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError

from tests.faults import checks
from tests.faults.log_io import write
from tests.faults.report import Report
from tests.faults.republished import published_once_more, with_repetitions
from tests.faults.seen import OUTPUTS, Seen, look
from tests.faults.stage import Harness, Stage
from tests.faults.workers import SESSION_MS
from tests.faults.workload import build

DAYS = 15  # ids other than those of usage events are known for 30 days, and a run ends ten days after its last event
REFUSED = 2
TOPIC = "product-usage"


def scenario(harness: Harness, report: Report) -> None:
    """Two acts: what publishers repeat, under kills; what an operator moves."""
    published_again(harness, report)
    moved_by_hand(harness, report)


def published_again(harness: Harness, report: Report) -> None:
    """All of it is written within the horizon of usage duplicates: repetitions must change nothing, whoever dies meanwhile."""
    draw = Random(report.seed)
    base = build(report.seed, 150, 12_000, days=DAYS)
    work = with_repetitions(base, draw)
    with harness.stage(report, act="published again", work=work, seconds=40) as stage:
        _kill_now_and_then(stage, draw, 4)
        seen = stage.finish()
        single = sum(_counted(seen, topic)["duplicate"] for topic in work.topics)
        report.figures["single events sent again, all duplicates"] = single
        again = published_once_more(base)
        asyncio.run(write(stage.bootstrap, stage.prefix, again))
        stage.did(f"the source topics published again as a whole, {again.written} events")
        stage.fleet.settings = {**stage.fleet.settings, "PLAYCALL_CATCH_UP_RATE": "400"}
        _kill_now_and_then(stage, draw, 3)
        stage.fleet.settings = {**stage.fleet.settings, "PLAYCALL_CATCH_UP_RATE": "0"}
        stage.wait(stage.fleet.all_finished, "the workers end", 180)
        after = asyncio.run(look(stage.bootstrap, stage.prefix, work.partitions))
        report.differences["whole topics again: I1 state"] = checks.state_is_the_fold(after, stage.outcome)
        report.differences["whole topics again: I6 lag"] = checks.lag_is_zero(after)
        for topic in OUTPUTS:
            stage.must(f"whole topics again add nothing to {topic}", holds=_said(seen, topic) == _said(after, topic))
        for topic in again.topics:
            more = _counted(after, topic) - _counted(seen, topic)
            stage.must(f"{topic} again is all duplicates, not {dict(more)}", holds=more == {"duplicate": again.count(topic, "event")})
        report.figures["events of whole topics sent again, all duplicates"] = again.written


def moved_by_hand(harness: Harness, report: Report) -> None:
    """Offsets set back to the beginning: refused with the reason; set right, the run ends as if nothing had been."""
    draw = Random(report.seed)
    with harness.stage(report, act="moved by hand", accounts=80, events=9_000, seconds=30) as stage:
        fleet = stage.fleet
        fleet.start(0)
        stage.progress(draw.randrange(1_500, 3_500))
        fleet.stop_in_order()
        stage.must("the group stands where the cursors do", holds=stage.watch.mirror_passes_no_state() == [])
        stage.watch.stop()  # what it would see from here on was never committed by a worker
        right = asyncio.run(_move(stage, dict.fromkeys(range(stage.work.partitions), 0)))
        stage.did(f"the group's offsets of {TOPIC} set to 0; they were {sorted(right.values())}")
        fleet.start(0)
        code = fleet.workers[0].process.wait(90)
        stage.must(f"the worker refuses with exit code {REFUSED}, not {code}", holds=code == REFUSED)
        stage.must("it says that somebody moved them", holds="somebody moved them" in fleet.said(0))
        asyncio.run(_move(stage, right))
        stage.did("the group's offsets set back to what they were")
        fleet.start(0)
        stage.finish()


def _kill_now_and_then(stage: Stage, draw: Random, times: int) -> None:
    fleet = stage.fleet
    fleet.start(0)
    fleet.start(1)
    for _ in range(times):
        goal = stage.watch.progress() + draw.randrange(600, 2_000)
        stage.wait(partial(_reached, stage, goal), "some more records committed")
        number = draw.randrange(2)
        fleet.kill(number)
        fleet.start(number)
        stage.did(f"kill -9 of worker {number}")
        fleet.revive(finished_too=True)


def _reached(stage: Stage, goal: int) -> bool:
    return stage.watch.progress() >= goal


def _counted(seen: Seen, topic: str) -> Counter[str]:
    total: Counter[str] = Counter()
    for cursor in seen.cursors.values():
        total.update(cursor["counts"].get(topic, {}))
    return total


def _said(seen: Seen, topic: str) -> list[tuple[bytes | None, bytes | None]]:
    return [(record.key, record.value) for record in seen.outputs[topic]]


async def _move(stage: Stage, offsets: dict[int, int]) -> dict[int, int]:
    """Commit these offsets for the group, once its last member is forgotten; returns what was there."""
    group = stage.prefix + "app"
    consumer = AIOKafkaConsumer(bootstrap_servers=stage.bootstrap, group_id=group, enable_auto_commit=False, auto_offset_reset="none")
    await consumer.start()
    try:
        places = {p: TopicPartition(stage.prefix + TOPIC, p) for p in offsets}
        consumer.assign(list(places.values()))
        before = {p: await consumer.committed(place) or 0 for p, place in places.items()}
        end = time.monotonic() + 4 * SESSION_MS / 1000
        while True:
            try:
                await consumer.commit({places[p]: offset for p, offset in offsets.items()})
            except CommitFailedError:
                if time.monotonic() > end:
                    raise
                await asyncio.sleep(0.5)
            else:
                return before
    finally:
        await consumer.stop()
