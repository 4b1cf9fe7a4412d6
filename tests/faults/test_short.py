"""The fault run in short: the full one is `make faults`, by row `make faults ROW=n`."""

from functools import partial
from pathlib import Path

import pytest

from streams.broker.ladder import Kafka
from tests.faults import mix
from tests.faults.rows import row_01, row_18
from tests.faults.rows.catalogue import rows, scenario_of
from tests.faults.run import play
from tests.faults.stage import Harness
from tests.faults.whole import scenario as whole


@pytest.mark.broker
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_killed_frozen_and_scaled_workers_leave_exactly_what_the_reference_wants(kafka: Kafka, tmp_path: Path) -> None:
    scenario = partial(mix.scenario, faults=3, accounts=60, events=10_000)
    report = play("mix", scenario, Harness(kafka.bootstrap, tmp_path, print), seed=7)
    assert report.exact, report.as_text()


@pytest.mark.broker
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_workers_that_die_where_an_answer_is_lost_leave_exactly_what_the_reference_wants(kafka: Kafka, tmp_path: Path) -> None:
    points = ("state-ack-lost", "commit-answer-lost", "recovery-reading", "shutdown-committed")
    report = play("row 1", partial(row_01.scenario, where=points), Harness(kafka.bootstrap, tmp_path, print), seed=3)
    assert report.exact, report.as_text()


@pytest.mark.broker
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_whole_library_under_faults_says_of_its_runs_what_one_thread_says(kafka: Kafka, tmp_path: Path) -> None:
    wanted = ("launches", "acknowledgements", "warnings", "breaches", "levels of a ladder", "steps due", "steps done")
    scenario = partial(whole.scenario, faults=2, accounts=18, days=60, history=35, wanted=wanted)
    report = play("whole", scenario, Harness(kafka.bootstrap, tmp_path, print), seed=7)
    assert report.exact, report.as_text()


@pytest.mark.long
@pytest.mark.broker
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_no_clock_breaches_twice_or_late_whoever_was_down_or_asleep(kafka: Kafka, tmp_path: Path) -> None:
    report = play("row 18", row_18.scenario, Harness(kafka.bootstrap, tmp_path, print), seed=3)
    assert report.exact, report.as_text()


def test_every_row_says_its_fault_and_has_a_scenario() -> None:
    assert [scenario_of(row)[0] for row in rows() if not scenario_of(row)[0].startswith(f"Row {row}: ")] == []
