"""A finished history for fault runs: what is written, in which transactions, and what of it counts."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any, Literal, NamedTuple

from aiokafka.partitioner import DefaultPartitioner

from schemas.decoding.record import Headers
from tests.faults.customer import Customer, Happening, utc
from tests.oracle.fold import fold
from tests.oracle.log import Kind, Record, epoch_ms

Fate = Literal["event", "ignored", "bad", "stray", "aborted"]
DAYS = 77  # with the ten days to the end of time less than the 90 after which a forgotten run is closed
END = datetime(2025, 11, 30, tzinfo=UTC)
LATE_MS = 3 * 3_600_000  # by how much an event may come late: far less than the look-ahead of the merge
_PLACE = DefaultPartitioner()
# Of a stray nobody can say before or after what it is read at home. So those of the mix do nothing there, whenever they come:
# no rule of the core pack and no indicator of health looks at their types, machines are not counted, and nobody has such a run.
_HARMLESS: dict[str, dict[str, Any]] = {
    "product-usage": {"type": "feature.used", "feature": "export", "actor": "api"},
    "tickets": {"type": "chat.escalated", "chat_id": "none"},
    "billing": {"type": "renewal.stage_changed", "contract_id": "none", "stage": "proposal"},
    "accounts": {"type": "action_item.created", "item_id": "none", "item": "call them"},
    "feedback": {"type": "health.stated", "rating": "at_risk"},
    "engagement": {"type": "touch.logged", "kind": "call"},
    "play-updates": {"type": "run.acknowledged", "run_id": "none", "actor": "dana"},
}
# What each is to the reference.
KINDS: dict[Fate, Kind] = {"event": "event", "stray": "stray", "ignored": "nothing", "bad": "refused"}
BEAT = "feed.heartbeat"
SECOND = "mobile"  # a second publisher of usage, for every fifth customer; it is cut off for a while, and sends what it held back then
CUT_S = 30 * 3600
CATCH_UP = 20  # times as fast as it happened
STRAYS_BECOME = {"play-updates": "dead_lettered"}  # of the other topics: applied


class Planned(NamedTuple):
    """One record to write."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    fate: Fate
    event: dict[str, Any] | None
    headers: Headers = ()


@dataclass
class Workload:
    """Topics with their records in the order of writing. `until_ms` is the moment up to which a finite run passes time."""

    partitions: int
    until_ms: int
    topics: dict[str, list[Planned]] = field(default_factory=dict)

    def log(self) -> list[Record]:
        """What stands committed, for the reference, an event at the partition of its key; offsets are places there."""
        places: Counter[tuple[str, int]] = Counter()
        found = []
        for topic, planned in self.topics.items():
            for record in planned:
                if record.fate == "aborted":
                    continue
                kind: Kind = KINDS[record.fate] if record.event is not None else "nothing"
                if record.fate == "ignored" and _some_event(record)["type"] == BEAT:
                    kind = "beat"
                where = partition_of(record.key or b"", self.partitions) if kind == "event" else record.partition
                found.append(Record(topic, where, places[topic, where], record.event or {}, kind))
                places[topic, where] += 1
        return found

    @property
    def written(self) -> int:
        """Records that stand committed on the topics."""
        return sum(self.count(topic, "event", "bad", "ignored", "stray") for topic in self.topics)

    def count(self, topic: str, *fates: Fate) -> int:
        """Records of the topic with one of these fates."""
        return sum(record.fate in fates for record in self.topics.get(topic, ()))


@cache
def partition_of(key: bytes, partitions: int) -> int:
    """As Kafka's clients place a key."""
    everything = list(range(partitions))
    return int(_PLACE(key, everything, everything))


