"""Lets months pass: slice by slice, events and answers become readable only after the clock stands at the slice's end.

Why that order is exact. A worker holds a partition for read only when its position, the last stable offset and the high
watermark are equal. Each partition of every topic the slice is about gets an uncommitted record before the clock moves, so no
worker can think it has read everything up to the new time; it falls behind instead, knows of every topic that there is more, waits
for all of them (a transaction is not readable everywhere in the same instant), and reads the slice in the order of the events' own
times, firing deadlines at the moment they belong to.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from streams.clock import write_clock_file
from streams.demo.beats import Beats, Line
from streams.demo.children import Child
from streams.demo.cursors import Cursors
from streams.demo.slices import Slice
from streams.kafka.publisher import Keyed, Publisher

_PATIENCE_S = 60.0


@dataclass(slots=True)
class Fed:
    """What went in."""

    events: int = 0
    updates: int = 0
    slices: int = 0
    crossed: list[str] = field(default_factory=list)  # ids of answers about runs that had ended by themselves meanwhile


class Feeder:
    """Publishes slices and waits for workers and desk to be done with each."""

    def __init__(
        self, publisher: Publisher, desk: Child, cursors: Cursors, clock_file: Path, name: Callable[[str], str], lines: IO[bytes]
    ) -> None:
        self._publisher = publisher
        self._desk = desk
        self._cursors = cursors
        self._clock_file = clock_file
        self._name = name
        self._lines = lines
        self._beats = Beats()
        self.fed = Fed()

    async def feed(self, slices: Iterable[Slice], check: Callable[[], Awaitable[None]], progress: Callable[[Slice, Fed], None]) -> Fed:
        """Everything, to the end. `check` may raise while waiting; `progress` is called after each slice."""
        packed = map(self._pack, slices)
        present = next(packed, None)
        while present is not None:
            piece, firsts, records = present
            await self._publish(piece, firsts, records)
            present = next(packed, None)  # while the workers work
            await self._cursors.reach(piece.end_ms, check, _PATIENCE_S)
            self.fed.crossed += (await self._desk.ask({"do": "read"}))["crossed"]
            self.fed.events += len(piece.events)
            self.fed.slices += 1
            progress(piece, self.fed)
        return self.fed

    async def _publish(self, piece: Slice, firsts: list[Keyed], records: list[Keyed]) -> None:
        await self._publisher.begin()
        await asyncio.gather(
            self._publisher.send(firsts),
            self._desk.ask({"do": "prepare", "after": piece.start_ms, "until": piece.end_ms}),
        )
        write_clock_file(self._clock_file, piece.end_ms)
        await self._publisher.send(records)
        _, answer = await asyncio.gather(self._publisher.commit(), self._desk.ask({"do": "commit"}))
        self.fed.updates += answer["committed"]

    def _pack(self, piece: Slice) -> tuple[Slice, list[Keyed], list[Keyed]]:
        return piece, self._records(self._beats.firsts(piece)), self._records(self._beats.around(piece))

    def _records(self, lines: Iterable[Line]) -> list[Keyed]:
        records: list[Keyed] = []
        for topic, account_id, value in lines:
            records.append((self._name(topic), None if account_id is None else account_id.encode(), value))
            self._lines.write(value + b"\n")
        return records
