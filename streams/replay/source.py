"""Event files: JSON lines, plain or gzip, one event a line as a publisher would send it."""

import gzip
import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import orjson

from schemas.decoding.partitioning import partition_of
from schemas.decoding.record import FileRecord
from schemas.events.registry import TOPICS_OF
from streams.replay.errors import ReplayError

Logs = dict[int, dict[str, list[FileRecord]]]  # partition -> topic -> records in offset order


class EventFiles:
    """Reads event files into the logs a broker would hold: same topics, same murmur2 partitions, offsets in file order."""

    def __init__(self, partitions: int) -> None:
        self.partitions = partitions
        self.lines = 0
        self.unknown_types = 0
        self.last_event_ms = 0
        self.logs: Logs = {p: {} for p in range(partitions)}

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
        try:
            event = orjson.loads(line)
            account, event_type = event["account_id"], event["type"]
            occurred_ms = int(datetime.fromisoformat(event["occurred_at"]).timestamp() * 1000)
            if not isinstance(account, str) or not isinstance(event_type, str):
                raise TypeError("account_id and type must be strings")
        except (ValueError, KeyError, TypeError) as problem:
            raise ReplayError(
                f"{path}:{number}: not an event ({problem!r}): each line must be one JSON object with type, account_id and occurred_at"
            ) from problem
        self.lines += 1
        self.last_event_ms = max(self.last_event_ms, occurred_ms)
        topic = TOPICS_OF.get(event_type, (None,))[0]
        if topic is None:
            self.unknown_types += 1
            return
        key = account.encode()
        log = self.logs[partition_of(key, self.partitions)].setdefault(topic, [])
        log.append(FileRecord(key, line, len(log), occurred_ms))
