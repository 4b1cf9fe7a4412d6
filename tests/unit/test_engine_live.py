"""A task that is up to date: time is the wall clock, silence waits for proof, falling behind means catching up again."""

from collections.abc import Iterable

import orjson

from schemas.decoding.record import FileRecord
from schemas.events.event import Event
from schemas.records.decision import Decision, Reason
from schemas.records.wire import rfc3339, utc
from streams.engine.batch import Batch
from streams.engine.pipeline import Pipeline
from streams.engine.policy import MINUTE_MS, EnginePolicy
from streams.engine.task import PartitionTask
from streams.processing.cells import Cells
from streams.processing.deadline import Deadline
from streams.processing.effects import Decide, Effect, SetDeadline
from streams.processing.moment import Mode, Moment

START_MS = 1_760_000_000_000
TOPICS = ("tickets", "billing")


class Alarm:
    """On a ticket: a clock and a silence one minute later, each reported with the moment at which it fired."""

    name = "alarm"
    event_types = frozenset({"ticket.created"})

    def on_event(self, cells: Cells, event: Event, moment: Moment) -> Iterable[Effect]:
        return (SetDeadline("clock", event.time_ms + MINUTE_MS), SetDeadline("silence", event.time_ms + MINUTE_MS, silence=True))

    def silent_topics(self, name: str) -> tuple[str, ...]:
        return ()

    def on_held(self, cells: Cells, deadline: Deadline, moment: Moment) -> tuple[Effect, ...]:
        return ()

    def on_deadline(self, cells: Cells, deadline: Deadline, moment: Moment) -> Iterable[Effect]:
        detail = f"{deadline.name} set to +{deadline.at_ms - START_MS}, fired at +{moment.now_ms - START_MS} {moment.mode.value}"
        return (
            Decide(
                Decision(decision_id=detail, account_id=cells.account_id, time=utc(moment.now_ms), reason=Reason.CLEARED, detail=detail)
            ),
        )


def live_task(grace_ms: int = 0) -> PartitionTask:
    """A task that has read everything up to START_MS and is live."""
    task = PartitionTask(0, Pipeline([Alarm()], None), EnginePolicy(partitions=1, topics=TOPICS, grace_ms=grace_ms))
    task.recovered()
    task.begin_at(dict.fromkeys(TOPICS, 0))
    task.catch_up(dict.fromkeys(TOPICS, 0))
    read(task, START_MS)
    while task.work(START_MS):
        pass
    assert task.mode is Mode.LIVE
    task.prepare()
    return task


def read(task: PartitionTask, up_to_ms: int, *topics: str) -> None:
    """The broker says that there is nothing more, as of `up_to_ms`."""
    for topic in topics or TOPICS:
        at = task.expected(topic)
        assert task.offer(Batch(topic, at, at, [], up_to_ms))


def ticket(task: PartitionTask, time_ms: int, account: str = "a") -> None:
    """One ticket arrives."""
    value = {
        "event_id": str(time_ms), "type": "ticket.created", "account_id": account, "occurred_at": rfc3339(utc(time_ms)),
        "source": "desk", "ticket_id": "t1", "priority": "P2",
    }  # fmt: skip
    at = task.expected("tickets")
    assert task.offer(Batch("tickets", at, at + 1, [FileRecord(account.encode(), orjson.dumps(value), at, time_ms)], time_ms))


def said(task: PartitionTask, wall_ms: int) -> list[str]:
    """Work until there is nothing to do; the details of what was decided."""
    while task.work(wall_ms):
        pass
    return [orjson.loads(record.value or b"")["detail"] for record in task.prepare().outputs]


def test_a_clock_fires_at_its_time_although_nothing_arrives() -> None:
    task = live_task()
    ticket(task, START_MS)

    assert said(task, START_MS + MINUTE_MS - 1) == []
    assert said(task, START_MS + MINUTE_MS) == ["clock set to +60000, fired at +60000 live"]


def test_a_silence_waits_until_every_topic_is_read_past_it() -> None:
    task = live_task()
    ticket(task, START_MS)
    said(task, START_MS + MINUTE_MS)
    read(task, START_MS + 2 * MINUTE_MS, "tickets")

    assert said(task, START_MS + 2 * MINUTE_MS) == []

    read(task, START_MS + 2 * MINUTE_MS, "billing")

    assert said(task, START_MS + 2 * MINUTE_MS) == ["silence set to +60000, fired at +120000 live"]


def test_a_silence_waits_for_the_grace() -> None:
    task = live_task(grace_ms=MINUTE_MS)
    ticket(task, START_MS)
    read(task, START_MS + 2 * MINUTE_MS - 1)

    assert said(task, START_MS + 2 * MINUTE_MS - 1) == ["clock set to +60000, fired at +119999 live"]

    read(task, START_MS + 2 * MINUTE_MS)

    assert said(task, START_MS + 2 * MINUTE_MS) == ["silence set to +60000, fired at +120000 live"]


