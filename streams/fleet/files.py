"""Event files: one event a line, plain or gzip, and the topic an event belongs on."""

import gzip
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import IO, cast

from schemas.events.registry import TOPICS_OF
from streams.fleet.occurrence import Occurrence


def topic_of(type_: str) -> str:
    """The topic of an event type. Raises KeyError for a type that the contracts do not know."""
    return TOPICS_OF[type_][0]


def open_lines(path: Path) -> IO[bytes]:
    """A file to write lines to; gzip where the name ends in .gz, with no time of writing in it (equal lines, equal bytes)."""
    if path.suffix != ".gz":
        return path.open("wb")
    raw = path.open("wb", buffering=0)
    packed = gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=1, mtime=0)
    packed.myfileobj = raw  # closed with it, as it would be had it opened the file itself
    return cast("IO[bytes]", packed)


def write_lines(path: Path, occurrences: Iterable[Occurrence]) -> int:
    """Write events as JSON lines in the order given; returns how many."""
    count = 0
    with closing(open_lines(path)) as out:
        for occurrence in occurrences:
            out.write(occurrence.to_json() + b"\n")
            count += 1
    return count
