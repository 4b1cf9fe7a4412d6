"""A source deleted and created anew, partitions 4 to 8 under way and while nobody runs, a wrong count at the start."""

import asyncio
from random import Random

from schemas.catalogue import account_topics, topic
from tests.faults import topic_surgery as surgery
from tests.faults.log_io import write
from tests.faults.refusing import FAILED, MAY_EXIT, REFUSED, doctor_finds, must_end, watch_anew
from tests.faults.report import Report
from tests.faults.stage import Harness, Stage
from tests.faults.workload import Workload

LOOK_S = "1"  # how often workers look at their topics


def changed_topics(harness: Harness, report: Report) -> None:
    """Three acts; each ends with beginning afresh, as the refusals say, and must then be exact."""
    draw = Random(report.seed)
    small = {"accounts": 60, "events": 9_000, "seconds": 40.0, "settings": {"PLAYCALL_TOPIC_WATCH_S": LOOK_S}}
    for act, play in (("recreated source", _recreated), ("partitions added", _grown), ("wrong count", _wrong_count)):
        with harness.stage(report, act=act, **small) as stage:  # type: ignore[arg-type]
            try:
                play(stage, draw)
                _finish(stage)
            finally:
                stage.watch.stop()


def _finish(stage: Stage) -> None:
    """Read to the end and compare; that recoveries change nothing is other rows' business."""
    stage.fleet.settings = {**stage.fleet.settings, "PLAYCALL_CATCH_UP_RATE": "0"}
    stage.fleet.restart_running()
    stage.must("everyone comes to the end", holds=stage.fleet.wait_finished(300))
    stage.judge(MAY_EXIT)


def _recreated(stage: Stage, draw: Random) -> None:
    """A source is deleted and filled again, beyond where the cursor stood: by offsets alone nothing would be wrong."""
    source = draw.choice([name for name in stage.work.topics if topic(name).direction == "in"])
    _run_a_while(stage, draw)
    stage.fleet.stop_in_order()
    surgery.delete(stage.bootstrap, [stage.prefix + source])
    surgery.apply(stage.fleet)
    again = Workload(stage.work.partitions, stage.work.until_ms, {source: stage.work.topics[source]})
    asyncio.run(write(stage.bootstrap, stage.prefix, again))
    named = f"{stage.prefix}{source} was deleted and created anew since partition"
    ways = (f"--recreated {source}:begin", "begin afresh: stop all workers")
    must_end(stage, f"{source} deleted, created anew and filled", REFUSED, named, *ways)
    doctor_finds(stage, "was deleted and created anew since the last commit", f"--recreated {source}:keep")
    # Afresh, as the line says. The outputs go too, only so that they can be compared.
    ours = [name for name in surgery.topics_of(stage.bootstrap, stage.prefix) if topic(name.removeprefix(stage.prefix)).direction != "in"]
    surgery.delete(stage.bootstrap, ours)
    _begin_afresh(stage)


def _grown(stage: Stage, draw: Random) -> None:
    """One topic grows under workers; then all of them do."""
    _run_a_while(stage, draw)
    source = draw.choice(["product-usage", "tickets", "play-updates"])
    surgery.grow(stage.bootstrap, [stage.prefix + source], 2 * stage.work.partitions)
    for number in (0, 1):
        process = stage.fleet.workers[number].process
        stage.wait(lambda process=process: process.poll() is not None, f"worker {number} ends")  # type: ignore[misc]
        code = process.returncode
        stage.must(f"{source} grown: worker {number} ends with {FAILED} (it was {code})", holds=code == FAILED)
        stage.must(f"worker {number} says why", holds=f"{stage.prefix}{source} has 8 partitions now, it had 4" in stage.fleet.said(number))
    stage.did(f"{source} grown from 4 to 8 partitions under two workers: both ended")
    must_end(
        stage, f"{source} with 8 partitions, the others with 4", REFUSED, "differ in partition count", f"{stage.prefix}{source} with 8"
    )
    doctor_finds(stage, f"{stage.prefix}{source}  partitions is 8, expected 4")
    surgery.grow(stage.bootstrap, (stage.prefix + name for name in account_topics() if name != source), 2 * stage.work.partitions)
    must_end(stage, "every topic with 8 partitions", REFUSED, "was written when they had 4", "Kafka takes no partition back")
    doctor_finds(stage, "was written when they had 4")
    _everything_anew(stage)


def _wrong_count(stage: Stage, draw: Random) -> None:
    """Somebody created one topic with another count, before the first start."""
    odd = stage.prefix + draw.choice(["billing", "decisions", "state", "tickets.dlq"])
    surgery.grow(stage.bootstrap, [odd], stage.work.partitions + draw.randrange(1, 5))
    must_end(stage, f"{odd} with another partition count", REFUSED, "differ in partition count", odd)
    stage.must("nothing was written", holds=surgery.records_left(stage.bootstrap, stage.prefix + "state") == 0)
    _everything_anew(stage)


def _run_a_while(stage: Stage, draw: Random) -> None:
    stage.fleet.start(0)
    stage.fleet.start(1)
    stage.progress(draw.randrange(500, 2_000))


def _everything_anew(stage: Stage) -> None:
    """All topics deleted, created with the common count, filled again."""
    surgery.delete(stage.bootstrap, surgery.topics_of(stage.bootstrap, stage.prefix))
    surgery.apply(stage.fleet)
    asyncio.run(write(stage.bootstrap, stage.prefix, stage.work))
    _begin_afresh(stage)


def _begin_afresh(stage: Stage) -> None:
    """`playcall topics apply`, another app_id."""
    stage.fleet.settings = {**stage.fleet.settings, "PLAYCALL_APP_ID": stage.prefix + "app-2"}
    surgery.apply(stage.fleet)
    watch_anew(stage)
    stage.fleet.start(0)
    stage.fleet.start(1)
