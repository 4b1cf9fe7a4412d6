"""Events of files in the order of time, without keeping them."""

import gzip
import io
from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import orjson

from schemas.decoding.batch import decode_batch
from schemas.decoding.record import FileRecord
from schemas.events.event import Event
from schemas.events.feed import HEARTBEAT
from schemas.events.registry import TOPICS_OF
from streams.replay.errors import ReplayError

_LINES = 4000


class EventReader:
    """Reads files of JSON lines as `playcall replay` does; each must be in the order of time, and they are merged by it.

    Lines that are no event, or of no known type, are counted; heartbeats say nothing here. A line out of order is applied where
    it stands, late.
    """

    def __init__(self) -> None:
        self.lines = 0
        self.refused = 0
        self.bytes_read: dict[Path, int] = {}

    def events(self, paths: Sequence[Path]) -> Iterator[Event]:
        """Raises ReplayError for a file that cannot be read."""
        streams = [self._file(path) for path in paths]
        return streams[0] if len(streams) == 1 else merge(*streams, key=lambda event: event.time_ms)

    def _file(self, path: Path) -> Iterator[Event]:
        try:
            with path.open("rb") as plain:
                stream: BinaryIO | io.BufferedReader = plain
                if path.suffix == ".gz":
                    stream = io.BufferedReader(gzip.GzipFile(fileobj=plain))
                while chunk := list(islice(stream, _LINES)):
                    yield from self._decode(chunk)
                    self.bytes_read[path] = plain.tell()
        except (OSError, EOFError) as problem:
            raise ReplayError(f"{path}: cannot be read ({problem})") from problem

    def _decode(self, lines: Sequence[bytes]) -> list[Event]:
        by_topic: dict[str, list[tuple[int, FileRecord]]] = {}
        for place, line in enumerate(lines):
            if not (line := line.strip()):
                continue
            self.lines += 1
            try:
                event = orjson.loads(line)
                if event["type"] == HEARTBEAT:
                    continue
                account, topic = event["account_id"].encode(), TOPICS_OF[event["type"]][0]
            except (ValueError, TypeError, KeyError, AttributeError):
                self.refused += 1
                continue
            by_topic.setdefault(topic, []).append((place, FileRecord(account, line, self.lines)))
        found: list[tuple[int, Event]] = []
        for topic, records in by_topic.items():
            outcomes = decode_batch(topic, 0, [record for _, record in records], 1)
            for (place, _), outcome in zip(records, outcomes, strict=True):
                if isinstance(outcome, Event):
                    found.append((place, outcome))
                else:
                    self.refused += 1
        found.sort(key=lambda one: one[0])
        return [event for _, event in found]
