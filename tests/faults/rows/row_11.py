"""Row 11: a foreign or a damaged record in the state; the state emptied, deleted, compacted under way."""

import json
from random import Random

from schemas.catalogue import topic
from streams.engine.store import fingerprint
from tests.faults import topic_surgery as surgery
from tests.faults.refusing import FAILED, MAY_EXIT, REFUSED, doctor_finds, must_end, watch_anew
from tests.faults.report import Report
from tests.faults.seen import CURSOR
from tests.faults.stage import Harness, Stage
from tests.faults.topic_surgery import State


def scenario(harness: Harness, report: Report) -> None:
    """Two workers read; again and again they stop, the state is hurt, one worker must refuse, the state is mended, they go on."""
    draw = Random(report.seed)
    with harness.stage(report, accounts=120, events=18_000, seconds=60) as stage:
        faults = [_foreign, _damaged, _emptied, _deleted, _compacted]
        try:
            for fault in draw.sample(faults, len(faults)):
                stage.fleet.start(0)
                stage.fleet.start(1)
                stage.progress(draw.randrange(500, 1_500))
                if fault is _compacted:
                    _compacted(stage, draw, {})
                    continue
                stage.fleet.stop_in_order()
                fault(stage, draw, surgery.read_state(stage.bootstrap, _state(stage)))
            stage.fleet.start(0)
            stage.fleet.start(1)
            stage.finish(may_exit=MAY_EXIT)
        finally:
            stage.watch.stop()


def _state(stage: Stage) -> str:
    return stage.prefix + "state"


def _foreign(stage: Stage, draw: Random, saved: State) -> None:
    """Something else writes to the topic: a cell of an account that nobody knows. A tombstone takes it out."""
    partition = draw.randrange(stage.work.partitions)
    key = b"stranger\x00today"
    surgery.put(stage.bootstrap, _state(stage), [(partition, key, b"\x01\x80")])
    what = f"state of partition {partition} cannot be used"
    must_end(stage, "a foreign record in the state", REFUSED, what, "missing or foreign", partition=partition)
    doctor_finds(stage, f"{_state(stage)}:{partition}", "records are missing or foreign")
    surgery.put(stage.bootstrap, _state(stage), [(partition, key, None)])
    mended = surgery.read_state(stage.bootstrap, _state(stage))
    same = {place: value for place, value in mended.items() if place[0] == partition}
    stage.must("with it taken out the state is as before", holds=same == {p: value for p, value in saved.items() if p[0] == partition})


def _damaged(stage: Stage, draw: Random, saved: State) -> None:
    """A faulty release wrote nonsense and vouched for it. What was there before is written back, with its cursor."""
    partition, key = draw.choice(sorted(place for place in saved if place[1].endswith(b"\x00deadlines")))
    account = key.partition(b"\x00")[0].decode()
    nonsense = b"\x01\xc1" + draw.randbytes(5)
    cursor = json.loads(saved[partition, CURSOR])
    total = (int(cursor["sum"], 16) - fingerprint(key, saved[partition, key]) + fingerprint(key, nonsense)) % (1 << 64)
    vouched = json.dumps({**cursor, "sum": f"{total:016x}"}).encode()
    surgery.put(stage.bootstrap, _state(stage), [(partition, key, nonsense), (partition, CURSOR, vouched)])
    flag = f"--quarantine account:{account}"
    named = (f"account '{account}'", "cell 'deadlines' is damaged", flag)
    must_end(stage, "a damaged cell in the state", FAILED, *named, partition=partition)
    doctor_finds(stage, f"account '{account}': cell 'deadlines' is damaged (7 bytes, version 1)", flag)
    surgery.put(stage.bootstrap, _state(stage), [(partition, key, saved[partition, key]), (partition, CURSOR, saved[partition, CURSOR])])


def _emptied(stage: Stage, draw: Random, saved: State) -> None:
    """Every record of the state deleted; restored from a copy."""
    surgery.empty(stage.bootstrap, _state(stage), stage.work.partitions, topic("state").settings)
    must_end(stage, "the state emptied", REFUSED, "holds no state", "the state topic was deleted or re-created")
    doctor_finds(stage, "the group has offsets, but there is no cursor")
    surgery.restore(stage.bootstrap, _state(stage), saved)


def _deleted(stage: Stage, draw: Random, saved: State) -> None:
    """The topic deleted: missing first, then empty, then restored from a copy."""
    surgery.delete(stage.bootstrap, [_state(stage)])
    must_end(stage, "the state deleted", REFUSED, f"topics are missing: {_state(stage)}", "playcall topics apply")
    doctor_finds(stage, f"{_state(stage)}  missing")
    surgery.apply(stage.fleet)
    watch_anew(stage)
    must_end(stage, "the state created anew", REFUSED, "holds no state")
    surgery.restore(stage.bootstrap, _state(stage), saved)


def _compacted(stage: Stage, draw: Random, saved: State) -> None:
    """The cleaner runs while workers write; then one is killed, and what it left must be whole."""
    settings = topic("state").settings
    before = surgery.records_left(stage.bootstrap, _state(stage))
    surgery.compact_soon(stage.bootstrap, _state(stage), settings)
    stage.wait(lambda: surgery.records_left(stage.bootstrap, _state(stage)) < before, f"fewer than {before} records after compaction", 90)
    left = surgery.records_left(stage.bootstrap, _state(stage))
    stage.did(f"state compacted while workers wrote: {before} records, then {left}; both killed")
    for number in (0, 1):
        stage.fleet.kill(number)
    surgery.configure(stage.bootstrap, _state(stage), settings)
