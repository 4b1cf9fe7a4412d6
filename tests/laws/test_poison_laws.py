"""Laws of the pause: it comes at the same record however the topic is fetched, cut, committed or recovered, and nothing is lost."""

from collections.abc import Sequence

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.decoding.outcome import RejectReason
from schemas.decoding.record import FileRecord
from schemas.records.wire import rfc3339, utc
from streams.engine.batch import Batch
from streams.engine.cursor import CURSOR_KEY
from streams.engine.pipeline import Pipeline
from streams.engine.poison import BUCKET, BUCKETS, Poison, Resume
from streams.engine.policy import EnginePolicy
from streams.engine.task import PartitionTask
from streams.processing.moment import Mode

TOPICS = ("tickets", "accounts")
BASE_MS = 1_760_000_000_000
WALL_MS = BASE_MS + 1_000_000
NOT_JSON = RejectReason.NOT_JSON

# Stretches of good and bad records: (bad?, how many, every how many-th of them is as said).
stretches = st.lists(st.tuples(st.booleans(), st.integers(1, 700), st.sampled_from([1, 1, 2, 3, 40])), max_size=7)


def spread(drawn: Sequence[tuple[bool, int, int]]) -> list[bool]:
    """Bad or good, record by record."""
    return [bad if index % step == 0 else not bad for bad, count, step in drawn for index in range(count)]


