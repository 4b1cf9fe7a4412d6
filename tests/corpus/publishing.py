"""The corpus on a real broker: between the records of a workload, written as a careless publisher would."""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from aiokafka import AIOKafkaProducer

from schemas.decoding.keys import account_of
from schemas.decoding.record import Headers
from tests.corpus.everything import corpus
from tests.corpus.nasty import WHEN, Nasty
from tests.faults.workload import Planned, Workload, partition_of


class ToSend(NamedTuple):
    """One record on its way to a partition."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


def good_alone(work: Workload) -> Iterator[ToSend]:
    """The workload without what was aborted."""
    for records in work.topics.values():
        for planned in records:
            if planned.fate != "aborted":
                yield ToSend(planned.topic, planned.partition, planned.key, planned.value)


def good_and_nasty(work: Workload) -> Iterator[ToSend]:
    """The same, with the whole corpus spread evenly over it, each record dated in the second after its neighbour's.

    Not before: a late event holds back the time of those read with it, be it good or nasty.
    """
    for topic in dict.fromkeys((*work.topics, *(nasty.topic for nasty in corpus()))):
        good = [planned for planned in work.topics.get(topic, []) if planned.fate != "aborted"]
        nasty = [one for one in corpus() if one.topic == topic]
        sent, when = 0, WHEN
        for index, planned in enumerate(good):
            yield ToSend(topic, planned.partition, planned.key, planned.value)
            when = _second(planned) or when
            due = len(nasty) * (index + 1) // len(good)
            yield from (_placed(one, when, work.partitions) for one in nasty[sent:due])
            sent = due
        last = max((_second(planned) or "" for planned in work.topics["billing"]), default=WHEN)
        yield from (_placed(one, last, work.partitions) for one in nasty[sent:])


async def send_all(bootstrap: str, prefix: str, records: Iterable[ToSend]) -> int:
    """Write in order; returns how many. Also what aiokafka would not send of its own accord: neither key nor value."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, linger_ms=5, max_batch_size=256 * 1024, compression_type="gzip")
    await producer.start()
    waiting = []
    count = 0
    try:
        for record in records:
            topic, count = prefix + record.topic, count + 1
            if record.key is None and record.value is None:
                await producer.flush()
                batch = producer.create_batch()
                batch.append(timestamp=None, key=None, value=None, headers=list(record.headers))
                waiting.append(await producer.send_batch(batch, topic, partition=record.partition))
                continue
            headers = list(record.headers)
            waiting.append(await producer.send(topic, record.value, key=record.key, partition=record.partition, headers=headers))
        await asyncio.gather(*waiting)
    finally:
        await producer.stop()
    return count


def _placed(nasty: Nasty, when: str, partitions: int) -> ToSend:
    moved = nasty.at(when, "sent")
    at_home = moved.key is not None and account_of(moved.key) is not None
    return ToSend(moved.topic, partition_of(moved.key or b"", partitions) if at_home else 0, moved.key, moved.value, tuple(moved.headers))


def _second(planned: Planned) -> str | None:
    if planned.event is None:
        return None
    moment = datetime.fromisoformat(str(planned.event["occurred_at"])[: len(WHEN)])
    return (moment + timedelta(seconds=1)).isoformat()
