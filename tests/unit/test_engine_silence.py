"""Silence is believed only while the feed that would have spoken is alive."""

from collections.abc import Iterable
from datetime import datetime

import orjson
import pytest

from schemas.decoding.record import FileRecord
from schemas.events.event import Event
from schemas.records.decision import Decision, Reason
from schemas.records.wire import rfc3339, utc
from streams.engine.batch import Batch
from streams.engine.feeds import QuietRules
from streams.engine.pipeline import Pipeline
from streams.engine.policy import DAY_MS, MINUTE_MS, EnginePolicy
from streams.engine.task import PartitionTask
from streams.processing.cells import Cells
from streams.processing.deadline import Deadline
from streams.processing.effects import CancelDeadline, Decide, Effect, SetDeadline
from streams.processing.moment import Mode, Moment

START_MS = 1_760_000_000_000
HOUR_MS = 60 * MINUTE_MS
TOPICS = ("tickets", "billing", "play-updates")
QUIET = QuietRules({"billing": 10 * MINUTE_MS}, {("billing", "slow"): DAY_MS}, unproven_after_ms=6 * HOUR_MS, settle_ms=2 * MINUTE_MS)


class Dunning:
    """On a ticket: ten minutes later it asserts that nothing came on billing, and a clock asserts that nobody answered."""

    name = "dunning"
    event_types = frozenset({"ticket.created", "invoice.paid"})

    def silent_topics(self, name: str) -> tuple[str, ...]:
        return ("billing",) if name == "unpaid" else ("play-updates",)

    def on_event(self, cells: Cells, event: Event, moment: Moment) -> Iterable[Effect]:
        if event.type == "invoice.paid":
            return (CancelDeadline("unpaid"),)
        at_ms = event.time_ms + 10 * MINUTE_MS
        return (SetDeadline("unpaid", at_ms, silence=True), SetDeadline("answer", at_ms))

    def on_held(self, cells: Cells, deadline: Deadline, moment: Moment) -> Iterable[Effect]:
        return (said(cells, moment, f"{deadline.name} held"),)

    def on_deadline(self, cells: Cells, deadline: Deadline, moment: Moment) -> Iterable[Effect]:
        proof = moment.proof
        assert proof is not None
        held = "" if proof.held_ms is None else f" held at +{(proof.held_ms - START_MS) // MINUTE_MS}"
        heard = {feed: (time_ms - START_MS) // MINUTE_MS for feed, time_ms in proof.heard(proof.topics).items()}
        return (said(cells, moment, f"{deadline.name}{' unproven' if proof.unproven else ''}{held} {heard or ''}".strip()),)


def said(cells: Cells, moment: Moment, detail: str) -> Decide:
    text = f"{cells.account_id} {detail}"
    return Decide(
        Decision(decision_id=text, account_id=cells.account_id, time=utc(moment.now_ms), reason=Reason.CLEARED, detail=text),
    )


class Story:
    """One live task; minutes are counted from the start."""

    def __init__(self, quiet: QuietRules = QUIET) -> None:
        self.state: dict[bytes, bytes] = {}
        self.minute = 0
        self._coming: list[tuple[int, str, dict[str, str]]] = []
        self._policy = EnginePolicy(partitions=1, topics=TOPICS, grace_ms=0, quiet=quiet, answers="play-updates")
        self.offsets = dict.fromkeys(TOPICS, 0)
        self.task = self._start()

    def _start(self) -> PartitionTask:
        task = PartitionTask(0, Pipeline([Dunning()], None), self._policy)
        for key, value in self.state.items():
            task.restore(key, value)
        task.recovered()
        task.begin_at(dict.fromkeys(TOPICS, 0))
        task.catch_up(self.offsets)
        return task

    @property
    def now_ms(self) -> int:
        return START_MS + self.minute * MINUTE_MS

    def ticket(self, minute: int, account: str = "a") -> None:
        self.put("tickets", "desk", minute, type="ticket.created", account_id=account, ticket_id="t", priority="P2")

    def paid(self, minute: int, source: str = "bank", account: str = "z") -> None:
        self.put("billing", source, minute, type="invoice.paid", account_id=account, invoice_id="i")

    def beat(self, minute: int, source: str = "bank") -> None:
        self.put("billing", source, minute, type="feed.heartbeat")

    def put(self, topic: str, source: str, minute: int, **fields: str) -> None:
        """An event of this minute: it arrives then, or with the next step if that is past."""
        self._coming.append((minute, topic, {"occurred_at": rfc3339(utc(START_MS + minute * MINUTE_MS)), "source": source, **fields}))

    def until(self, minute: int, *topics: str, open_transaction: str = "") -> list[str]:
        """Minute by minute, what comes arrives and everything (or these topics) is read; what was said."""
        while True:
            self._arrive()
            for topic in topics or TOPICS:  # the broker says that there is nothing more, but for what a transaction hides
                at = self.task.expected(topic)
                up_to = None if topic == open_transaction else self.now_ms
                assert self.task.offer(Batch(topic, at, at, (), up_to, self.now_ms))
            while self.task.work(self.now_ms) or self.task.wants_ends:
                if self.task.wants_ends:
                    self.task.catch_up(self.offsets)
            if self.minute >= minute:
                return self.commit()
            self.minute += 1

    def _arrive(self) -> None:
        due = [item for item in self._coming if item[0] <= self.minute]
        self._coming = [item for item in self._coming if item[0] > self.minute]
        for _, topic, fields in sorted(due, key=lambda item: item[0]):
            at = self.offsets[topic]
            value = orjson.dumps({"event_id": f"{topic}{at}", **fields})
            key = fields.get("account_id", "").encode() or None
            self.offsets[topic] = at + 1
            assert self.task.offer(Batch(topic, at, at + 1, [FileRecord(key, value, at, self.now_ms)]))

    def commit(self) -> list[str]:
        done = self.task.prepare()
        for key, value in done.cells:
            if value is None:
                self.state.pop(key, None)
            else:
                self.state[key] = value
        return [
            f"+{(_ms(decision['time']) - START_MS) // MINUTE_MS} {decision['detail']}"
            for decision in (orjson.loads(record.value or b"") for record in done.outputs)
        ]

    def restart(self) -> None:
        self.task = self._start()


def _ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.fixture
def story() -> Story:
    """Live at minute 0, billing's bank heard and settled at minute 3."""
    story = Story()
    story.beat(0)
    story.until(0)
    assert story.task.mode is Mode.LIVE
    assert story.until(3) == []
    return story


def test_a_live_feed_proves_a_silence(story: Story) -> None:
    story.ticket(3)
    story.beat(9)

    assert story.until(13) == ["+13 a answer", "+13 a unpaid {'billing/bank': 9}"]


def test_a_dead_feed_holds_a_silence_and_says_so_once(story: Story) -> None:
    story.ticket(3)
    story.until(10)

    assert story.until(13) == ["+13 a answer", "+13 a unpaid held"]
    assert story.until(20) == []
    assert dict(story.task.held) == {("billing",): 1}


def test_a_returned_feed_is_believed_once_it_has_been_up_to_date_for_a_while(story: Story) -> None:
    story.ticket(3)
    story.until(60)
    story.beat(30)  # still behind: what it held back is on its way

    assert story.until(61) == []

    story.beat(61)

    assert story.until(62) == []
    assert story.until(63) == ["+63 a unpaid held at +13 {'billing/bank': 61}"]
    assert dict(story.task.held) == {}


def test_what_the_feed_brings_when_it_returns_counts_first(story: Story) -> None:
    story.ticket(3)
    story.until(60)
    story.paid(8, account="a")
    story.paid(60)

    assert story.until(62) == []
    assert dict(story.task.held) == {}


def test_held_too_long_it_fires_unproven(story: Story) -> None:
    story.ticket(3)
    story.until(13)

    assert story.until(13 + 359) == []
    assert story.until(13 + 360) == ["+373 a unpaid unproven held at +13 {'billing/bank': 0}"]
    assert dict(story.task.held) == {}


def test_no_feed_at_all_is_no_proof() -> None:
    story = Story()
    story.until(0)
    story.ticket(3)

    assert story.until(13) == ["+13 a answer", "+13 a unpaid held"]


def test_every_publisher_of_the_topic_must_be_alive_by_its_own_measure(story: Story) -> None:
    story.beat(3, source="slow")
    story.beat(3, source="other")
    story.until(6)
    story.ticket(6)
    story.beat(15)

    assert story.until(16) == ["+16 a answer", "+16 a unpaid held"]  # `other` is quiet since 3, `slow` may be for a day

    story.beat(17, source="other")

    assert story.until(17) == []
    assert story.until(19) == ["+19 a unpaid held at +16 {'billing/bank': 15, 'billing/slow': 3, 'billing/other': 17}"]


def test_a_retired_publisher_is_not_waited_for(story: Story) -> None:
    story.beat(3, source="other")
    story.until(6)
    story.ticket(6)
    story.beat(15)
    story.until(16)
    story.task.feeds.retire("billing", "other", story.now_ms)

    assert story.until(17) == ["+17 a unpaid held at +16 {'billing/bank': 15}"]


def test_another_partition_may_have_heard_the_feed(story: Story) -> None:
    story.ticket(3)
    story.until(10)
    story.task.feeds.tell("billing", "bank", (START_MS, START_MS + 10 * MINUTE_MS))

    assert story.until(13) == ["+13 a answer", "+13 a unpaid {'billing/bank': 10}"]


def test_a_restart_tells_nothing_twice_and_keeps_what_is_held(story: Story) -> None:
    story.ticket(3)
    story.until(13)
    story.restart()

    assert story.until(14) == []
    assert dict(story.task.held) == {("billing",): 1}

    story.beat(14)

    assert story.until(15) == []
    assert story.until(16) == ["+16 a unpaid held at +13 {'billing/bank': 14}"]


def test_an_open_transaction_holds_only_the_silences_over_its_topic(story: Story) -> None:
    story.ticket(3)
    story.beat(9)

    assert story.until(13, open_transaction="billing") == ["+13 a answer", "+13 a unpaid held"]
    for minute in range(14, 40):
        story.beat(minute)
        assert story.until(minute, open_transaction="billing") == []
    story.ticket(40, "b")

    assert story.until(40, open_transaction="billing") == []
    assert story.task.mode is Mode.LIVE  # tickets are not kept waiting
    assert story.until(41) == ["+40 a unpaid held at +13 {'billing/bank': 39}"]


def test_catching_up_leaves_a_blocked_topic_behind_after_two_minutes() -> None:
    story = Story()
    story.beat(0)
    story.ticket(1)
    story.task.catch_up({"tickets": 1, "billing": 5, "play-updates": 0})  # four records lie in an open transaction

    assert story.until(1, open_transaction="billing") == []
    assert story.task.behind
    assert story.until(2, open_transaction="billing") == []
    assert story.task.mode is Mode.LIVE
    assert story.until(11, open_transaction="billing") == ["+11 a answer", "+11 a unpaid held"]


def test_a_clock_waits_for_the_answers_for_a_minute_then_says_that_it_could_not_read_them(story: Story) -> None:
    story.ticket(3)
    story.beat(9)
    story.until(12)

    assert story.until(12) == []
    assert story.until(13, "tickets", "billing") == []
    assert story.until(14, "tickets", "billing") == ["+14 a answer unproven"]
    assert story.until(14) == ["+14 a unpaid {'billing/bank': 9}"]


def test_an_answer_that_arrives_in_time_is_read_before_the_clock_fires(story: Story) -> None:
    story.ticket(3)
    story.beat(9)
    story.until(12)

    assert story.until(13, "tickets", "billing") == []
    assert story.until(13) == ["+13 a answer", "+13 a unpaid {'billing/bank': 9}"]


def test_catching_up_feeds_are_judged_by_event_time() -> None:
    story = Story()
    story.minute = 102
    for minute in (0, 5, 9):
        story.beat(minute)
    story.ticket(1)
    story.ticket(20, "b")
    for minute in (100, 101):
        story.beat(minute)

    assert story.until(102) == [
        "+11 a answer",
        "+11 a unpaid {'billing/bank': 9}",
        "+30 b answer",
        "+30 b unpaid held",
        "+100 b unpaid held at +30 {'billing/bank': 100}",
    ]


def test_reading_that_is_only_a_little_behind_holds_nothing(story: Story) -> None:
    story.ticket(3)
    story.beat(9)
    story.until(12)
    story.minute = 13  # the clock has gone on, the broker has not answered yet
    while story.task.work(story.now_ms):
        pass

    assert story.commit() == []
    assert story.until(13) == ["+13 a answer", "+13 a unpaid {'billing/bank': 9}"]


def test_a_publisher_heard_for_a_moment_holds_nothing_where_another_is_established() -> None:
    story = Story()
    story.beat(0)
    story.until(0)
    for minute in range(5, 24 * 60 + 10, 5):
        story.beat(minute)
    story.beat(700, source="typo")
    story.until(24 * 60 + 5)
    story.ticket(24 * 60 + 5)
    for minute in range(24 * 60 + 10, 24 * 60 + 20, 5):
        story.beat(minute)
    story.restart()  # what is known of a feed outlives it

    assert [line.partition(" ")[2] for line in story.until(24 * 60 + 15)] == [
        "a answer",
        "a unpaid {'billing/bank': 1455, 'billing/typo': 700}",
    ]