def build(seed: int, accounts: int, events: int, partitions: int = 4, days: int = DAYS) -> Workload:
    """About `events` records that count, for so many accounts; the same for the same arguments."""
    draw = Random(seed)
    start = END - timedelta(days=days)
    happenings: list[tuple[float, str, Happening]] = []
    shares = [draw.paretovariate(1.3) for _ in range(accounts)]
    daily = (events - 25 * accounts) / (days * 0.50)
    for index, share in enumerate(shares):
        account_id = f"acct-{index:05d}"
        activity = daily * min(share / sum(shares), 0.05)
        customer = Customer(account_id, start, days, activity, Random(f"{seed}:{index}"))
        happenings += [(h.at_s, account_id, h) for h in customer.history() if h.at_s < days * 86_400]
    happenings.sort(key=lambda item: (item[0], item[1], item[2].type))
    work = Workload(partitions, epoch_ms(utc(END, 10 * 86_400.0)))
    for index, (_, account_id, happening) in enumerate(happenings):
        event = _event(f"e{index}", account_id, start, happening)
        if happening.topic == "product-usage" and account_id.endswith(("0", "5")):
            event["source"] = SECOND
        work.topics.setdefault(happening.topic, []).append(placed(happening.topic, event, partitions))
    work.topics["play-updates"] = [placed("play-updates", e, partitions) for e in _updates(work, draw)]
    for topic, records in work.topics.items():
        cut_ms = epoch_ms(utc(start, draw.uniform(0.5, 0.8) * days * 86_400)) if topic == "product-usage" else 0
        work.topics[topic] = list(_disturbed(_displaced(records, draw, cut_ms), topic, partitions, draw))
    return work


def _event(event_id: str, account_id: str, start: datetime, happening: Happening) -> dict[str, Any]:
    envelope = {"event_id": event_id, "type": happening.type, "account_id": account_id}
    return {**envelope, "occurred_at": utc(start, happening.at_s), "source": "workload", **happening.fields}


def placed(topic: str, event: dict[str, Any], partitions: int, fate: Fate = "event") -> Planned:
    """One event where a publisher puts it."""
    key = str(event["account_id"]).encode()
    return Planned(topic, partition_of(key, partitions), key, json.dumps(event).encode(), fate, event)


def _updates(work: Workload, draw: Random) -> Iterator[dict[str, Any]]:
    """What a CRM would report of the runs that the sources alone lead to; a closed run changes what comes after it."""
    outcome = fold(work.log(), work.until_ms)
    accounts = {fired.trigger_id: fired.account_id for fired in outcome.triggers}
    planned: list[tuple[int, str, dict[str, Any]]] = []
    for said in outcome.router.said:
        if said.kind != "launched" or draw.random() < 0.4:
            continue
        now_ms = said.time_ms
        for kind, hours, chance in (("run.acknowledged", 6, 0.9), ("run.started", 30, 0.7), ("run.closed", 200, 0.6)):
            now_ms += int(draw.uniform(0.01, hours) * 3_600_000)
            if draw.random() < chance:
                code = {"code": draw.choice(("resolved", "false_positive"))} if kind == "run.closed" else {}
                planned.append((now_ms, accounts[said.triggers[0]], {"type": kind, "run_id": said.run_id, **code}))
    planned.sort(key=lambda item: item[:2])
    end_ms = epoch_ms(utc(END, 0))
    for index, (at_ms, account_id, fields) in enumerate(planned):
        if at_ms < end_ms:
            when = utc(datetime(1970, 1, 1, tzinfo=UTC), at_ms / 1000)
            envelope = {"event_id": f"p{index}", "account_id": account_id, "occurred_at": when, "source": "crm", "actor": "dana"}
            yield {**envelope, **fields}
    for index in range(5):  # runs nobody knows
        envelope = {"event_id": f"q{index}", "account_id": f"acct-{index:05d}", "source": "crm", "actor": "dana"}
        yield {**envelope, "type": "run.acknowledged", "run_id": f"none-{index}", "occurred_at": utc(END, -60.0 + index)}


