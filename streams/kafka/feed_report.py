"""Reading what the workers of an application told about their feeds; saying that a publisher is gone for good."""

import orjson
from aiokafka import TopicPartition

from streams.clock import Clock
from streams.kafka.admin import partitions_of
from streams.kafka.clients import Clients
from streams.kafka.feed_news import FeedNews, retired_key
from streams.kafka.feeds_topic import PARTITION
from streams.kafka.log_reading import read_to_end, started
from streams.settings import Settings


async def read_news(settings: Settings) -> tuple[FeedNews, int]:
    """Everything told so far, and the partition count of the account-keyed topics. Raises BrokerError where topics are missing."""
    partitions = await partitions_of(settings, "feeds", "product-usage")
    news = FeedNews(settings.app_id)
    async with started(Clients(settings).reader(committed=True)) as consumer:
        async for chunk in read_to_end(consumer, TopicPartition(settings.topic("feeds"), PARTITION)):
            news.take(chunk)
    return news, partitions["product-usage"]


async def retire(settings: Settings, topic: str, source: str, clock: Clock) -> int:
    """Say that a publisher is gone: nobody waits for it until it is heard again. Returns the moment, ms. Raises BrokerError."""
    await read_news(settings)  # refuses where there is nothing to write to
    at_ms = clock.now_ms()
    async with Clients(settings).plain() as producer:
        await producer.send_and_wait(
            settings.topic("feeds"),
            key=retired_key(settings.app_id, topic, source),
            value=orjson.dumps({"at_ms": at_ms}),
            partition=PARTITION,
        )
    return at_ms
