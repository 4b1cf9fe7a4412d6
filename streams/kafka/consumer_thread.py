"""The thread that owns the group consumer: fetches and seeks are serialised here, so ranges are computed here."""

import asyncio
import time
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import ConsumerStoppedError
from faust.transport.drivers import aiokafka as driver

from streams.kafka.fetched import FetchedRange
from streams.kafka.hearing import Hearing
from streams.kafka.reach import Reach

_POLL_S = 0.1  # how long one fetch waits; also how often silence is looked at
_QUIET_REPORT_S = 0.25  # how often "nothing beyond this offset" is reported again for an idle partition
_LEAP_MS = 60_000  # at once when the clock has gone on so far since: only a driven clock does


class RangeThread(driver.AIOKafkaConsumerThread):
    """Faust's consumer thread, delivering ranges instead of records.

    A partition is polled only after `place` or `reseek` put it at an offset under the present assignment, and while it is
    not held. Methods other than `hold` and `release` run inside the thread (`call_thread`).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._shell: Any = self.app.shell  # type: ignore[attr-defined] # ours is a PlaycallApp
        self._assignment: Any = None  # the assignment the ends belong to: a rebalance makes a new object
        self._ends: dict[TopicPartition, int] = {}  # end of the last range handed on, or the last seek
        self._reported: dict[TopicPartition, float] = {}  # when silence was last reported, monotonic seconds
        self._reported_ms: dict[TopicPartition, int] = {}  # up to when, by the injected clock
        self._held: frozenset[TopicPartition] = frozenset()
        self._hearing = Hearing(self._shell.clock)
        self.reach = Reach()

    def _create_worker_consumer(self, transport: Any) -> AIOKafkaConsumer:  # noqa: ARG002 Faust's signature
        self._assignor = self._shell.assignor
        consumer: AIOKafkaConsumer = self._shell.new_group_consumer(self._assignor)
        return consumer

    async def _fetch_records(  # type: ignore[override] # ranges instead of lists of records
        self,
        consumer: AIOKafkaConsumer,
        active_partitions: Iterable[Any] | None,
        timeout: float | None = None,  # noqa: ASYNC109 Faust's signature
        max_records: int | None = None,
    ) -> dict[TopicPartition, FetchedRange]:
        """One fetch round: every range whose position moved, and silence where it is due. May be empty."""
        if not self.consumer.flow_active:
            return {}
        if consumer._closed or consumer._fetcher._closed:
            raise ConsumerStoppedError
        if not self._same_assignment(consumer):
            return await self._idle()
        # Never poll a partition without a seek: its position would be the group's mirror, or none at all.
        ready = {tp for tp in map(_plain, active_partitions or ()) if tp in self._ends and tp not in self._held}
        if not ready:
            return await self._idle()
        records = await super()._fetch_records(consumer, ready, timeout=min(timeout or _POLL_S, _POLL_S), max_records=max_records)
        # No await from here on: positions must be those that belong to `records`.
        if not self._same_assignment(consumer):
            return {}
        return self._ranges(ready, records)

    def _ranges(self, ready: set[TopicPartition], records: Mapping[TopicPartition, list[Any]]) -> dict[TopicPartition, FetchedRange]:
        out = {}
        now_s = time.monotonic()
        hearing = self._hearing
        if hearing.note():
            hearing.void({tp: self._assignment.state_value(tp).timestamp for tp in self._assignment.tps})
        stamps: dict[Hashable, int | None] = {}
        for tp in ready:
            start, state = self._ends.get(tp), self._assignment.state_value(tp)
            if start is None or state is None or not state.has_valid_position:
                continue  # a rebalance came while we waited
            stamps[tp] = state.timestamp
            end = state.position
            # The three figures stem from one broker response: a new one is only asked for when its records are drained,
            # and one that comes after a seek is discarded whole.
            drained = state.lso is not None and end == state.lso
            current_ms = hearing.clock_at(tp, state.timestamp) if drained else None
            if end <= start and not (drained and self._worth_reporting(tp, now_s, current_ms)):
                continue
            if drained:
                self._reported[tp] = now_s
                self._reported_ms[tp] = current_ms or 0
            read_up_to_ms = current_ms if end == state.highwater else None  # else an open transaction hides what lies beyond
            self._ends[tp] = end
            out[tp] = FetchedRange(tp.topic, tp.partition, start, end, records.get(tp, ()), read_up_to_ms, current_ms)
        self.reach.note(stamps, now_s)
        return out

    def _worth_reporting(self, tp: TopicPartition, now_s: float, current_ms: int | None) -> bool:
        due = now_s - self._reported.get(tp, 0.0) >= _QUIET_REPORT_S
        return due or (current_ms or 0) - self._reported_ms.get(tp, 0) >= _LEAP_MS

    def _same_assignment(self, consumer: AIOKafkaConsumer) -> bool:
        subscription = consumer._subscription.subscription
        present = None if subscription is None else subscription.assignment
        if present is not self._assignment:
            self._assignment = present
            self._ends.clear()
            self._reported.clear()
            self.reach.forget()
        return present is not None and bool(present.active)

    async def _idle(self) -> dict[TopicPartition, FetchedRange]:
        self.reach.forget()
        await asyncio.sleep(0.02)
        return {}

    async def place(self, offsets: Mapping[tuple[str, int], int]) -> list[tuple[str, int]]:
        """Seek these (topic, partition) and start polling them; returns those that are assigned to this member now."""
        consumer = self._ensure_consumer()
        if not self._same_assignment(consumer):
            return []
        placed = []
        for (topic, partition), offset in offsets.items():
            tp = TopicPartition(topic, partition)
            if tp not in self._assignment.tps:
                continue
            consumer.seek(tp, offset)
            self._assignment.state_value(tp).highwater = None  # figures of another position say nothing about this one
            self._ends[tp] = offset
            self._reported.pop(tp, None)
            placed.append((topic, partition))
        return placed

    async def rejoin(self) -> None:
        """Ask for a new generation: the group tells who owns what, whoever was wrong about it."""
        self._ensure_consumer()._coordinator.request_rejoin()

    def hold(self, topic: str, partition: int) -> None:
        """Stop polling a partition whose queue is full. Callable from any thread."""
        self._held |= {TopicPartition(topic, partition)}

    def release(self, topic: str, partition: int) -> None:
        """Poll it again. Callable from any thread."""
        self._held -= {TopicPartition(topic, partition)}

    def high_watermark(self, topic: str, partition: int) -> int | None:
        """As of the last response; None before the first. Callable from any thread."""
        state = None if self._assignment is None else self._assignment.state_value(TopicPartition(topic, partition))
        return None if state is None else state.highwater


def _plain(tp: Any) -> TopicPartition:
    return TopicPartition(tp.topic, tp.partition)
