"""A history whose dates cannot be trusted: days late, years late, days ahead, and one customer's flood of days ahead."""

import json
from datetime import datetime, timedelta
from random import Random

from tests.faults.workload import Planned, Workload
from tests.oracle.log import LOOK_AHEAD

FLOOD = LOOK_AHEAD + 600  # more than the merge looks ahead: nothing but the number of customers speaks against it
FLOOD_DAYS = 5
# Who used the product is kept 62 days behind an account's newest day, and rules look back 42: a date farther ahead takes that
# account's oldest users out of sight, as docs/semantics.md says. Here it must not.
AHEAD_DAYS = 6
TOO_OLD_DAYS = 450
IDLE = ("billing", "engagement")


def spoil(work: Workload, seed: int) -> dict[str, int]:
    """Changes the history in place; how many records of each sort there are."""
    draw = Random(f"dates {seed}")
    usage = work.topics["product-usage"]
    counts = {"flood": _flood(usage, draw), "late": 0, "ahead": 0, "too old": 0, "idle": 0}
    for index, record in enumerate(usage):
        if record.fate == "event" and record.event is not None and draw.random() < 0.002:
            # Too old only where time has begun: at the start of a topic nothing is older than anything.
            sorts = (("late", -draw.uniform(1, 60)), ("ahead", draw.uniform(2, AHEAD_DAYS)), ("too old", -TOO_OLD_DAYS))
            what, days = draw.choice(sorts if index > len(usage) // 2 else sorts[:2])
            usage[index] = _moved(record, days, "bad" if what == "too old" else "event")
            counts[what] += 1
    for topic in IDLE:  # one partition of some topics never has anything to say
        before = work.topics[topic]
        work.topics[topic] = [record for record in before if record.partition != work.partitions - 1]
        counts["idle"] += len(before) - len(work.topics[topic])
    return counts


def _flood(usage: list[Planned], draw: Random) -> int:
    """Somewhere in the first half one customer imports a file with the wrong month."""
    at = draw.randrange(len(usage) // 4, len(usage) // 2)
    model = next(record for record in usage[at:] if record.fate == "event")
    assert model.event is not None
    usage[at:at] = [
        _moved(model._replace(event={**model.event, "event_id": f"flood-{number}", "user_id": f"flood-{number % 7}"}), FLOOD_DAYS, "event")
        for number in range(FLOOD)
    ]
    return FLOOD


def _moved(record: Planned, days: float, fate: str) -> Planned:
    assert record.event is not None
    moment = datetime.fromisoformat(record.event["occurred_at"]) + timedelta(days=days)
    event = {**record.event, "occurred_at": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
    return record._replace(event=event, value=json.dumps(event).encode(), fate=fate)  # type: ignore[arg-type]
