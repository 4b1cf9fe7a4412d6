"""A workload whose publisher sends again: single records at other offsets, and then whole topics from the start."""

from random import Random

from tests.faults.workload import Planned, Workload

AGAIN_SHARE = 0.04
LATER_AT_MOST = 400  # records between an event and its repetition


def with_repetitions(work: Workload, draw: Random) -> Workload:
    """Every 25th event is sent twice, some way apart."""
    return Workload(work.partitions, work.until_ms, {topic: _repeated(records, draw) for topic, records in work.topics.items()})


def published_once_more(work: Workload) -> Workload:
    """The events of the source topics from the first to the last. Not the updates of runs: one that was refused may be sent again."""
    topics = {topic: [r for r in records if r.fate == "event"] for topic, records in work.topics.items() if topic != "play-updates"}
    return Workload(work.partitions, work.until_ms, topics)


def _repeated(records: list[Planned], draw: Random) -> list[Planned]:
    places = [(float(place), record) for place, record in enumerate(records)]
    for place, record in enumerate(records):
        if record.fate == "event" and draw.random() < AGAIN_SHARE:
            places.append((place + draw.randrange(1, LATER_AT_MOST) + 0.5, record))
    return [record for _, record in sorted(places, key=lambda item: item[0])]
