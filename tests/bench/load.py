"""The benchmark's log: accounts with profile, contract and armed deadlines, then usage, and a few P1 tickets."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

import orjson
from aiokafka import AIOKafkaProducer

from tests.faults.workload import partition_of
from tests.oracle.log import Record, epoch_ms

START = datetime(2025, 9, 1, tzinfo=UTC)
DAYS = 31
FEATURES = ("reports.export", "reports.share", "forecast.run", "alerts.edit")
NEGLECTED = 50  # every so many-th account has had no kickoff, no login, no activation
TOUCH = ("tech", "tech", "tech", "tech", "tech", "tech", "tech", "mid", "mid", "high")


class Load(NamedTuple):
    """What was written: the log as the reference reads it, the mean size of a usage event in bytes, when time ends."""

    records: list[Record]
    usage_events: int
    mean_bytes: float
    until_ms: int


def rfc3339(at_s: float) -> str:
    moment = START + timedelta(seconds=at_s)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def events(usage: int, accounts: int, seed: int, *, usage_only: bool = False) -> Iterator[tuple[str, dict[str, Any]]]:
    """(topic, event) in order of time within each topic. Zipf-like: the account of rank k gets a share of about 1/k.

    `usage_only` leaves out all but the feature.used events.
    """
    draw = Random(seed)
    for index in range(0 if usage_only else accounts):
        touch = TOUCH[index % len(TOUCH)]
        at_s = index * 3_600 / accounts
        envelope = {"event_id": f"a-{index}", "account_id": f"acct-{index:07d}", "occurred_at": rfc3339(at_s), "source": "crm"}
        profile = {"name": f"Company {index}", "timezone": "UTC", "touch_model": touch, "key_features": ["forecast.run"]}
        yield "accounts", {**envelope, "type": "account.created", **profile}
        if touch != "tech" and index % NEGLECTED:
            yield "engagement", {**envelope, "event_id": f"m-{index}", "type": "meeting.scheduled", "kind": "kickoff"}
        day = (START + timedelta(days=40 + index % 300)).date().isoformat()
        contract = {"contract_id": f"k-{index}", "start": START.date().isoformat(), "renewal_date": day, "acv": 12_000}
        yield "billing", {**envelope, "event_id": f"b-{index}", "type": "contract.started", **contract}
    for index in range(0 if usage_only else accounts):
        if index % NEGLECTED:
            when = {"account_id": f"acct-{index:07d}", "occurred_at": rfc3339(3_600 + index * 3_600 / accounts), "source": "backend"}
            yield "product-usage", {**when, "event_id": f"l-{index}", "type": "user.login", "user_id": "u1"}
            yield (
                "product-usage",
                {**when, "event_id": f"f-{index}", "type": "feature.activated", "feature": "forecast.run", "user_id": "u1"},
            )
    span_s = DAYS * 86_400 - 7_200
    quits = 12 * 86_400 + span_s / 6
    for index in range(usage):
        at_s = 7_200 + index * span_s / usage
        rank = int(accounts ** draw.random()) - 1
        if at_s > quits and rank % 9 == 4 and draw.random() < 0.75:
            rank = (rank * 7 + 3) % accounts  # some accounts decline: their share goes elsewhere
        yield (
            "product-usage",
            {
                "event_id": f"0196f3a2-7c1e-7000-8000-{index:012d}",
                "type": "feature.used",
                "account_id": f"acct-{rank:07d}",
                "user_id": f"u{draw.randrange(50)}",
                "occurred_at": rfc3339(at_s),
                "feature": FEATURES[index & 3],
                "quantity": 1,
                "source": "backend",
            },
        )


async def write(bootstrap: str, prefix: str, partitions: int, usage: int, accounts: int, seed: int, *, usage_only: bool = False) -> Load:
    """Write the log in large batches; returns it."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, max_batch_size=1 << 20, linger_ms=5)
    await producer.start()
    batches: dict[tuple[str, int], Any] = {}
    log: list[Record] = []
    offsets: dict[tuple[str, int], int] = {}
    size = 0
    try:
        for topic, event in events(usage, accounts, seed, usage_only=usage_only):
            key, value = event["account_id"].encode(), orjson.dumps(event)
            where = (topic, partition_of(key, partitions))
            if event["type"] == "feature.used":
                size += len(value)
            batch = batches.get(where)
            if batch is None or batch.append(key=key, value=value, timestamp=None) is None:
                if batch is not None:
                    await producer.send_batch(batch, prefix + topic, partition=where[1])
                batch = batches[where] = producer.create_batch()
                batch.append(key=key, value=value, timestamp=None)
            log.append(Record(topic, where[1], offsets.get(where, 0), event))
            offsets[where] = offsets.get(where, 0) + 1
        await asyncio.gather(*[await producer.send_batch(b, prefix + t, partition=p) for (t, p), b in batches.items()])
        await producer.flush()
    finally:
        await producer.stop()
    return Load(log, usage, size / max(usage, 1), epoch_ms(rfc3339(DAYS * 86_400 + 3_600.0)))
