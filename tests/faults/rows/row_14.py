"""Row 14: keys written with another partitioner, and topics that are not what they were."""

from random import Random

from tests.faults import misplaced
from tests.faults.changed_topics import changed_topics
from tests.faults.checks import inputs_of
from tests.faults.report import Report
from tests.faults.seen import REKEYED
from tests.faults.stage import Harness
from tests.faults.workload import build


def scenario(harness: Harness, report: Report) -> None:
    """One act per way in which a topic can be wrong."""
    crc32(harness, report)
    changed_topics(harness, report)


def crc32(harness: Harness, report: Report) -> None:
    """Usage and tickets placed by CRC32 of the key: forwarded once, while workers die and freeze in the middle of it."""
    draw = Random(report.seed)
    work = misplaced.by_crc32(build(report.seed, 200, 24_000))
    with harness.stage(report, act="crc32", work=work, seconds=30) as stage:
        fleet = stage.fleet
        fleet.start(0)
        fleet.start(1)
        for turn in range(4):
            stage.progress(draw.randrange(1_500, 4_000))
            number = draw.randrange(2)
            if turn == 2:
                fleet.freeze(number, 9.0)
                stage.did(f"worker {number} frozen past its session")
            else:
                fleet.kill(number)
                fleet.start(number)
                stage.did(f"kill -9 of worker {number}")
            fleet.revive(finished_too=True)
        stage.must("the last fault met records still to read", holds=_unfinished(stage.watch.cursors(), work.written))
        seen = stage.finish(against=misplaced.compare)
        report.figures["strays"] = sum(misplaced.strays(work, topic) for topic in work.topics)
        report.figures["of them applied where they belong"] = inputs_of(seen, REKEYED)["applied"]


def _unfinished(cursors: dict[int, dict[str, dict[str, int]]], written: int) -> bool:
    """Whether the last fault met work still to do. Offsets count markers too, so this is on the safe side."""
    return sum(sum(n for topic, n in cursor["offsets"].items() if topic != REKEYED) for cursor in cursors.values()) < written
