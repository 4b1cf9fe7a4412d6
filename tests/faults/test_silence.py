"""The feed cut in short: all acts over 5,000 accounts are `make silence`."""

from pathlib import Path

import pytest

from streams.broker.ladder import Kafka
from tests.faults.silence.run import play


@pytest.mark.broker
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_nobody_who_came_is_called_absent_while_the_feed_is_cut(kafka: Kafka, tmp_path: Path) -> None:
    report = play("cut", kafka.bootstrap, tmp_path, accounts=120, seed=7, hours=2)
    assert report.exact, report.as_text()
    assert report.figures["held, then cleared"] > 0