def _displaced(records: list[Planned], draw: Random, cut_ms: int) -> list[Planned]:
    """Every fiftieth record comes some time late; what the second publisher had to say during its cut comes after it, in a rush."""
    places = []
    for index, record in enumerate(records):
        event = _some_event(record)
        at_ms = epoch_ms(event["occurred_at"])
        late_ms = draw.randrange(LATE_MS) if draw.random() < 0.02 else 0
        if cut_ms <= at_ms < cut_ms + CUT_S * 1000 and event["source"] == SECOND:
            at_ms = cut_ms + CUT_S * 1000 + (at_ms - cut_ms) // CATCH_UP
        places.append((at_ms + late_ms, index))
    return [records[index] for _, index in sorted(places)]


def _disturbed(records: list[Planned], topic: str, partitions: int, draw: Random) -> Iterator[Planned]:
    """Between the records: what is sent twice, aborted, ignored or broken."""
    for index, record in enumerate(records):
        yield record
        if topic != "product-usage" and draw.random() < 0.03:
            yield record
        if draw.random() < 0.002:
            yield placed(topic, {**_some_event(record), "type": "thing.never_heard_of"}, partitions, "ignored")
        if draw.random() < (0.0004 if topic == "product-usage" else 0.01) and record.event is not None:
            for n in range(draw.randrange(1, 40)):
                yield placed(topic, {**record.event, "event_id": f"x-{topic}-{index}-{n}"}, partitions, "aborted")
        if draw.random() < 0.001 or index == 0:
            yield broken(record, topic, partitions, draw)
        if draw.random() < 0.0002 or index == 1:
            yield _stray(record, topic, partitions)
        if topic != "play-updates" and (draw.random() < 0.001 or index == 2):
            yield _beat(record, topic)


def _some_event(record: Planned) -> dict[str, Any]:
    assert record.event is not None
    return record.event


def _stray(record: Planned, topic: str, partitions: int) -> Planned:
    """A good event on another partition than that of its key."""
    event = _some_event(record)
    fields = {**_HARMLESS[topic], **{name: event[name] for name in ("account_id", "occurred_at", "source")}}
    planned = placed(topic, {"event_id": f"stray-{event['event_id']}", **fields}, partitions, "stray")
    return planned._replace(partition=(planned.partition + 1) % partitions)


def _beat(record: Planned, topic: str) -> Planned:
    """The publisher says that it is alive."""
    event = _some_event(record)
    beat = {"event_id": f"beat-{event['event_id']}", "type": BEAT, **{name: event[name] for name in ("occurred_at", "source")}}
    return Planned(topic, record.partition, None, json.dumps(beat).encode(), "ignored", beat)


def broken(record: Planned, topic: str, partitions: int, draw: Random) -> Planned:
    """A record that must end as a dead letter."""
    event, key = _some_event(record), record.key
    assert key is not None
    partition, account_id = record.partition, str(event["account_id"])
    ways: tuple[tuple[int, bytes | None, bytes | None], ...] = (
        (partition, key, b"not json at all"),
        (partition, key, None),
        (partition, key, b"\xff\xfe\x00broken"),
        (partition, key, json.dumps({**event, "occurred_at": "yesterday"}).encode()),
        (partition, key, json.dumps({**event, "event_id": 17}).encode()),
        (partition, key, json.dumps({k: v for k, v in event.items() if k != "source"}).encode()),
        (partition, key, json.dumps({**event, "account_id": account_id + "-other"}).encode()),
        (partition, key, b'{"a":' * 400 + b"1" + b"}" * 400),
        (partition, key, b"[" + json.dumps(event).encode() + b"]"),
        (partition, None, json.dumps(event).encode()),
        (partition, key, json.dumps({**event, "occurred_at": "2999-01-01T00:00:00Z"}).encode()),
    )
    where, used_key, value = draw.choice(ways)
    return Planned(topic, where, used_key, value, "bad", None)
