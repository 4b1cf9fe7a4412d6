"""Looks at the topics while a worker runs: a new partition would stay unread, a log exchanged underneath be read on from nowhere."""

import asyncio
from collections.abc import Callable, Iterable, Mapping

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from streams.kafka.fatal import Fatal
from streams.kafka.topic_metadata import Described, describe


class TopicWatch:
    """Asks every `interval_s` seconds; the first answer is what must stay. Topics that are not there are no concern of its."""

    def __init__(
        self, admin: AIOKafkaAdminClient, topics: Iterable[str], interval_s: float, fatal: Callable[[BaseException], object]
    ) -> None:
        self._admin = admin
        self._topics = tuple(topics)
        self._interval_s = interval_s
        self._fatal = fatal

    async def run(self) -> None:
        """Until cancelled, or until something has changed."""
        known: dict[str, Described] = {}
        while True:
            try:
                found = await describe(self._admin, self._topics)
            except (KafkaError, OSError, TimeoutError):
                found = {}  # a broker that does not answer is noticed elsewhere
            problem = changed(known, found)
            if problem is not None:
                self._fatal(problem)
                return
            known = {**found, **known}
            await asyncio.sleep(self._interval_s)


def changed(known: Mapping[str, Described], found: Mapping[str, Described]) -> Fatal | None:
    """The end of a worker, where a topic is no longer what it was."""
    for name, now in sorted(found.items()):
        then = known.get(name, now)
        if now.partitions > then.partitions:
            return Fatal(
                f"{name} has {now.partitions} partitions now, it had {then.partitions}: what is written to the new ones would stay unread, "
                "and accounts move to partitions that do not hold their state",
                "stop whoever publishes to it; the next start says what can be done",
            )
        if None not in (now.id, then.id) and now.id != then.id:
            return Fatal(
                f"{name} was deleted and created anew (topic id {then.id}, now {now.id}): positions in it mean nothing any more",
                "the next start says what can be done",
            )
    return None
