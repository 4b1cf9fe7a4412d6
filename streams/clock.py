"""The wall clock as the system sees it: the machine's, or one read from a file that a demo or a test run drives.

Times are integer milliseconds since the epoch, UTC. This is the one place where a running worker reads the time of day.
"""

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Says what time it is. Cheap enough to be asked for every batch."""

    def now_ms(self) -> int:
        """Milliseconds since the epoch, UTC; never less than an answer given before by the same clock."""
        ...


class SystemClock:
    """The machine's wall clock, held still while the machine steps back."""

    def __init__(self) -> None:
        self._last = 0

    def now_ms(self) -> int:
        self._last = max(self._last, time.time_ns() // 1_000_000)
        return self._last


class FileClock:
    """A virtual wall clock: the RFC 3339 time in a small file, which whoever drives it replaces with `write_clock_file`.

    It stands still between two writes and never goes back, whatever the file says. Each call reads the file, a few microseconds:
    comparing inode and time of change instead would miss two replacements within one tick of the file system's clock.
    """

    def __init__(self, path: Path) -> None:
        """Read the file once. Raises ValueError where it is missing or holds no time with an offset."""
        self._path = path
        self._text = ""
        self._last = 0
        self.now_ms()

    def now_ms(self) -> int:
        try:
            text = self._path.read_text(encoding="ascii")
        except FileNotFoundError as error:
            raise ValueError(f"clock file {self._path} does not exist: write a time into it before anything reads it") from error
        if text != self._text:
            self._last = max(self._last, _parse(self._path, text))
            self._text = text
        return self._last


def write_clock_file(path: Path, now_ms: int) -> None:
    """Set the virtual clock: the file is replaced in one step, so a reader sees the old time or the new one."""
    moment = datetime.fromtimestamp(now_ms // 1000, UTC).replace(microsecond=now_ms % 1000 * 1000)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(moment.isoformat(timespec="milliseconds") + "\n", encoding="ascii")
    fresh.replace(path)


def _parse(path: Path, text: str) -> int:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(f"clock file {path} holds {text[:40]!r}: expected an RFC 3339 time such as 2026-01-31T12:00:00Z") from error
    if moment.tzinfo is None:
        raise ValueError(f"clock file {path} holds {text[:40]!r}, a time without an offset: add Z for UTC")
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000
