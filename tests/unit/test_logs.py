"""Which logs a cursor belongs to, what a worker accepts of topics, and what ends a running one."""

import orjson
import pytest

from schemas.catalogue import task_topics, topic
from streams.engine.cursor import Cursor, noted_partitions
from streams.engine.logs import Logs, parse_recreated
from streams.kafka.refusals import misconfigured
from streams.kafka.topic_metadata import Described
from streams.kafka.topic_watch import changed


def test_another_id_is_another_log_and_an_unknown_one_says_nothing() -> None:
    noted = Logs(4, {"tickets": "a", "billing": "b", "accounts": "c"})

    assert noted.recreated(Logs(4, {"tickets": "a", "billing": "x", "feedback": "y"})) == {"billing": ("b", "x")}


@pytest.mark.parametrize(("noted", "now", "moved"), [(4, 8, True), (8, 4, True), (4, 4, False), (None, 4, False), (4, None, False)])
def test_another_partition_count_moves_accounts(noted: int | None, now: int | None, moved: bool) -> None:
    assert Logs(noted).repartitioned(Logs(now)) is moved


def test_a_broker_without_ids_takes_none_away() -> None:
    assert Logs(4, {"tickets": "a", "billing": "b"}).updated(Logs(4, {"billing": "x"})) == Logs(4, {"tickets": "a", "billing": "x"})


def test_logs_ride_in_the_cursor_and_older_cursors_know_none() -> None:
    cursor = Cursor({"tickets": 3}, logs=Logs(4, {"tickets": "a"}))
    older = orjson.loads(cursor.encode())
    del older["partitions"], older["topic_ids"]

    assert Cursor.decode(cursor.encode()) == cursor
    assert Cursor.decode(orjson.dumps(older)).logs == Logs()
    assert (noted_partitions(cursor.encode()), noted_partitions(orjson.dumps(older)), noted_partitions(b"\xff")) == (4, None, None)


def test_what_became_of_a_topic_is_said_in_one_of_two_ways() -> None:
    assert parse_recreated(["tickets:begin", "feeds:keep"], task_topics()) == {"tickets": "begin", "feeds": "keep"}
    for bad in ("tickets", "tickets:yes", "triggers:keep", "feeds:begin"):
        with pytest.raises(ValueError, match="expected TOPIC:keep"):
            parse_recreated([bad], task_topics())


@pytest.mark.parametrize("name", ["tickets", "triggers", "state", "feeds", "rekeyed", "tickets.dlq"])
def test_every_topic_as_the_catalogue_has_it_is_accepted(name: str) -> None:
    assert list(misconfigured(name, topic(name), dict(topic(name).settings), written=True)) == []


def test_every_fault_of_a_topic_is_named() -> None:
    configs = {"cleanup.policy": "compact", "message.timestamp.type": "CreateTime", "max.message.bytes": "100"}

    assert [str(fault).split(". ")[0] for fault in misconfigured("p.tickets", topic("tickets"), configs, written=True)] == [
        "p.tickets has cleanup.policy=compact",
        "p.tickets has message.timestamp.type=CreateTime",
        "p.tickets has max.message.bytes=100",
    ]


def test_more_partitions_or_another_id_end_a_worker_and_nothing_else_does() -> None:
    known = {"a": Described(4, "1"), "b": Described(4, None)}

    assert changed(known, {"a": Described(4, "1"), "b": Described(4, "7"), "c": Described(9, "9")}) is None
    assert changed(known, {}) is None
    assert "a has 8 partitions now, it had 4" in str(changed(known, {"a": Described(8, "1")}))
    assert "a was deleted and created anew (topic id 1, now 2)" in str(changed(known, {"a": Described(4, "2")}))
