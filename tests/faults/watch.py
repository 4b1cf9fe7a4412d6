"""Follows a run from outside while it lives: cursors as they are committed, and the group's offsets beside them (I4)."""

import asyncio
import json
import threading
import time
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from schemas.catalogue import ROSTER_STATE, roster_topics
from tests.faults.seen import CURSOR

PERIOD_S = 0.25
LATE_S = 15.0  # markers become visible on one topic before the other; after that a missing cursor is missing

ROSTER = -1
"""Stands for the roster's task among the partitions of the accounts."""

Place = tuple[tuple[str, int], ...]  # next offset per topic of one partition, sorted


class Watch:
    """Reads `state` read-committed and the group's offsets in a thread of its own, through broker outages too.

    I4 is judged strictly: whatever the group ever answered for a partition must be, topic by topic, the position of one cursor
    that was committed with its state. An offset of anything else would pass events whose state is not there.
    """

    def __init__(self, bootstrap: str, prefix: str, group: str, partitions: int) -> None:
        self._bootstrap = bootstrap
        self._prefix = prefix
        self._group = group
        self._partitions = partitions
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._cursors: dict[int, dict[str, Any]] = {}
        tasks = [*range(partitions), ROSTER]
        self._committed: dict[int, set[Place]] = {task: set() for task in tasks}
        self._mirrored: dict[int, dict[Place, float]] = {task: {} for task in tasks}
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(30)

    def cursors(self) -> dict[int, dict[str, Any]]:
        """The latest committed cursor by partition, as decoded JSON."""
        with self._lock:
            return dict(self._cursors)

    def progress(self) -> int:
        """Offsets consumed and committed by all partitions together; markers count."""
        return sum(sum(cursor["offsets"].values()) for cursor in self.cursors().values())

    def mirror_passes_no_state(self) -> list[str]:
        """I4, over everything seen so far. Waits for cursors that may still come."""
        end = time.monotonic() + LATE_S
        while (missing := self._unbacked()) and time.monotonic() < end and not self._failure:
            time.sleep(PERIOD_S)
        if self._failure is not None:
            return [f"the watch itself failed: {self._failure!r}"]
        if not any(self._mirrored.values()):
            return ["the watch saw no group offsets at all"]
        return missing

    def _unbacked(self) -> list[str]:
        with self._lock:
            return [
                f"{'roster' if p == ROSTER else f'partition {p}'}: the group stood at {dict(place)}, which no committed cursor ever said"
                for p, places in self._mirrored.items()
                for place in places
                if place not in self._committed[p]
            ]

    def _run(self) -> None:
        try:
            asyncio.run(self._follow())
        except BaseException as problem:  # noqa: BLE001 told where the result is asked for
            self._failure = problem

    async def _follow(self) -> None:
        consumer = AIOKafkaConsumer(bootstrap_servers=self._bootstrap, isolation_level="read_committed", auto_offset_reset="none")
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
        await consumer.start()
        await admin.start()
        try:
            tps = [TopicPartition(f"{self._prefix}state", p) for p in range(self._partitions)]
            tps.append(TopicPartition(f"{self._prefix}{ROSTER_STATE}", 0))
            consumer.assign(tps)
            for tp in tps:
                consumer.seek(tp, 0)
            while not self._stop.is_set():
                with suppress(KafkaError, OSError, TimeoutError):
                    await self._look(consumer, admin)
                await asyncio.sleep(PERIOD_S)
        finally:
            await consumer.stop()
            await admin.close()

    async def _look(self, consumer: AIOKafkaConsumer, admin: AIOKafkaAdminClient) -> None:
        offsets = await admin.list_consumer_group_offsets(self._group)
        now = time.monotonic()
        places: dict[int, dict[str, int]] = {}
        for tp, found in offsets.items():
            if found.offset >= 0:
                topic = tp.topic.removeprefix(self._prefix)
                places.setdefault(ROSTER if topic in roster_topics() else tp.partition, {})[topic] = found.offset
        records = [r for batch in (await consumer.getmany(timeout_ms=100, max_records=20_000)).values() for r in batch]
        with self._lock:
            for p, place in places.items():
                self._mirrored[p].setdefault(tuple(sorted(place.items())), now)
            for record in records:
                if record.key == CURSOR and record.value is not None:
                    cursor = json.loads(record.value)
                    task = ROSTER if record.topic.endswith(ROSTER_STATE) else record.partition
                    if task != ROSTER:
                        self._cursors[task] = cursor
                    self._committed[task].add(tuple(sorted(cursor["offsets"].items())))
