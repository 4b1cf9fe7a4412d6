"""What publishers write of a rehearsal: late, twice, broken and taken back here and there; as it stands on the topics then."""

from collections.abc import Iterable, Iterator
from random import Random

import orjson

from streams.demo.beats import Line
from tests.faults.workload import LATE_MS, Planned, Workload, broken, placed
from tests.oracle.log import epoch_ms

USAGE = "product-usage"


def written(lines: Iterable[Line], draw: Random, partitions: int, until_ms: int) -> Workload:
    """The topics of these lines. Nobody's line, a heartbeat, is on every partition and stays where it was."""
    by_topic: dict[str, list[tuple[int, int, Line]]] = {}
    for place, line in enumerate(lines):
        event = orjson.loads(line.value)
        late = line.account_id is not None and draw.random() < 0.02
        at_ms = epoch_ms(event["occurred_at"]) + (draw.randrange(LATE_MS) if late else 0)
        by_topic.setdefault(line.topic, []).append((at_ms, place, line))
    work = Workload(partitions, until_ms)
    for topic, told in by_topic.items():
        work.topics[topic] = [record for _, _, line in sorted(told) for record in _recorded(line, draw, partitions)]
    return work


def _recorded(line: Line, draw: Random, partitions: int) -> Iterator[Planned]:
    event = orjson.loads(line.value)
    if line.account_id is None:
        for partition in range(partitions):
            yield Planned(line.topic, partition, None, line.value, "ignored", event)
        return
    record = placed(line.topic, event, partitions)
    yield record
    rare = 0.1 if line.topic == USAGE else 1.0
    if draw.random() < 0.03 * rare:
        yield record
    if draw.random() < 0.004 * rare:
        yield broken(record, line.topic, partitions, draw)
    if draw.random() < 0.01 * rare:
        for number in range(draw.randrange(1, 20)):
            yield placed(line.topic, {**event, "event_id": f"x-{event['event_id']}-{number}"}, partitions, "aborted")
