"""Which dead letters were put back already: records `redriven/<dead letter topic>/<partition>/<first offset>` of `feeds`.

Each is written in the transaction that puts the letters back, so that one is true exactly when the other is.
"""

import asyncio
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

import orjson
from aiokafka import TopicPartition

from streams.broker.errors import BrokerError
from streams.kafka.clients import Clients
from streams.kafka.log_reading import read_to_end, started

_PREFIX = b"redriven/"
_READABLE_S = 30.0
_POLL_S = 0.1


class Marker(NamedTuple):
    """Offsets of one partition, ascending, as lengths: a run of offsets, a gap, a run, and so on."""

    first: int
    runs: Sequence[int]

    @property
    def end(self) -> int:
        """One beyond the last offset."""
        return self.first + sum(self.runs)

    def ranges(self) -> Iterable[tuple[int, int]]:
        """Half-open ranges of offsets."""
        at = self.first
        for index, length in enumerate(self.runs):
            if index % 2 == 0:
                yield at, at + length
            at += length

    def value(self) -> bytes:
        """As it stands in `feeds`."""
        return orjson.dumps({"runs": self.runs})


def marker_of(offsets: Sequence[int]) -> Marker:
    """The marker of ascending offsets, at least one."""
    runs = [1]
    for before, offset in pairwise(offsets):
        if offset == before + 1:
            runs[-1] += 1
        else:
            runs += [offset - before - 1, 1]
    return Marker(offsets[0], runs)


def marker_key(topic: str, partition: int, first: int) -> bytes:
    """Key in `feeds`; `topic` is the logical name of the dead letter topic. A letter goes back once, so no two share a key."""
    return _PREFIX + f"{topic}/{partition}/{first}".encode()


class Done:
    """The offsets of one partition that markers name. Memory grows with their runs, not with their number."""

    def __init__(self, markers: Iterable[Marker]) -> None:
        ranges = sorted(piece for marker in markers for piece in marker.ranges())
        self._starts = [start for start, _ in ranges]
        self._ends = list(accumulate((end for _, end in ranges), max))  # ranges may lie within others

    def __contains__(self, offset: int) -> bool:
        at = bisect_right(self._starts, offset) - 1
        return at >= 0 and offset < self._ends[at]


async def read_markers(clients: Clients, feeds: str) -> dict[tuple[str, int], list[Marker]]:
    """All markers by (dead letter topic, partition). The producer that writes them must have been fenced off before.

    Waits for transactions of others that hide the end of `feeds`: an unread marker would put letters back twice. Raises
    BrokerError when they stay open.
    """
    part = TopicPartition(feeds, 0)
    async with started(clients.reader(committed=False)) as consumer:
        high = (await consumer.end_offsets([part]))[part]
    found: dict[tuple[str, int], list[Marker]] = defaultdict(list)
    latest: dict[bytes, bytes | None] = {}
    async with started(clients.reader(committed=True)) as consumer:
        try:
            async with asyncio.timeout(_READABLE_S):
                while (await consumer.end_offsets([part]))[part] < high:  # noqa: ASYNC110 a broker tells no one
                    await asyncio.sleep(_POLL_S)
        except TimeoutError:
            raise BrokerError(f"the end of {feeds} cannot be read: a transaction there stays open; try again when it has ended") from None
        async for chunk in read_to_end(consumer, part):
            latest.update({record.key: record.value for record in chunk if record.key is not None and record.key.startswith(_PREFIX)})
    for key, value in latest.items():
        if value is not None:
            topic, partition, first = key[len(_PREFIX) :].decode().rsplit("/", 2)
            found[topic, int(partition)].append(Marker(int(first), orjson.loads(value)["runs"]))
    return found
