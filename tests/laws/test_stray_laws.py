"""Laws of strays: whatever is misplaced, fetched, cut or crashed, each event counts once, at the partition of its key."""

from collections import Counter
from collections.abc import Iterable

import msgspec
import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.decoding.partitioning import partition_of
from schemas.decoding.record import FileRecord
from schemas.events.event import Event
from schemas.records.rekeyed import REKEYED
from schemas.records.wire import rfc3339, utc
from streams.engine.batch import Batch
from streams.engine.cursor import Cursor
from streams.engine.pipeline import Pipeline
from streams.engine.policy import EnginePolicy
from streams.engine.task import PartitionTask
from streams.processing.cell import Cell
from streams.processing.cells import Cells
from streams.processing.deadline import Deadline
from streams.processing.effects import Effect
from streams.processing.moment import Moment

PARTITIONS = 2
SOURCES = ("product-usage", "tickets")
TOPICS = (*SOURCES, REKEYED)
BASE_MS = 1_750_000_000_000
UNTIL_MS = BASE_MS + 10_000_000
ACCOUNTS = ("a", "b", "c", "d", "e")


class Count(msgspec.Struct):
    """Events of an account by type."""

    by_type: dict[str, int] = {}
    places: dict[str, str] = {}  # of each event the origin: topic, partition, offset, append time


COUNT: Cell[Count] = Cell("count", Count, version=1)


class Counting:
    """Counts, and remembers where each event says that it stood."""

    name = "counting"
    event_types = frozenset({"feature.used", "ticket.created"})

    def on_event(self, cells: Cells, event: Event, moment: Moment) -> Iterable[Effect]:
        count = cells.edit(COUNT)
        count.by_type[event.type] = count.by_type.get(event.type, 0) + 1
        count.places[event.event_id] = f"{event.topic}:{event.partition}:{event.offset}:{event.appended_ms}"
        return ()

    def silent_topics(self, name: str) -> tuple[str, ...]:
        return ()

    def on_held(self, cells: Cells, deadline: Deadline, moment: Moment) -> tuple[Effect, ...]:
        return ()

    def on_deadline(self, cells: Cells, deadline: Deadline, moment: Moment) -> Iterable[Effect]:
        return ()


Log = dict[tuple[str, int], list[FileRecord]]


@st.composite
def logs(draw: st.DrawFn) -> tuple[Log, Log]:
    """The same events twice: as a publisher with another partitioner leaves them, and all at home. Some junk, some sent twice."""
    met: Log = {(topic, p): [] for topic in TOPICS for p in range(PARTITIONS)}
    right: Log = {(topic, p): [] for topic in TOPICS for p in range(PARTITIONS)}
    clock = BASE_MS
    for number in range(draw(st.integers(0, 40))):
        clock += draw(st.integers(0, 40_000))
        topic, account = draw(st.sampled_from(SOURCES)), draw(st.sampled_from(ACCOUNTS))
        key, home = account.encode(), partition_of(account.encode(), PARTITIONS)
        identity = number if topic == "product-usage" or draw(st.integers(0, 5)) else max(0, number - 3)
        value = event(identity, topic, account, clock) if draw(st.integers(0, 14)) else b"junk"
        for log, place in ((met, draw(st.integers(0, PARTITIONS - 1))), (right, home)):
            into = log[topic, place]
            into.append(FileRecord(key, value, (into[-1].offset if into else -1) + draw(st.sampled_from([1, 1, 2])), clock))
    return met, right


def event(number: int, topic: str, account: str, time_ms: int) -> bytes:
    """A valid event of the topic's one type; its source tells the topic."""
    common = {"event_id": f"e{number}", "account_id": account, "occurred_at": rfc3339(utc(time_ms)), "source": f"s-{topic}"}
    if topic == "product-usage":
        return orjson.dumps({**common, "type": "feature.used", "user_id": "u", "feature": "f"})
    return orjson.dumps({**common, "type": "ticket.created", "ticket_id": f"t{number}", "priority": "P2"})


def end_of(records: list[FileRecord]) -> int:
    """One marker after the last record."""
    return records[-1].offset + 2 if records else 0


