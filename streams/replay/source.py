"""Event files: JSON lines, plain or gzip, one event a line as a publisher would send it."""

import gzip
import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import orjson

from schemas.catalogue import ASKS, ASSIGNMENTS, PEOPLE
from schemas.decoding.keys import identity_field
from schemas.decoding.partitioning import partition_of
from schemas.decoding.record import FileRecord
from schemas.events.feed import HEARTBEAT, SOURCE_TOPICS
from schemas.events.registry import TOPICS_OF
from streams.replay.errors import ReplayError

Logs = dict[int, dict[str, list[FileRecord]]]  # partition -> topic -> records in offset order


_COMPLAINTS = 10


class EventFiles:
    """Reads event files into the logs a broker would hold: same topics, same murmur2 partitions, offsets in file order.

    A heartbeat belongs to no account and any topic may have it, so its line names its `topic`. `people` is the log of the topic
    `roster`. Answers of a roster that ran before are a log as any other; what it was asked is asked again, and passed over here.
    """

    def __init__(self, partitions: int) -> None:
        self.partitions = partitions
        self.lines = 0
        self.unknown_types = 0
        self.heartbeats = 0
        self.unreadable = 0
        self.complaints: list[str] = []  # file, line and reason of the first unreadable lines
        self.last_event_ms = 0
        self.logs: Logs = {p: {} for p in range(partitions)}
        self.people: list[FileRecord] = []
        self.answered = False  # whether there are answers of a roster

    def read(self, path: Path) -> Iterator[int]:
        """Read one file; yields bytes consumed after each thousand lines, for a progress bar. Raises ReplayError."""
        try:
            with path.open("rb") as plain:
                stream: BinaryIO | io.BufferedReader = plain
                if path.suffix == ".gz":
                    stream = io.BufferedReader(gzip.GzipFile(fileobj=plain))
                for number, line in enumerate(stream, 1):
                    if line.strip():
                        self._add(path, number, line.strip())
                    if number % 1000 == 0:
                        yield plain.tell()
                yield plain.tell()
        except (OSError, EOFError) as problem:
            raise ReplayError(f"{path}: cannot be read ({problem})") from problem

    def _add(self, path: Path, number: int, line: bytes) -> None:
        """Live, a line without a usable account or time would be a dead letter: here it is named, and the rest goes on."""
        self.lines += 1
        try:
            event = orjson.loads(line)
            if not isinstance(event, dict):
                raise TypeError("not a JSON object")
            event_type = event.get("type")
            occurred_ms = _epoch_ms(event.get("occurred_at"))
            if event_type == HEARTBEAT:
                self._beat(event.get("topic"), line, occurred_ms)
                return
            topic = TOPICS_OF.get(event_type, (None,))[0] if isinstance(event_type, str) else None
            field = identity_field(topic or "")
            whose = event.get(field)
            if not isinstance(whose, str) or not whose or not isinstance(event_type, str):
                raise TypeError(f"{field} and type must be texts")
        except (ValueError, TypeError) as problem:
            self.unreadable += 1
            if len(self.complaints) < _COMPLAINTS:
                self.complaints.append(f"{path}:{number}: {problem}")
            return
        if topic == ASKS:
            return
        if topic == ASSIGNMENTS:
            self.answered = True
        else:
            self.last_event_ms = max(self.last_event_ms, occurred_ms)
        if topic is None:
            self.unknown_types += 1
            return
        key = whose.encode()
        log = self.people if topic == PEOPLE else self.logs[partition_of(key, self.partitions)].setdefault(topic, [])
        log.append(FileRecord(key, line, len(log), occurred_ms))

    def _beat(self, topic: object, line: bytes, occurred_ms: int) -> None:
        """A heartbeat is sent to every partition. One that does not say on which topic vouches for nothing."""
        self.heartbeats += 1
        if topic in SOURCE_TOPICS:
            self.last_event_ms = max(self.last_event_ms, occurred_ms)
            for logs in self.logs.values():
                log = logs.setdefault(str(topic), [])
                log.append(FileRecord(None, line, len(log), occurred_ms))


def _epoch_ms(value: object) -> int:
    if not isinstance(value, str):
        raise TypeError("occurred_at must be an RFC 3339 time with an offset")
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(f"occurred_at {value} lacks an offset")
    return int(moment.timestamp() * 1000)
