"""Strays in a partition task: what is sent on, what comes back as a dead letter and where, and what is remembered."""

import orjson
import pytest

from schemas.decoding.partitioning import partition_of
from schemas.decoding.record import FileRecord
from schemas.records.rekeyed import REKEYED, forwarded
from streams.cli.compose import load_configuration
from streams.engine.batch import Batch
from streams.engine.commit import Commit
from streams.engine.policy import EnginePolicy
from streams.engine.strays import OTHER, SOURCES_MAX, Strays
from streams.engine.task import PartitionTask
from tests.wire_records import payload

TOPICS = ("product-usage", "tickets", "play-updates", REKEYED)
PARTITIONS = 4
HOME = partition_of(b"acme", PARTITIONS)
AWAY = (HOME + 1) % PARTITIONS
NOW_MS = 1_772_442_960_000
CONFIGURATION = load_configuration(only=("core",))


def task_of(partition: int) -> PartitionTask:
    """A task that has read everything and is live at NOW_MS."""
    task = PartitionTask(partition, CONFIGURATION.pipeline(), EnginePolicy(partitions=PARTITIONS, topics=TOPICS))
    task.recovered()
    task.begin_at(dict.fromkeys(TOPICS, 0))
    task.catch_up(dict.fromkeys(TOPICS, 0))
    for topic in TOPICS:
        assert task.offer(Batch(topic, 0, 0, [], NOW_MS))
    while task.work(NOW_MS):
        pass
    task.prepare()
    return task


def taken(task: PartitionTask, topic: str, *raws: FileRecord) -> Commit:
    """The transaction that these records of a topic lead to."""
    start = task.expected(topic)
    numbered = [raw._replace(offset=start + index) for index, raw in enumerate(raws)]
    assert task.offer(Batch(topic, start, start + len(raws), numbered, NOW_MS))
    while task.work(NOW_MS):
        pass
    return task.prepare()


def ticket(**changes: object) -> FileRecord:
    """A P1 ticket of acme, appended a minute ago."""
    event = payload("tickets", "ticket.created", account_id="acme", priority="P1", source="desk", **changes)
    return FileRecord(b"acme", orjson.dumps(event), 0, NOW_MS - 60_000, (("traceparent", b"00-1"),))


def arrived(raw: FileRecord, topic: str = "tickets", offset: int = 41) -> FileRecord:
    """The record as another partition's task has put it on `rekeyed`."""
    out = forwarded(raw._replace(offset=offset), topic, AWAY, HOME)
    return FileRecord(out.key, out.value, 0, NOW_MS, out.headers)


def letters(commit: Commit) -> list[tuple[str, str, str]]:
    """(dead letter topic, reason, where the record stood)."""
    found = []
    for record in commit.outputs:
        if record.topic.endswith(".dlq"):
            notes = {name: value.decode() for name, value in record.headers}
            place = ":".join(notes[f"dlq.original.{part}"] for part in ("topic", "partition", "offset", "timestamp"))
            found.append((record.topic, notes["dlq.reason"], place))
    return found


def test_a_stray_is_sent_on_as_it_came_and_counted_where_it_arrived() -> None:
    raw = ticket()
    commit = taken(task_of(AWAY), "tickets", raw)

    assert commit.outputs == [forwarded(raw, "tickets", AWAY, HOME)]
    assert commit.outputs[0].partition == HOME
    assert commit.tally.inputs == {("tickets", "forwarded"): 1}
    assert commit.tally.strays == {("tickets", "desk"): 1}


def test_at_home_it_launches_and_the_evidence_names_the_place_where_it_arrived() -> None:
    commit = taken(task_of(HOME), REKEYED, arrived(ticket()))
    triggers = [orjson.loads(record.value or b"") for record in commit.outputs if record.topic == "triggers"]

    assert [t["evidence"]["sources"] for t in triggers if t["rule"] == "T07"] == [[{"topic": "tickets", "partition": AWAY, "offset": 41}]]
    assert commit.tally.inputs == {(REKEYED, "applied"): 1}
    assert commit.oldest_append_ms == NOW_MS - 60_000


