"""A history whose usage and tickets come from a publisher on librdkafka's default partitioner, and what must hold of it.

Across partitions no order of strays is defined, so what depends on it is left out: accounts that churn or whose profile
changes, timezones (usage is counted in UTC until the profile is known), and the rules that look at usage, or at how tickets
fell among the other topics' events.
"""

import json
from collections import Counter
from dataclasses import replace
from typing import Any
from zlib import crc32

from tests.faults import checks
from tests.faults.checks import inputs_of
from tests.faults.seen import REKEYED, Seen
from tests.faults.workload import Planned, Workload, partition_of
from tests.oracle.fold import APPLIED, DEAD, DUPLICATE, Outcome
from tests.oracle.log import TOPICS

BY_CRC32 = ("product-usage", "tickets")
EVENT_RULES = frozenset({"T01", "T07", "T08", "T16", "PB2"})
UPSETTING = frozenset({"account.churned", "account.reactivated", "account.updated"})


def by_crc32(work: Workload) -> Workload:
    """The same history with those topics' good events placed by CRC32 of the key; without answers, which depend on what launched."""
    topics = {topic: [_placed(_in_utc(record), work.partitions) for record in records] for topic, records in work.topics.items()}
    return replace(work, topics={**topics, "play-updates": []})


def _placed(record: Planned, partitions: int) -> Planned:
    if record.topic not in BY_CRC32 or record.fate != "event" or record.key is None:
        return record
    return record._replace(partition=crc32(record.key) % partitions)


def _in_utc(record: Planned) -> Planned:
    if record.fate != "event" or record.event is None or "timezone" not in record.event:
        return record
    event = {name: value for name, value in record.event.items() if name != "timezone"}
    return record._replace(event=event, value=json.dumps(event).encode())


def strays(work: Workload, topic: str) -> int:
    """Good events of the topic that are not on the partition of their key."""
    good = [r for r in work.topics.get(topic, []) if r.fate in ("event", "stray") and r.key is not None]
    return sum(record.partition != partition_of(record.key or b"", work.partitions) for record in good)


def compare(seen: Seen, work: Workload, outcome: Outcome) -> dict[str, list[str]]:
    """The invariants as far as they are defined without an order across partitions."""
    upset = _upset(work)
    return {
        "I1 state": [text for text in checks.state_is_the_fold(seen, outcome) if text.split(" ")[0].rstrip(":") not in upset],
        "I2 triggers of event rules": _triggers(seen, outcome, upset),
        "I3 runs": [*checks.runs_are_told_in_order(seen), *_launched_once(seen)],
        "I5 inputs": _inputs(seen, work, outcome),
        "I6 lag": checks.lag_is_zero(seen),
    }


def _upset(work: Workload) -> set[str]:
    """Accounts that churn or whose profile changes: for them it matters what came before."""
    return {
        str(record.event["account_id"])
        for record in work.topics["accounts"]
        if record.fate == "event" and record.event is not None and record.event["type"] in UPSETTING
    }


def _triggers(seen: Seen, outcome: Outcome, upset: set[str]) -> list[str]:
    published = [json.loads(record.value or b"{}") for record in seen.outputs["triggers"]]
    found = {(t["rule"], t["trigger_id"]) for t in published if t["rule"] in EVENT_RULES and t["account_id"] not in upset}
    wanted = {(f.rule, f.trigger_id) for f in outcome.triggers if f.rule in EVENT_RULES and f.account_id not in upset}
    twice = [trigger for trigger, n in Counter(t["trigger_id"] for t in published).items() if n > 1]
    return [
        *(f"too much: {item}" for item in sorted(found - wanted)),
        *(f"missing: {item}" for item in sorted(wanted - found)),
        *(f"published twice: {trigger}" for trigger in sorted(twice)),
    ]


def _launched_once(seen: Seen) -> list[str]:
    """Every P1 ticket has a run of its own."""
    urgent = {t["trigger_id"] for t in _records(seen, "triggers") if t["rule"] == "T07"}
    launches = Counter(m["triggers"][0] for m in _records(seen, "play-launches") if m["kind"] == "launched")
    return [f"trigger {trigger}: launched {launches[trigger]} times" for trigger in sorted(urgent) if launches[trigger] != 1]


def _records(seen: Seen, topic: str) -> list[dict[str, Any]]:
    return [json.loads(record.value or b"{}") for record in seen.outputs[topic]]


def _inputs(seen: Seen, work: Workload, outcome: Outcome) -> list[str]:
    """Each topic adds up to what was written, each stray comes in once more, and all together do what they would have at home."""
    differences = []
    found: Counter[str] = inputs_of(seen, REKEYED)
    forwarded = 0
    for topic in TOPICS:
        counted = inputs_of(seen, topic)
        written, expected = work.count(topic, "event", "bad", "ignored", "stray"), strays(work, topic)
        if (counted.total(), counted["forwarded"]) != (written, expected):
            differences.append(f"{topic}: {dict(counted)}, wanted {written} in all and {expected} forwarded")
        forwarded += expected
        found.update({kind: n for kind, n in counted.items() if kind != "forwarded"})
    if inputs_of(seen, REKEYED).total() != forwarded:
        differences.append(f"{REKEYED}: {dict(inputs_of(seen, REKEYED))}, wanted {forwarded} in all")
    fates = Counter(record.fate for topic, records in work.topics.items() for record in records)
    harmless = checks.strays_become(work)
    wanted = {kind: harmless[kind] + sum(outcome.inputs[topic, kind] for topic in TOPICS) for kind in (APPLIED, DUPLICATE, DEAD)}
    wanted[DEAD] += fates["bad"]
    wanted["ignored"] = fates["ignored"] + harmless["ignored"]
    differences += [f"all topics, {kind}: {found[kind]}, {n} wanted" for kind, n in wanted.items() if found[kind] != n]
    if seen.dead.total() != wanted[DEAD]:
        differences.append(f"dead letters: {seen.dead.total()}, {wanted[DEAD]} wanted")
    return differences
