"""The topic `feeds`: one partition, compacted, read whole by every worker outside its group."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from streams.kafka.clients import Clients
from streams.kafka.tail import Tail

PARTITION = 0


class Listener(Protocol):
    """Takes in records of the topic in log order, its own and others; True if something it cares about changed."""

    def take(self, records: Iterable[Any]) -> bool: ...


class FeedsTopic:
    """Follows the topic from its beginning. `start` reads all that is there; then `follow` until cancelled."""

    def __init__(self, clients: Clients, name: str, listeners: Iterable[Listener]) -> None:
        self._tail = Tail(clients, [name], 1)
        self._listeners = tuple(listeners)

    async def start(self) -> None:
        """Everything written before is taken in."""
        await self._tail.start()
        self._take(await self._tail.read_to_end())

    async def stop(self) -> None:
        """Disconnect."""
        await self._tail.stop()

    async def follow(self, changed: Callable[[], object]) -> None:
        """Call `changed` whenever a listener has heard something."""
        while True:
            if self._take(await self._tail.poll(timeout_ms=500)):
                changed()

    def _take(self, records: list[Any]) -> bool:
        changed = False
        for listener in self._listeners if records else ():
            changed = listener.take(records) or changed
        return changed
