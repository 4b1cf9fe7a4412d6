"""Laws of the partition task: what comes out depends on the logs alone, never on how they were fetched, cut or recovered."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.decoding.record import FileRecord
from schemas.events.event import Event
from schemas.records.decision import Decision, Reason, decision_id
from schemas.records.wire import rfc3339, utc
from streams.engine.batch import Batch
from streams.engine.pipeline import Pipeline
from streams.engine.policy import EnginePolicy
from streams.engine.task import PartitionTask
from streams.engine.topic_queue import _window_minima
from streams.processing.cell import Cell
from streams.processing.cells import Cells
from streams.processing.deadline import Deadline
from streams.processing.effects import CancelDeadline, Decide, Effect, SetDeadline
from streams.processing.moment import Moment

TOPICS = ("product-usage", "tickets", "billing")
BASE_MS = 1_750_000_000_000
UNTIL_MS = BASE_MS + 10_000_000
WALL_MS = UNTIL_MS


class Count(msgspec.Struct):
    """Events seen, and a digest of the order in which they came."""

    events: int = 0
    digest: int = 0


COUNT: Cell[Count] = Cell("count", Count, version=1)


class Recorder:
    """Records every call as a decision; sets deadlines from what it sees so that order matters everywhere."""

    name = "recorder"
    event_types = frozenset({"feature.used", "ticket.created", "invoice.paid"})

    def on_event(self, cells: Cells, event: Event, moment: Moment) -> Iterable[Effect]:
        count = cells.edit(COUNT)
        count.events += 1
        count.digest = hash_of(count.digest, event.event_id)
        yield self._say(cells, moment, f"{event.type} {event.event_id} {count.events} {count.digest}")
        if event.type == "ticket.created":
            yield SetDeadline("reply", event.time_ms + 50_000)
        elif event.type == "invoice.paid":
            yield CancelDeadline("reply")
        else:
            yield SetDeadline("quiet", event.time_ms + 300_000, silence=True)

    def silent_topics(self, name: str) -> tuple[str, ...]:
        return ()

    def on_held(self, cells: Cells, deadline: Deadline, moment: Moment) -> tuple[Effect, ...]:
        return ()

    def on_deadline(self, cells: Cells, deadline: Deadline, moment: Moment) -> Iterable[Effect]:
        count = cells.edit(COUNT)
        count.digest = hash_of(count.digest, deadline.name)
        yield self._say(cells, moment, f"{deadline.name} {deadline.at_ms} {count.digest}")
        if deadline.name == "reply" and count.digest % 3:
            yield SetDeadline("reply", deadline.at_ms + 70_000)

    def _say(self, cells: Cells, moment: Moment, detail: str) -> Decide:
        time = utc(moment.now_ms)
        return Decide(
            Decision(
                decision_id=decision_id(cells.account_id, time, Reason.COOLDOWN, detail),
                account_id=cells.account_id,
                time=time,
                reason=Reason.COOLDOWN,
                detail=detail,
            )
        )


def hash_of(digest: int, word: str) -> int:
    """A digest that notices order."""
    for character in word:
        digest = (digest * 31 + ord(character)) % 1_000_003
    return digest


def payload(number: int, topic: str, account: str, time_ms: int) -> dict[str, Any]:
    """A valid event of the topic's one type."""
    common = {"event_id": f"e{number}", "account_id": account, "occurred_at": rfc3339(utc(time_ms)), "source": "test"}
    if topic == "product-usage":
        return {**common, "type": "feature.used", "user_id": "u", "feature": "f"}
    if topic == "tickets":
        return {**common, "type": "ticket.created", "ticket_id": f"t{number}", "priority": "P2"}
    return {**common, "type": "invoice.paid", "invoice_id": f"i{number}"}


Log = dict[str, list[FileRecord]]


@st.composite
def logs(draw: st.DrawFn) -> Log:
    """Up to 60 events over three topics, roughly in time order, with some out of order, some duplicates, some junk."""
    out: Log = {topic: [] for topic in TOPICS}
    clock = BASE_MS
    for number in range(draw(st.integers(0, 60))):
        clock += draw(st.integers(0, 40_000))
        topic = draw(st.sampled_from(TOPICS))
        time_ms = clock + draw(st.sampled_from([0, 0, 0, -100_000, 90_000]))
        account = draw(st.sampled_from(["a", "b", "c"]))
        identity = number if draw(st.integers(0, 9)) else max(0, number - 3)
        value = orjson.dumps(payload(identity, topic, account, time_ms)) if draw(st.integers(0, 14)) else b"junk"
        # Offsets with gaps, as transaction markers leave them.
        offset = (out[topic][-1].offset if out[topic] else -1) + draw(st.sampled_from([1, 1, 2]))
        out[topic].append(FileRecord(account.encode(), value, offset, time_ms))
    return out


