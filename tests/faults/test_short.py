"""The fault run in short: the full one is `make faults`, by row `make faults ROW=n`."""

from functools import partial
from pathlib import Path

import pytest

from streams.broker.ladder import Kafka
from tests.faults import mix
from tests.faults.rows.catalogue import rows, scenario_of
from tests.faults.run import play
from tests.faults.stage import Harness


@pytest.mark.broker
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_killed_frozen_and_scaled_workers_leave_exactly_what_the_reference_wants(kafka: Kafka, tmp_path: Path) -> None:
    scenario = partial(mix.scenario, faults=3, accounts=200, events=36_000)
    report = play("mix", scenario, Harness(kafka.bootstrap, tmp_path, print), seed=7)
    assert report.exact, report.as_text()


def test_every_row_says_its_fault_and_has_a_scenario() -> None:
    assert [scenario_of(row)[0] for row in rows() if not scenario_of(row)[0].startswith(f"Row {row}: ")] == []
