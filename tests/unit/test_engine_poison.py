"""A poisoned topic is paused, the others go on; what waits is read when somebody says so."""

import orjson
import pytest

from schemas.decoding.outcome import RejectReason
from schemas.decoding.record import FileRecord
from streams.engine.batch import Batch
from streams.engine.cursor import Cursor
from streams.engine.pipeline import Pipeline
from streams.engine.poison import POISONOUS, Pause, Poison, Resume, threshold_of
from streams.engine.policy import MINUTE_MS, EnginePolicy
from streams.engine.task import PartitionTask
from streams.processing.moment import Mode
from tests.unit.test_engine_live import START_MS, TOPICS, Alarm, live_task, read, said, ticket


def poison_billing(task: PartitionTask, count: int) -> None:
    """So many records that are no JSON, known to be the last."""
    at = task.expected("billing")
    records = [FileRecord(b"a", b"{", offset, START_MS) for offset in range(at, at + count)]
    assert task.offer(Batch("billing", at, at + count, records, START_MS))


def drain(task: PartitionTask) -> None:
    """Work until there is nothing to do."""
    while task.work(START_MS):
        pass


def dead_letters(task: PartitionTask) -> int:
    return task.counts.get(("billing", "dead_lettered"), 0)


def test_a_live_topic_is_paused_at_half_a_window_and_the_rest_stays_queued() -> None:
    task = live_task()
    poison_billing(task, 800)
    drain(task)

    assert dict(task.paused) == {"billing": Pause(START_MS, 499, 500, {"not_json": 500}, [0, 100, 200, 300, 400])}
    assert (dead_letters(task), task.queued("billing"), task.cursor["billing"]) == (500, 300, 500)
    assert str(task.paused["billing"]) == "500 of the last 500 records are dead letters (not_json 500)"
    assert task.mode is Mode.LIVE


def test_other_topics_go_on_live_and_their_clocks_fire_however_long_the_pause() -> None:
    task = live_task()
    poison_billing(task, 800)
    drain(task)
    task.prepare()
    later = START_MS + 60 * MINUTE_MS
    for at_ms in range(START_MS, later, 4 * MINUTE_MS):  # others are read all the while
        read(task, at_ms, "tickets")
        said(task, at_ms)
    ticket(task, later)

    assert said(task, later + MINUTE_MS) == ["clock set to +3660000, fired at +3660000 live"]
    assert (task.mode, task.wants_ends, dead_letters(task)) == (Mode.LIVE, False, 500)


def test_silence_over_a_paused_topic_is_not_proven() -> None:
    task = live_task()
    ticket(task, START_MS)
    poison_billing(task, 800)
    drain(task)
    task.prepare()
    read(task, START_MS + 3 * MINUTE_MS, "tickets")

    assert said(task, START_MS + 3 * MINUTE_MS) == ["clock set to +60000, fired at +180000 live"]

    task.resume("billing", Resume(1, 800))
    drain(task)
    task.prepare()
    read(task, START_MS + 3 * MINUTE_MS, "billing")

    assert said(task, START_MS + 3 * MINUTE_MS) == ["silence set to +60000, fired at +180000 live"]


def restarted(task: PartitionTask, ends: dict[str, int]) -> PartitionTask:
    """A new process with the state that `task` would commit now; it has seen the present ends."""
    again = PartitionTask(0, Pipeline([Alarm()], None), EnginePolicy(partitions=1, topics=TOPICS, grace_ms=0))
    for key, value in task.prepare().cells:
        again.restore(key, value)
    again.recovered()
    again.catch_up(ends)
    return again


def test_a_restart_is_still_paused_catches_up_without_the_topic_and_drains_nothing() -> None:
    task = live_task()
    poison_billing(task, 800)
    drain(task)
    before = dict(task.paused)
    again = restarted(task, {"tickets": 0, "billing": 800})
    poison_billing(again, 300)
    read(again, START_MS, "tickets")
    drain(again)

    assert dict(again.paused) == before
    assert (again.mode, dead_letters(again), again.queued("billing")) == (Mode.LIVE, 500, 300)


