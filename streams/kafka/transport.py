"""Faust's transport `playcall://`: the group consumer in its thread, ranges instead of records, no commits of its own."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from aiokafka.errors import (
    ConsumerStoppedError,
    CorruptRecordException,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
    RecordTooLargeError,
    TopicAuthorizationFailedError,
)
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from streams.kafka.consumer_thread import RangeThread
from streams.kafka.fatal import Fatal
from streams.kafka.refusals import afresh

_TIMESTAMP_TYPE = 0
_NO_KEY = b""


class RangeConsumer(driver.Consumer):
    """Hands fetched ranges to the agents; positions come from the tasks, commits are theirs."""

    _thread: RangeThread

    @property
    def _shell(self) -> Any:
        return self.app.shell  # type: ignore[attr-defined] # ours is a PlaycallApp

    def _new_consumer_thread(self) -> RangeThread:
        return RangeThread(self, loop=self.loop, beacon=self.beacon)

    async def seek_to_committed(self) -> Mapping[Any, int]:
        """Faust asks for this after every rebalance: the tasks that are ready are put where they stand."""
        offsets: Mapping[Any, int] = await self._shell.place_ready_tasks()
        return offsets

    async def commit(self, *args: Any, **kwargs: Any) -> bool:  # noqa: ARG002 Faust's signature
        """Nothing: offsets are committed in the tasks' transactions."""
        return True

    async def verify_all_partitions_active(self) -> None:
        """Nothing: Faust's check watches its own commits. Health watches ours."""

    async def _drain_messages(self, fetcher: Any) -> None:
        try:
            while not (self._stopped.is_set() or fetcher._stopped.is_set()):
                generation = self.app.consumer_generation_id
                fetched, _ = await self._wait_next_records(1.0)
                if self.should_stop:
                    return
                if not self.flow_active:
                    # Faust waits at the top of _wait_next_records; who was inside it when the flow stopped comes here.
                    await asyncio.sleep(0)
                    continue
                self._shell.fetch_round()
                await self._deliver(fetched or {}, generation)
        except ConsumerStoppedError:
            if not self.app.should_stop:
                raise
        except asyncio.CancelledError as problem:
            # Faust takes any cancellation for the end of its fetcher: one that is not would leave the worker deaf, without a word.
            if not (self._stopped.is_set() or fetcher._stopped.is_set() or self.app.should_stop or self.app.rebalancing):
                self._shell.fatal(problem)
            raise
        except (
            OffsetOutOfRangeError,
            NoOffsetForPartitionError,
            TopicAuthorizationFailedError,
            RecordTooLargeError,
            CorruptRecordException,
        ) as problem:
            self._shell.fatal(explain_fetch_problem(problem))

    async def _deliver(self, fetched: Mapping[Any, Any], generation: int) -> None:
        silent = []
        for item in fetched.values():
            if item.start == item.end:
                silent.append(item)
                continue
            if self.app.consumer_generation_id != generation or not self.flow_active:
                return
            tp = TP(item.topic, item.partition)
            message = ConsumerMessage(
                item.topic, item.partition, item.end - 1, time.time(), _TIMESTAMP_TYPE, [], _NO_KEY, item, None, 0, 0, tp,
                generation_id=generation,
            )  # fmt: skip
            await self.wait_first(self.callback(message), self.suspend_flow.wait())
        if silent:
            # Silence bypasses the streams: a true statement about the log, whatever generation it was heard in.
            self._shell.silence(silent)
        elif not fetched:
            await asyncio.sleep(0)


class Transport(driver.Transport):
    """Registered as `playcall` under the entry point group `faust.transports`."""

    Consumer = RangeConsumer


def explain_fetch_problem(problem: Exception) -> Fatal:
    """What a person can do about a fetch that cannot go on."""
    about = ", ".join(f"{tp.topic}:{tp.partition} at offset {offset}" for tp, offset in _positions(problem).items()) or str(problem)
    if isinstance(problem, OffsetOutOfRangeError):
        return Fatal(
            f"the next events are gone: {about} is out of range",
            "retention deleted events that were never read, or the topic was truncated. Restore the topic, or accept the loss and "
            f"{afresh('state')}; then lengthen retention.ms",
        )
    if isinstance(problem, TopicAuthorizationFailedError):
        return Fatal(f"not allowed to read {about}", "grant this user Read and Describe on the topics of the catalogue")
    return Fatal(f"a fetch failed: {type(problem).__name__}: {about}", "check the topic's log on the broker")


def _positions(problem: Exception) -> Mapping[Any, Any]:
    first = problem.args[0] if problem.args else None
    return first if isinstance(first, dict) else {}
