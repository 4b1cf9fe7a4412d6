"""The quarterly review of the playbooks (PB6) over the history of a demonstration."""

import gzip
from collections.abc import Iterable
from datetime import datetime

import orjson

from plays.loading.reports import load_reports
from plays.outcomes.review import Review, reviews
from plays.outcomes.runs import Outcomes
from schemas.records.play_message import PlayMessage
from schemas.records.play_outcome import PlayOutcome
from streams.demo.plan import DemoPlan

_CHURNED = "account.churned"


def quarterly(plan: DemoPlan, messages: Iterable[PlayMessage], concluded: Iterable[PlayOutcome] = ()) -> tuple[Review, ...]:
    """One review per quarter with launches; what `concluded` tells of a run counts. Who left is read from the plan's events file."""
    outcomes = Outcomes()
    for told in concluded:
        outcomes.conclude(told)
    outcomes.take_all(sorted(messages, key=lambda message: (message.run_id, message.sequence)))
    with gzip.open(plan.events_file, "rb") as lines:
        for line in lines:
            if b"account.churned" in line:
                event = orjson.loads(line)
                if event["type"] == _CHURNED:
                    outcomes.churn(event["account_id"], datetime.fromisoformat(event["occurred_at"]))
    outcomes.saw(datetime.fromisoformat(plan.end))
    days = next(report.retained_days for report in load_reports() if report.id == "PB6")
    return reviews(outcomes, days)
