"""The engine and the reference, two implementations of the same semantics, on the same made-up histories."""

import pytest

from tests.faults import misplaced
from tests.faults.stage import compare
from tests.faults.workload import build
from tests.oracle.engine_run import run_engine
from tests.oracle.fold import fold


def test_engine_and_reference_agree_where_events_are_placed_by_crc32() -> None:
    work = misplaced.by_crc32(build(4, accounts=80, events=8_000))
    outcome = fold(work.log(), work.until_ms)
    found = misplaced.compare(run_engine(work), work, outcome)
    assert {name: differences for name, differences in found.items() if differences} == {}
    assert sum(misplaced.strays(work, topic) for topic in misplaced.BY_CRC32) > 3_000
    assert sum(fired.rule in misplaced.EVENT_RULES for fired in outcome.triggers) > 30


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_engine_and_reference_agree_on_state_triggers_runs_and_counts(seed: int) -> None:
    work = build(seed, accounts=120, events=24_000)
    outcome = fold(work.log(), work.until_ms)
    assert compare(run_engine(work), work, outcome) == {
        "I1 state": [],
        "I2 triggers": [],
        "I3 runs": [],
        "I5 inputs": [],
        "I6 lag": [],
    }
    assert len({fired.rule for fired in outcome.triggers}) >= 15
