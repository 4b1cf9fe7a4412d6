"""Row 8: events days late, a year late, days ahead, a flood of them from one customer; a partition on which topics are idle."""

from random import Random

from tests.faults.dates import spoil
from tests.faults.report import Report
from tests.faults.stage import Harness
from tests.faults.workload import build


def scenario(harness: Harness, report: Report) -> None:
    """The dates are the fault; two kills on the way show that what is held or not believed is so after a restart too."""
    draw = Random(report.seed)
    work = build(report.seed, 200, 36_000)
    counts = spoil(work, report.seed)
    with harness.stage(report, work=work, seconds=50) as stage:
        for what, count in counts.items():
            stage.did(f"{count:,} records {what}")
            stage.must(f"there are records {what}", holds=count > 0)
        stage.fleet.start(0)
        stage.fleet.start(1)
        for _ in range(2):
            stage.progress(draw.randrange(3_000, 12_000))
            number = draw.choice((0, 1))
            stage.fleet.kill(number)
            stage.fleet.start(number)
            stage.did(f"kill -9 of worker {number}")
        stage.finish()