def test_the_same_event_at_home_and_through_rekeyed_counts_once() -> None:
    task = task_of(HOME)
    first, second = taken(task, "tickets", ticket()), taken(task, REKEYED, arrived(ticket()))

    assert first.tally.messages["launched"] == 1
    assert (second.tally.inputs, second.tally.messages) == ({(REKEYED, "duplicate"): 1}, {})


@pytest.mark.parametrize(
    ("raw", "topic", "reason"),
    [
        (arrived(ticket(occurred_at="2030-01-01T00:00:00Z")), "tickets", "far_future"),
        (arrived(ticket(occurred_at="2001-01-01T00:00:00Z")), "tickets", "too_late"),
        (arrived(ticket()._replace(value=b"junk")), "tickets", "not_json"),
        (arrived(ticket()._replace(key=b"umbra")), "tickets", "account_mismatch"),
        (
            arrived(ticket()._replace(value=orjson.dumps(payload("play-updates", "run.acknowledged", account_id="acme"))), "play-updates"),
            "play-updates", "unknown_run",
        ),
    ],
    ids=["far future", "too late", "junk", "mismatch", "unknown run"],
)  # fmt: skip
def test_what_fails_at_home_is_a_dead_letter_of_the_topic_where_it_arrived(raw: FileRecord, topic: str, reason: str) -> None:
    commit = taken(task_of(HOME), REKEYED, raw)
    [letter] = [record for record in commit.outputs if record.topic.endswith(".dlq")]

    assert letters(commit) == [(f"{topic}.dlq", reason, f"{topic}:{AWAY}:41:{NOW_MS - 60_000}")]
    assert not any(name.startswith("playcall.origin") for name, _ in letter.headers)
    assert commit.tally.inputs == {(REKEYED, "dead_lettered"): 1}


def test_what_is_on_the_wrong_partition_again_is_not_sent_on_again() -> None:
    commit = taken(task_of(AWAY), REKEYED, arrived(ticket()))
    assert letters(commit) == [("tickets.dlq", "wrong_partition", f"tickets:{AWAY}:41:{NOW_MS - 60_000}")]
    assert REKEYED not in {record.topic for record in commit.outputs}


def test_a_record_without_origin_is_a_dead_letter_of_rekeyed_itself() -> None:
    task = task_of(HOME)
    taken(task, REKEYED, arrived(ticket()))
    commit = taken(task, REKEYED, ticket())
    assert letters(commit) == [("rekeyed.dlq", "no_origin", f"rekeyed:{HOME}:1:{NOW_MS - 60_000}")]


def test_a_bad_record_is_a_dead_letter_where_it_stands_and_not_sent_on() -> None:
    commit = taken(task_of(AWAY), "tickets", ticket()._replace(value=b"junk"))
    assert letters(commit) == [("tickets.dlq", "not_json", f"tickets:{AWAY}:0:{NOW_MS - 60_000}")]


def test_a_stray_moves_no_time_where_it_is_met() -> None:
    task = PartitionTask(AWAY, CONFIGURATION.pipeline(), EnginePolicy(partitions=PARTITIONS, topics=TOPICS))
    task.recovered()
    task.begin_at(dict.fromkeys(TOPICS, 0))
    task.catch_up({topic: int(topic == "tickets") for topic in TOPICS})
    commit = taken(task, "tickets", ticket())

    assert [record.topic for record in commit.outputs] == [REKEYED]
    assert task.task_time_ms == 0


def test_sources_are_remembered_to_a_bound() -> None:
    strays = Strays()
    for number in range(SOURCES_MAX + 20):
        strays.note("tickets", f"source-{number:03}", number)
    known = strays.to_json()["tickets"]
    again = Strays()
    again.restore(strays.to_json())

    assert (len(known["sources"]), OTHER in known["sources"], known["last"]) == (SOURCES_MAX + 1, True, SOURCES_MAX + 19)
    assert again.to_json() == strays.to_json()
