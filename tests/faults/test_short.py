"""The fault run in short: the full one is `make faults`."""

from pathlib import Path

import pytest

from streams.broker.ladder import Kafka
from tests.faults.run import run
from tests.faults.workload import build


@pytest.mark.broker
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_killed_frozen_and_scaled_workers_leave_exactly_what_the_reference_wants(kafka: Kafka, tmp_path: Path) -> None:
    work = build(seed=7, accounts=200, events=36_000)
    report = run(kafka.bootstrap, work, seed=7, faults=3, folder=tmp_path, say=print)
    assert {name: found for name, found in report.differences.items() if found} == {}
