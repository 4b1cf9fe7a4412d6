"""Row 15: a rolling upgrade with both releases and both libraries in one group, rules edited mid-stream, a downgrade."""

import json
import subprocess
from collections import Counter
from functools import partial
from random import Random

from streams.processing.library import Revision
from tests.faults.editions import edition, retitled, rule_ids
from tests.faults.report import Report
from tests.faults.seen import Seen
from tests.faults.stage import Harness, Stage

OLDER = "tests.faults.older_release"
# Edited milestones are planned by today's segment of the account, the reference plans them once: their words stay as they are.
EDITED = [rule for rule in rule_ids() if rule != "T03"]


def scenario(harness: Harness, report: Report) -> None:
    """Edits of words alone: every account passes to each library, and the triggers stay those of the reference."""
    draw = Random(report.seed)
    with harness.stage(report, seconds=110) as stage:
        fleet, folder = stage.fleet, stage.folder
        first = edition(folder / "library-1")
        second = edition(folder / "library-2", before=first, rules=EDITED, edit=retitled)
        third = edition(folder / "library-3", before=second, rules=draw.sample(EDITED, 5), edit=retitled)
        one, two, three = (str(library) for library in (first, second, third))
        for number in (0, 1):
            fleet.start(number, program=OLDER, PLAYCALL_LIBRARY=one)
        stage.progress(draw.randrange(400, 900), 180)
        for number in (2, 3):
            fleet.start(number, PLAYCALL_LIBRARY=two)
            stage.did(f"worker {number} of the newer release joins with revision 2")
        stage.wait(lambda: 2 in _numbers(stage).values(), "a partition of revision 2", 180)
        stage.progress(draw.randrange(100, 600), 180)
        report.figures["partitions of each revision while both are in the group"] = float(len(set(_numbers(stage).values())))
        fleet.kill(2)
        fleet.start(2, PLAYCALL_LIBRARY=two)
        stage.did("worker 2 killed -9 and started again")
        stage.progress(draw.randrange(100, 400), 180)
        for number in (0, 1):
            stage.must(
                f"older worker {number} leaves in order: it was given nothing it cannot read",
                holds=_leaves(stage, number),
            )
            stage.did(f"worker {number} of the older release leaves")
        stage.wait(lambda: set(_numbers(stage).values()) == {2}, "all partitions of revision 2", 180)
        fleet.start(0, PLAYCALL_LIBRARY=one)
        stage.wait(lambda: '"partitions": []' in fleet.said(0), "one with revision 1 that is back is given nothing", 180)
        stage.must("it leaves in order", holds=_leaves(stage, 0))
        stage.did("a worker with revision 1 was back for a while, and got nothing")
        for number in (2, 3):
            stage.progress(draw.randrange(100, 400), 180)
            stage.must(f"worker {number} stops in order", holds=fleet.terminate(number) == 0)
            fleet.start(number, PLAYCALL_LIBRARY=three)
            stage.did(f"worker {number} restarted with revision 3, rules edited mid-stream")
        fleet.settings = {**fleet.settings, "PLAYCALL_LIBRARY": three}
        seen = stage.finish()
        _all_passed(stage, seen)
        _refused(stage, "revision 1", "--allow-rollback", PLAYCALL_LIBRARY=one)
        _refused(stage, "an older release", "cell 'milestones' was written in version", program=OLDER)
        fleet.start(9, PLAYCALL_LIBRARY=one, PLAYCALL_ALLOW_ROLLBACK="true")
        stage.wait(lambda: fleet.workers[9].process.poll() is not None, "the rollback ends", 120)
        stage.must("a rollback that was allowed finishes", holds=fleet.workers[9].process.poll() == 0)
        stage.wait(lambda: set(_numbers(stage).values()) == {1}, "all partitions are back at revision 1")
        stage.did("rolled back to revision 1 with --allow-rollback")


def _numbers(stage: Stage) -> dict[int, int]:
    return {partition: Revision.parse(cursor["revision"]).number for partition, cursor in stage.watch.cursors().items()}


def _leaves(stage: Stage, number: int) -> bool:
    """A worker with nothing to do may have finished by itself."""
    return stage.fleet.scale_in(number) == 0


def _all_passed(stage: Stage, seen: Seen) -> None:
    revisions = {Revision.parse(cursor["revision"]).number for cursor in seen.cursors.values()}
    stage.must(f"every partition is at revision 3 (they are at {revisions})", holds=revisions == {3})
    stage.must("no sweep is left over", holds=not any("sweep" in cursor for cursor in seen.cursors.values()))
    marked = [key for _, key in seen.state if key.endswith((b"\x00swept", b"\x00activating"))]
    stage.must(f"no account is in between ({marked[:5]})", holds=not marked)
    decisions = [json.loads(record.value or b"{}") for record in seen.outputs["decisions"]]
    opened = Counter(one["trigger_id"] for one in decisions if one["reason"] == "activated")
    fired = {json.loads(record.value or b"{}")["trigger_id"] for record in seen.outputs["triggers"]}
    stage.must("no episode is opened in silence twice", holds=max(opened.values(), default=1) == 1)
    stage.must("none that was opened in silence has fired", holds=not fired & set(opened))
    stage.report.figures["episodes opened in silence"] = float(len(opened))


def _refused(stage: Stage, what: str, words: str, program: str | None = None, **settings: str) -> None:
    fleet, number = stage.fleet, 8
    fleet.start(number, program=program, **settings)
    process = fleet.workers[number].process
    stage.wait(partial(_is_over, process), f"{what} ends", 180)
    said = fleet.said(number)
    stage.must(f"{what} is refused with exit 2 (it was {process.poll()})", holds=process.poll() == 2)
    stage.must(f"{what} is told what to do, in one line", holds=words in said and "Traceback" not in said)
    del fleet.workers[number]
    stage.did(f"{what} is refused")


def _is_over(process: subprocess.Popen[bytes]) -> bool:
    return process.poll() is not None