def task(lookahead: int) -> PartitionTask:
    """A task over one partition with the recorder."""
    recorder = Recorder()
    policy = EnginePolicy(partitions=1, topics=TOPICS, until_ms=UNTIL_MS, lookahead=lookahead)
    return PartitionTask(0, Pipeline([recorder], None), policy)


def end_of(records: Sequence[FileRecord]) -> int:
    """The log's end: one marker after the last record."""
    return records[-1].offset + 2 if records else 0


class Run:
    """Drives a task over logs with drawn batch sizes, budgets, commits and crashes."""

    def __init__(self, log: Log, lookahead: int) -> None:
        self.log = log
        self.lookahead = lookahead
        self.state: dict[bytes, bytes] = {}
        self.out: list[bytes] = []
        self.task = self._start()

    def _start(self) -> PartitionTask:
        new = task(self.lookahead)
        for key, value in self.state.items():
            new.restore(key, value)
        new.recovered()
        new.begin_at(dict.fromkeys(TOPICS, 0))
        new.catch_up({topic: end_of(records) for topic, records in self.log.items()})
        return new

    def feed(self, topic: str, most: int) -> None:
        start = self.task.expected(topic)
        end = end_of(self.log[topic])
        if start >= end:
            return
        records = [r for r in self.log[topic] if r.offset >= start][:most]
        stop = records[-1].offset + 1 if records and records[-1] is not self.log[topic][-1] else end
        assert self.task.offer(Batch(topic, start, stop, records))

    def commit(self) -> None:
        done = self.task.prepare()
        self.out.extend(record.value or b"dead" for record in done.outputs)
        for key, value in done.cells:
            if value is None:
                self.state.pop(key, None)
            else:
                self.state[key] = value

    def crash(self) -> None:
        self.task = self._start()

    def finish(self) -> None:
        while not self.task.finished:
            for topic in TOPICS:
                self.feed(topic, 1000)
            while self.task.work(WALL_MS, 1000):
                pass
            self.commit()


@settings(max_examples=200, deadline=None)
@given(log=logs(), lookahead=st.sampled_from([0, 1, 3, 1000]), data=st.data())
def test_output_and_state_do_not_depend_on_batches_commits_or_crashes(log: Log, lookahead: int, data: st.DataObject) -> None:
    straight = Run(log, lookahead)
    straight.finish()
    broken = Run(log, lookahead)
    for _ in range(data.draw(st.integers(0, 25))):
        match data.draw(st.sampled_from(["feed", "feed", "work", "work", "commit", "crash"])):
            case "feed":
                broken.feed(data.draw(st.sampled_from(TOPICS)), data.draw(st.integers(1, 7)))
            case "work":
                broken.task.work(WALL_MS, data.draw(st.integers(1, 9)))
            case "commit":
                broken.commit()
            case _:
                broken.crash()
    broken.finish()

    assert straight.out == broken.out
    assert straight.state == broken.state


@settings(max_examples=100, deadline=None)
@given(log=logs())
def test_every_input_has_exactly_one_outcome(log: Log) -> None:
    run = Run(log, 1000)
    run.finish()

    assert {topic: len(records) for topic, records in log.items() if records} == {
        topic: sum(n for (counted, _), n in run.task.counts.items() if counted == topic) for topic, records in log.items() if records
    }


@settings(max_examples=100, deadline=None)
@given(log=logs())
def test_time_never_runs_backwards(log: Log) -> None:
    run = Run(log, 3)
    run.finish()
    times = [orjson.loads(value)["time"] for value in run.out if value.startswith(b"{")]

    assert sorted(times) == times


@given(values=st.lists(st.integers(-50, 50), max_size=60), width=st.integers(1, 20))
def test_window_minima_equal_the_naive_ones(values: list[int], width: int) -> None:
    assert [min(values[i : i + width]) for i in range(len(values))] == _window_minima(values, width)


def test_a_stale_or_early_batch_is_refused() -> None:
    run = Run({topic: [] for topic in TOPICS}, 0)
    record = FileRecord(b"a", orjson.dumps(payload(1, "tickets", "a", BASE_MS)), 5, BASE_MS)

    assert not run.task.offer(Batch("tickets", 5, 6, [record]))
    assert run.task.offer(Batch("tickets", 0, 6, [record]))
    assert not run.task.offer(Batch("tickets", 0, 6, [record]))
    assert run.task.expected("tickets") == 6
