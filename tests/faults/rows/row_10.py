"""Row 10: bursts of 1,000 nasty records per second between good ones, through kills."""

import time
from collections import Counter
from collections.abc import Iterator
from random import Random

from tests.corpus.everything import corpus
from tests.corpus.nasty import APPLIED, IGNORED, Nasty
from tests.corpus.requests import LATER
from tests.faults.log_io import read_now
from tests.faults.report import Report
from tests.faults.stage import Harness, Stage
from tests.faults.workload import Fate, Planned, Workload, build, partition_of
from tests.oracle.log import TOPICS

GOOD = 20_000
BURST = 1_000  # nasty ones in a row
SMALL = 4_096  # bytes up to which a nasty record is repeated; larger ones come once
RATE = 1_000  # records per second of one worker: with two, and half of it nasty, 1,000 nasty ones per second
Letters = Counter[tuple[str, bytes | None, bytes | None, str]]  # topic, key, value, reason


def scenario(harness: Harness, report: Report) -> None:
    """As much nasty as good; one worker is killed in a burst; then everything once more, at full speed, for the figure."""
    draw = Random(report.seed)
    work, planted = _with_bursts(build(report.seed, 150, GOOD), draw)
    never_paused = {"PLAYCALL_POISON_SHARE": "0"}  # a topic this bad would be paused, which is another row's matter
    settings = {**never_paused, "PLAYCALL_CATCH_UP_RATE": str(RATE)}
    with harness.stage(report, act="bursts", work=work, settings=settings) as stage:
        stage.fleet.start(0)
        stage.fleet.start(1)
        stage.progress(3_000)
        before, begun = stage.watch.progress(), time.monotonic()
        stage.progress(8_000)
        report.figures["records/s while throttled, half of them nasty"] = _rate(stage, before, begun)
        number = draw.randrange(2)
        stage.must("the worker is up in the burst", holds=stage.fleet.workers[number].process.poll() is None)
        stage.fleet.kill(number)
        stage.did(f"kill -9 of worker {number} in a burst")
        stage.fleet.start(number)
        stage.finish()
        report.differences["bursts: dead letters"] = _letters(stage, planted)
    with harness.stage(report, act="full speed", work=work, settings={**never_paused, "PLAYCALL_CATCH_UP_RATE": "0"}) as stage:
        stage.fleet.start(0)
        stage.wait(stage.watch.cursors, "the first commit")
        before, begun = stage.watch.progress(), time.monotonic()
        stage.wait(stage.fleet.all_finished, "all is read", 120)
        report.figures["records/s of one worker at full speed, half of them nasty"] = _rate(stage, before, begun)
        stage.finish()
        report.differences["full speed: dead letters"] = _letters(stage, planted)
    report.figures["nasty records"] = planted.total()
    report.figures["kinds of them"] = len({nasty.name for nasty in _refused()})


def _rate(stage: Stage, before: int, begun: float) -> float:
    return round((stage.watch.progress() - before) / (time.monotonic() - begun))


def _refused() -> list[Nasty]:
    """What decoding refuses or ignores: it has no time, so that the good ones around it must come out as without it.

    Heartbeats are left out, for they do have a say, and what aiokafka cannot send: neither key nor value.
    """
    found = [n for n in corpus() if n.outcome != APPLIED and n.outcome not in LATER and n.topic in TOPICS]
    return [n for n in found if b"feed.heartbeat" not in (n.value or b"") and (n.key, n.value) != (None, None)]


def _with_bursts(work: Workload, draw: Random) -> tuple[Workload, Letters]:
    """The history with bursts between its records, and what must be found in the dead letter topics for them."""
    planted: Letters = Counter()
    topics: dict[str, list[Planned]] = {}
    total = sum(len(records) for records in work.topics.values())
    for topic in TOPICS:
        records = work.topics.get(topic, [])
        kinds = [nasty for nasty in _refused() if nasty.topic == topic]
        bursts = max(1, round(GOOD / BURST * len(records) / total))
        places = Counter(draw.randrange(len(records)) for _ in range(bursts if records else 0))
        mixed = [] if records else [_planned(nasty, work.partitions, draw) for nasty in kinds]
        planted.update((topic, n.key, n.value, n.outcome) for n in kinds if not records and n.outcome != IGNORED)
        once = [nasty for nasty in kinds if len(nasty.value or b"") > SMALL]
        small = [nasty for nasty in kinds if len(nasty.value or b"") <= SMALL]
        for index, record in enumerate(records):
            mixed.append(record)
            for _ in range(places[index]):
                for nasty in (*once, *_cycle(small, BURST, draw)):
                    mixed.append(_planned(nasty, work.partitions, draw))
                    if nasty.outcome != IGNORED:
                        planted[topic, nasty.key, nasty.value, nasty.outcome] += 1
                once = []
        topics[topic] = mixed
    return Workload(work.partitions, work.until_ms, topics), planted


def _cycle(kinds: list[Nasty], count: int, draw: Random) -> Iterator[Nasty]:
    """Every kind as often as any other, in random order."""
    shuffled: list[Nasty] = []
    for _ in range(count if kinds else 0):
        if not shuffled:
            shuffled = draw.sample(kinds, len(kinds))
        yield shuffled.pop()


def _planned(nasty: Nasty, partitions: int, draw: Random) -> Planned:
    where = draw.randrange(partitions) if nasty.key is None else partition_of(nasty.key, partitions)
    fate: Fate = "ignored" if nasty.outcome == IGNORED else "bad"
    event = {"type": "ignored"} if fate == "ignored" else None
    return Planned(nasty.topic, where, nasty.key, nasty.value, fate, event, nasty.headers)


def _letters(stage: Stage, planted: Letters) -> list[str]:
    """Bytes untouched, the reason right, each source offset once: for every nasty record that was planted."""
    found: Letters = Counter()
    sources: Counter[tuple[str, str, str]] = Counter()
    for topic in stage.work.topics:
        for letter in read_now(stage.bootstrap, f"{stage.prefix}{topic}.dlq"):
            notes = {name: text.decode(errors="replace") for name, text in letter.headers if name.startswith("dlq.")}
            found[topic, letter.key, letter.value, notes["dlq.reason"]] += 1
            sources[topic, notes["dlq.original.partition"], notes["dlq.original.offset"]] += 1
    lost = planted - found
    return [
        *(f"{n} of {topic} with key {key!r:.40} lost or with another reason than {reason}" for (topic, key, _, reason), n in lost.items()),
        *(f"two letters for {source}" for source, n in sources.items() if n > 1),
    ]