def test_a_resume_reads_everything_written_before_it_and_counts_anew_behind() -> None:
    task = live_task()
    poison_billing(task, 1600)
    drain(task)
    task.resume("billing", Resume(7, 1600))
    drain(task)

    assert (dict(task.paused), dead_letters(task)) == ({}, 1600)

    poison_billing(task, 600)
    drain(task)

    assert (list(task.paused), dead_letters(task)) == (["billing"], 2100)


def test_a_resume_counts_once_and_one_from_before_the_pause_does_nothing() -> None:
    task = live_task()
    task.resume("billing", Resume(7, 0))
    assert task.pending  # it is noted although nothing was paused
    poison_billing(task, 600)
    drain(task)
    task.resume("billing", Resume(7, 0))
    again = restarted(task, {"tickets": 0, "billing": 600})
    again.resume("billing", Resume(6, 600))
    again.resume("billing", Resume(7, 600))

    assert list(again.paused) == ["billing"]

    again.resume("billing", Resume(8, 600))

    assert (dict(again.paused), again.wants_ends) == ({}, True)


def test_a_finite_run_reads_on() -> None:
    task = PartitionTask(0, Pipeline([Alarm()], None), EnginePolicy(partitions=1, topics=TOPICS, until_ms=START_MS))
    task.begin_at(dict.fromkeys(TOPICS, 0))
    task.catch_up({"tickets": 0, "billing": 900})
    poison_billing(task, 900)
    drain(task)
    task.prepare()

    assert (task.finished, dict(task.paused), dead_letters(task)) == (True, {}, 900)


def test_turned_off_nothing_pauses_and_an_old_pause_ends() -> None:
    paused = Poison(1)
    assert paused.count("tickets", 3, RejectReason.NOT_JSON, 0)
    off = Poison(threshold_of(0.0))
    off.restore(paused.encode())

    assert off.paused == {}
    assert not off.count("tickets", 4, RejectReason.NOT_JSON, 0)


@pytest.mark.parametrize(("share", "threshold"), [(0.0, 0), (0.001, 200), (0.2, 200), (0.5, 500), (0.6121, 613), (1.0, 1000)])
def test_the_threshold_is_a_share_of_a_full_window_and_at_least_200(share: float, threshold: int) -> None:
    assert threshold_of(share) == threshold


def test_sound_records_without_a_run_or_on_a_wrong_partition_poison_nothing() -> None:
    assert set(RejectReason) - POISONOUS == {
        "wrong_partition",
        "unknown_run",
        "wrong_state",
        "invalid_update",
        "unknown_play",
        "bad_request",
        "quarantined",
    }


def test_a_clean_topic_leaves_no_trace_in_the_cursor() -> None:
    poison = Poison(500)
    for offset in range(1, 1200):
        poison.count("tickets", offset, RejectReason.NOT_JSON if offset < 5 else None, 0)

    assert poison.encode() == {}


def test_a_cursor_of_an_older_release_has_neither_windows_nor_pauses() -> None:
    whole = orjson.loads(Cursor(poison={"paused": {}, "recent": {}, "resumed": {}}).encode())
    old = {name: value for name, value in whole.items() if name not in {"paused", "recent", "resumed"}}

    assert Cursor.decode(orjson.dumps(old)).poison == {}


def test_a_resume_of_a_topic_that_is_not_paused_empties_its_window() -> None:
    task = live_task()
    poison_billing(task, 400)
    drain(task)
    task.resume("billing", Resume(1, 400))
    poison_billing(task, 499)
    drain(task)

    assert dict(task.paused) == {}

    poison_billing(task, 1)
    drain(task)

    assert list(task.paused) == ["billing"]