def first_pause(records: Sequence[bool], threshold: int) -> int | None:
    """By counting anew at every record. Windows begin with a dead letter and move bucket by bucket."""
    begin: int | None = None
    for at, bad in enumerate(records):
        if begin is None:
            if not bad:
                continue
            begin = at
        oldest = begin + max(0, (at - begin) // BUCKET - BUCKETS + 1) * BUCKET
        inside = sum(records[oldest : at + 1])
        if bad and inside >= threshold:
            return at
        if inside == 0:
            begin = None
    return None


@settings(max_examples=100, deadline=None)
@given(drawn=stretches, threshold=st.sampled_from([1, 2, 200, 500, 1000]), data=st.data())
def test_the_pause_comes_where_counting_anew_puts_it_whatever_is_encoded_in_between(
    drawn: list[tuple[bool, int, int]], threshold: int, data: st.DataObject
) -> None:
    records = spread(drawn)
    cuts = set(data.draw(st.lists(st.integers(0, max(0, len(records))), max_size=5)))
    poison, paused = Poison(threshold), None
    for at, bad in enumerate(records):
        if at in cuts:
            again = Poison(threshold)
            again.restore(orjson.loads(orjson.dumps(poison.encode())))
            poison = again
        if (bad or "tickets" in poison.windows) and poison.count("tickets", at, NOT_JSON if bad else None, WALL_MS):
            paused = at
            break

    assert first_pause(records, threshold) == paused


def log_of(topic: str, drawn: Sequence[tuple[bool, int, int]]) -> list[FileRecord]:
    """A topic with these good and bad records; every 97th offset is a transaction marker."""
    records, offset = [], 0
    for number, bad in enumerate(spread(drawn)):
        offset += 2 if number % 97 == 96 else 1
        time_ms = BASE_MS + 100 * number
        value = b"{junk" if bad else orjson.dumps(
            {
                "event_id": f"{topic}-{number}", "type": "ticket.resolved" if topic == "tickets" else "contact.left", "account_id": "a",
                "occurred_at": rfc3339(utc(time_ms)), "source": "test", "ticket_id": "t", "contact_id": "c",
            }
        )  # fmt: skip
        records.append(FileRecord(b"a", value, offset, time_ms))
    return records


class Run:
    """A task over two topics, started again from its state at will."""

    def __init__(self, logs: dict[str, list[FileRecord]]) -> None:
        self.logs = logs
        self.state: dict[bytes, bytes] = {}
        self.out: list[tuple[str, bytes | None]] = []
        self.resumes: list[tuple[str, Resume]] = []
        self.restart()

    def restart(self) -> None:
        policy = EnginePolicy(partitions=1, topics=TOPICS, lookahead=3)
        self.task = PartitionTask(0, Pipeline([], None), policy)
        for key, value in self.state.items():
            self.task.restore(key, value)
        self.task.recovered()
        self.task.begin_at(dict.fromkeys(TOPICS, 0))
        self.catch_up()
        for topic, asked in self.resumes:
            self.task.resume(topic, asked)

    def catch_up(self) -> None:
        self.task.catch_up({topic: self.end(topic) for topic in TOPICS})

    def end(self, topic: str) -> int:
        return self.logs[topic][-1].offset + 1 if self.logs[topic] else 0

    def feed(self, topic: str, most: int) -> None:
        """The next records; with the last of them the broker says that there is no more."""
        start, end = self.task.expected(topic), self.end(topic)
        records = [record for record in self.logs[topic] if record.offset >= start][:most]
        stop = records[-1].offset + 1 if records else start
        assert self.task.offer(Batch(topic, start, stop, records, WALL_MS if stop >= end else None))

    def work(self, budget: int) -> bool:
        more = self.task.work(WALL_MS, budget)
        if self.task.wants_ends:
            self.catch_up()
            return True
        return more

    def commit(self) -> None:
        done = self.task.prepare()
        self.out += [(record.topic, record.value) for record in done.outputs]
        for key, value in done.cells:
            if value is None:
                self.state.pop(key, None)
            else:
                self.state[key] = value

    def resume(self, topic: str, at_ms: int, upto: int) -> None:
        self.resumes.append((topic, Resume(at_ms, upto)))
        self.task.resume(*self.resumes[-1])

    def finish(self) -> None:
        for topic in TOPICS:
            self.feed(topic, 1_000_000)
        while self.work(1000):
            pass
        self.commit()
        assert self.task.mode is Mode.LIVE


def logs_of(drawn: tuple[list[tuple[bool, int, int]], ...]) -> dict[str, list[FileRecord]]:
    return {topic: log_of(topic, part) for topic, part in zip(TOPICS, drawn, strict=True)}


logs = st.tuples(stretches, stretches).map(logs_of)


def disturb(run: Run, data: st.DataObject, *, resumes: bool) -> None:
    """Drawn batches, turns of work, commits and crashes."""
    for step in range(data.draw(st.integers(0, 20))):
        match data.draw(st.sampled_from(["feed", "feed", "work", "work", "commit", "crash", "resume"])):
            case "feed":
                run.feed(data.draw(st.sampled_from(TOPICS)), data.draw(st.integers(1, 900)))
            case "work":
                run.work(data.draw(st.integers(1, 900)))
            case "commit":
                run.commit()
            case "resume" if resumes:
                run.resume(data.draw(st.sampled_from(TOPICS)), step, data.draw(st.integers(0, 2000)))
            case _:
                run.restart()


@settings(max_examples=40, deadline=None)
@given(logs=logs, data=st.data())
def test_a_pause_and_all_that_is_applied_do_not_depend_on_batches_commits_or_crashes(
    logs: dict[str, list[FileRecord]], data: st.DataObject
) -> None:
    straight, broken = Run(logs), Run(logs)
    straight.finish()
    disturb(broken, data, resumes=False)
    broken.finish()

    assert straight.out == broken.out
    assert straight.state == broken.state


@settings(max_examples=40, deadline=None)
@given(logs=logs, data=st.data())
def test_after_the_last_resume_every_record_has_exactly_one_outcome(logs: dict[str, list[FileRecord]], data: st.DataObject) -> None:
    run = Run(logs)
    disturb(run, data, resumes=True)
    for topic in TOPICS:
        run.resume(topic, 1000, run.end(topic))
    run.finish()
    bad = sum(record.value == b"{junk" for records in logs.values() for record in records)

    assert run.task.paused == {}
    assert {topic: len(records) for topic, records in logs.items()} == {
        topic: sum(count for (counted, _), count in run.task.counts.items() if counted == topic) for topic in TOPICS
    }
    assert len([topic for topic, _ in run.out if topic.endswith(".dlq")]) == bad
    assert set(orjson.loads(run.state[CURSOR_KEY])) >= {"resumed"}