def test_reading_that_falls_behind_stops_time_until_the_ends_are_known() -> None:
    task = live_task()
    ticket(task, START_MS)
    said(task, START_MS)
    later = START_MS + 6 * MINUTE_MS

    assert said(task, later) == []
    assert task.wants_ends

    # Two more tickets are known to exist: nothing fires before they are read, then everything at the moment it belongs to.
    task.catch_up({"tickets": 2, "billing": 0})
    read(task, later, "billing")

    assert said(task, later) == []

    ticket(task, START_MS + 3 * MINUTE_MS)
    read(task, later)

    assert said(task, later) == [
        "clock set to +60000, fired at +60000 catching_up",
        "silence set to +60000, fired at +60000 catching_up",
        "clock set to +240000, fired at +240000 catching_up",
        "silence set to +240000, fired at +240000 catching_up",
    ]
    assert task.mode is Mode.LIVE
    assert later == task.task_time_ms


def test_nothing_to_do_means_nothing_to_commit() -> None:
    task = live_task()

    assert not task.pending

    said(task, START_MS + 1)

    assert not task.pending


def test_an_event_dated_ahead_of_the_clock_is_a_dead_letter() -> None:
    task = live_task()
    ticket(task, START_MS + 11 * MINUTE_MS)
    while task.work(START_MS):
        pass
    [letter] = task.prepare().outputs

    assert (letter.topic, dict(letter.headers)["dlq.reason"]) == ("tickets.dlq", b"far_future")


def test_a_date_far_ahead_at_the_end_of_a_topic_moves_no_time() -> None:
    task = live_task()
    ticket(task, START_MS)
    said(task, START_MS)
    later = START_MS + 6 * MINUTE_MS
    task.work(later)
    task.catch_up({"tickets": 2, "billing": 0})
    ticket(task, START_MS + 365 * 24 * 60 * MINUTE_MS)
    task.work(later)
    [letter] = task.prepare().outputs

    assert dict(letter.headers)["dlq.reason"] == b"far_future"
    assert task.task_time_ms == START_MS


def test_a_finite_run_leaves_what_comes_after_its_end_unread() -> None:
    policy = EnginePolicy(partitions=1, topics=TOPICS, until_ms=START_MS + MINUTE_MS, grace_ms=0)
    task = PartitionTask(0, Pipeline([Alarm()], None), policy)
    task.recovered()
    task.begin_at(dict.fromkeys(TOPICS, 0))
    task.catch_up({"tickets": 2, "billing": 0})
    ticket(task, START_MS)
    ticket(task, START_MS + MINUTE_MS + 1)

    assert said(task, START_MS + 24 * 60 * MINUTE_MS) == [
        "clock set to +60000, fired at +60000 catching_up",
        "silence set to +60000, fired at +60000 catching_up",
    ]
    assert task.finished
    assert task.cursor == {"tickets": 1, "billing": 0}


def test_catching_up_proves_a_silence_too_once_a_topic_has_run_out() -> None:
    task = live_task()
    ticket(task, START_MS)
    later = START_MS + 6 * MINUTE_MS
    assert said(task, later) == []
    task.catch_up({"tickets": 1, "billing": 0})
    assert said(task, later) == []
    # Tickets go on beyond the end known at entry; of billing nothing has been heard since before.
    ticket(task, later)
    ticket(task, later + 9 * MINUTE_MS, "b")

    assert said(task, later + 9 * MINUTE_MS) == [
        "clock set to +60000, fired at +60000 catching_up",
        "silence set to +60000, fired at +60000 catching_up",
        "clock set to +420000, fired at +420000 catching_up",
    ]

    read(task, later + 9 * MINUTE_MS, "billing")
    ticket(task, later + 9 * MINUTE_MS + 1, "b")

    assert said(task, later + 9 * MINUTE_MS + 1) == ["silence set to +420000, fired at +900000 catching_up"]


def test_while_the_clock_is_in_doubt_events_are_applied_and_nothing_fires() -> None:
    task = live_task()
    task.time_trusted = False
    ticket(task, START_MS)
    read(task, START_MS + 2 * MINUTE_MS)

    assert said(task, START_MS + 2 * MINUTE_MS) == []
    assert task.queued("tickets") == 0

    task.time_trusted = True

    assert said(task, START_MS + 2 * MINUTE_MS) == [
        "clock set to +60000, fired at +120000 live",
        "silence set to +60000, fired at +120000 live",
    ]


def test_catching_up_does_not_end_while_the_clock_is_in_doubt() -> None:
    task = live_task()
    later = START_MS + 6 * MINUTE_MS
    said(task, later)
    task.catch_up({"tickets": 1, "billing": 0})
    ticket(task, START_MS)
    read(task, later)
    task.time_trusted = False

    assert (said(task, later), task.mode) == ([], Mode.CATCHING_UP)

    task.time_trusted = True

    assert said(task, later) == [
        "clock set to +60000, fired at +60000 catching_up",
        "silence set to +60000, fired at +60000 catching_up",
    ]
    assert (said(task, later), task.mode) == ([], Mode.LIVE)