class Workers:
    """Both partition tasks over logs in memory; what one forwards is appended to `rekeyed` in the same commit."""

    def __init__(self, log: Log) -> None:
        self.log = {place: list(records) for place, records in log.items()}
        self.state: list[dict[bytes, bytes]] = [{} for _ in range(PARTITIONS)]
        self.dead: Counter[tuple[str, str]] = Counter()
        self.tasks = [self._start(p) for p in range(PARTITIONS)]

    def _start(self, partition: int) -> PartitionTask:
        policy = EnginePolicy(partitions=PARTITIONS, topics=TOPICS, until_ms=UNTIL_MS, lookahead=3)
        task = PartitionTask(partition, Pipeline([Counting()], None), policy)
        for key, value in self.state[partition].items():
            task.restore(key, value)
        task.recovered()
        task.begin_at(dict.fromkeys(TOPICS, 0))
        task.catch_up({topic: end_of(self.log[topic, partition]) for topic in TOPICS})
        return task

    def feed(self, partition: int, topic: str, most: int) -> None:
        task, log = self.tasks[partition], self.log[topic, partition]
        start = task.expected(topic)
        if start < end_of(log):
            records = [r for r in log if r.offset >= start][:most]
            stop = records[-1].offset + 1 if records and records[-1] is not log[-1] else end_of(log)
            assert task.offer(Batch(topic, start, stop, records))

    def work(self, partition: int, budget: int) -> None:
        self.tasks[partition].work(UNTIL_MS, budget)

    def commit(self, partition: int) -> None:
        done = self.tasks[partition].prepare()
        for record in done.outputs:
            if record.topic == REKEYED:
                assert record.partition is not None
                into = self.log[REKEYED, record.partition]
                into.append(FileRecord(record.key, record.value, end_of(into), UNTIL_MS, record.headers))
            else:
                notes = {name: value.decode() for name, value in record.headers}
                self.dead[record.topic, notes["dlq.original.topic"]] += 1
        for key, value in done.cells:
            if value is None:
                self.state[partition].pop(key, None)
            else:
                self.state[partition][key] = value

    def crash(self, partition: int) -> None:
        self.tasks[partition] = self._start(partition)

    def finish(self) -> None:
        while any(not t.finished or t.expected(REKEYED) < end_of(self.log[REKEYED, t.partition]) for t in self.tasks):
            for partition, task in enumerate(self.tasks):
                for topic in TOPICS:
                    self.feed(partition, topic, 1000)
                while task.work(UNTIL_MS, 1000):
                    pass
                self.commit(partition)

    def counts(self) -> dict[str, dict[str, int]]:
        """Events by account and type."""
        return {key.decode(): COUNT.decode(value).by_type for state in self.state for key, value in state.items() if key.endswith(b"count")}

    def places(self) -> dict[str, str]:
        """Where each event says that it stood; of those sent twice either is right, so they are left out by the caller."""
        cells = [COUNT.decode(value) for state in self.state for key, value in state.items() if key.endswith(b"count")]
        return {f"{number}": place for cell in cells for number, place in cell.places.items()}

    def inputs(self, topic: str) -> Counter[str]:
        """Inputs of the topic by outcome, over both partitions."""
        total: Counter[str] = Counter()
        for task in self.tasks:
            total.update({outcome: n for (counted, outcome), n in task.counts.items() if counted == topic})
        return total


@settings(max_examples=150, deadline=None)
@given(both=logs(), data=st.data())
def test_misplaced_events_count_as_if_nothing_had_been_misplaced(both: tuple[Log, Log], data: st.DataObject) -> None:
    met, right = both
    straight = Workers(right)
    straight.finish()
    broken = Workers(met)
    for _ in range(data.draw(st.integers(0, 25))):
        partition = data.draw(st.integers(0, PARTITIONS - 1))
        match data.draw(st.sampled_from(["feed", "feed", "work", "work", "commit", "crash"])):
            case "feed":
                broken.feed(partition, data.draw(st.sampled_from(TOPICS)), data.draw(st.integers(1, 7)))
            case "work":
                broken.work(partition, data.draw(st.integers(1, 9)))
            case "commit":
                broken.commit(partition)
            case _:
                broken.crash(partition)
    broken.finish()

    assert straight.counts() == broken.counts()
    assert straight.dead == broken.dead
    forwarded = sum(broken.inputs(topic)["forwarded"] for topic in SOURCES)
    assert forwarded == sum(len(broken.log[REKEYED, p]) for p in range(PARTITIONS)) == broken.inputs(REKEYED).total()
    for topic in SOURCES:
        assert broken.inputs(topic).total() == sum(len(met[topic, p]) for p in range(PARTITIONS))
        assert straight.inputs(topic)["forwarded"] == 0
    applied = {outcome: sum(broken.inputs(topic)[outcome] for topic in TOPICS) for outcome in ("applied", "duplicate", "dead_lettered")}
    assert {outcome: sum(straight.inputs(topic)[outcome] for topic in TOPICS) for outcome in applied} == applied


@settings(max_examples=100, deadline=None)
@given(both=logs())
def test_every_event_keeps_the_place_and_time_at_which_it_arrived(both: tuple[Log, Log]) -> None:
    workers = Workers(both[0])
    workers.finish()
    stood: dict[str, set[str]] = {}
    for (topic, partition), records in both[0].items():
        for record in records:
            if record.value != b"junk":
                identity = orjson.loads(record.value or b"")["event_id"]
                stood.setdefault(identity, set()).add(f"{topic}:{partition}:{record.offset}:{record.timestamp}")
    assert all(place in stood[identity] for identity, place in workers.places().items())


@settings(max_examples=100, deadline=None)
@given(both=logs())
def test_topics_with_strays_are_known_where_they_were_met_and_where_they_arrived_also_after_a_restart(both: tuple[Log, Log]) -> None:
    workers = Workers(both[0])
    workers.finish()
    for partition in range(PARTITIONS):
        met = {
            topic
            for topic in SOURCES
            for p in range(PARTITIONS)
            for record in both[0][topic, p]
            if record.value != b"junk" and partition_of(record.key or b"", PARTITIONS) != p
            if partition in (p, partition_of(record.key or b"", PARTITIONS))
        }
        assert workers.tasks[partition].strayed_topics == met
        workers.crash(partition)
        assert workers.tasks[partition].strayed_topics == met


def test_the_cursor_names_the_sources_and_reads_without_them() -> None:
    workers = Workers({(topic, p): [] for topic in TOPICS for p in range(PARTITIONS)})
    away = 1 - partition_of(b"a", PARTITIONS)
    workers.log["tickets", away] = [FileRecord(b"a", event(1, "tickets", "a", BASE_MS), 0, BASE_MS + 7)]
    workers.crash(away)
    workers.finish()

    assert Cursor.decode(workers.state[away][b"\x00cursor"]).strays == {"tickets": {"sources": ["s-tickets"], "last": BASE_MS + 7}}
    assert Cursor.decode(workers.state[1 - away][b"\x00cursor"]).strays == {"tickets": {"sources": ["s-tickets"], "last": BASE_MS + 7}}
    assert b"strays" not in Cursor().encode()
    assert Cursor.decode(Cursor().encode()).strays == {}
