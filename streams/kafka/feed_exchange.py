"""This worker's part in the topic `feeds`: it tells what its partitions have read and heard, and hears the others."""

import asyncio
from collections.abc import Callable, Mapping

from aiokafka import AIOKafkaProducer

from streams.engine.progress import Progress
from streams.kafka.clients import Clients
from streams.kafka.feed_news import FeedNews, encode, heard_by_all, progress_key
from streams.kafka.feeds_topic import PARTITION, FeedsTopic, Listener
from streams.kafka.task import Task


class FeedExchange:
    """Reads the topic for the `listeners` too. `start` first, `stop` in any case."""

    def __init__(self, clients: Clients, name: str, app_id: str, *listeners: Listener) -> None:
        self._news = FeedNews(app_id)
        self._topic = FeedsTopic(clients, name, (self._news, *listeners))
        self._clients = clients
        self._name = name
        self._app_id = app_id
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Read everything that was told before, connect."""
        await self._topic.start()
        self._producer = self._clients.plain()
        await self._producer.start()

    async def stop(self) -> None:
        """Disconnect."""
        await self._topic.stop()
        if self._producer is not None:
            await self._producer.stop()

    async def follow(self, changed: Callable[[], object]) -> None:
        """Call `changed` whenever something was told."""
        await self._topic.follow(changed)

    async def tell(self, progress: Mapping[int, Progress], now_ms: int) -> None:
        """Report for these partitions. Returns when the broker has it; raises KafkaError."""
        producer = self._producer
        if producer is None:
            return
        sent = [
            await producer.send(self._name, key=progress_key(self._app_id, partition), value=encode(each, now_ms), partition=PARTITION)
            for partition, each in sorted(progress.items())
        ]
        await asyncio.gather(*sent)

    def inform(self, task: Task) -> None:
        """Pass on to a task what is known."""
        task.hear(self._news.reports, self._news.retired)

    def heard(self) -> dict[tuple[str, str], int]:
        """(topic, source) -> latest event time over all partitions, ms, without those that are retired."""
        return {key: time_ms for key, time_ms in heard_by_all(self._news.reports).items() if time_ms > self._news.retired.get(key, -1)}
