"""The demonstration makes the quarterly review of its own history."""

import gzip
import json
from datetime import date, datetime, timedelta
from pathlib import Path

from streams.demo.outcome import measure
from streams.demo.outcome_file import made_reports, write_outcome
from streams.demo.plan import DemoPlan
from streams.demo.review import quarterly
from streams.fleet.fleet import Fleet
from tests.unit.test_outcomes_review import done, run


def test_runs_are_reviewed_by_quarter_with_who_left_from_the_events(tmp_path: Path) -> None:
    plan = DemoPlan.quick(tmp_path, "x", 7, date(2026, 11, 16))
    start = datetime.fromisoformat(plan.start)
    left = {"type": "account.churned", "account_id": "globex", "occurred_at": (start + timedelta(days=5)).isoformat()}
    plan.events_file.write_bytes(gzip.compress(json.dumps(left).encode() + b"\n"))
    messages = [*run("a", "PB1", "acme", start, *done("look", "write")), *run("b", "PB1", "globex", start)]

    quarters = quarterly(plan, reversed(messages))

    assert [quarter.total.fired for quarter in quarters] == [2]
    assert (quarters[0].total.stayed.part, quarters[0].total.stayed.whole) == (1, 2)

    outcome = measure(Fleet(plan.spec), [], messages, ["PB1"])
    write_outcome(plan, "a broker", outcome, None, quarters)
    assert made_reports(plan.outcome_file) == {"PB6": 1}
    write_outcome(plan, "a broker", outcome, None)
    assert made_reports(plan.outcome_file) == {}
