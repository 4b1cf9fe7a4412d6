"""The wall clock as the system sees it: the machine's, or one read from a file that a demo or a test run drives.

Times are integer milliseconds since the epoch, UTC. This is the one place where a running worker reads the time of day.
"""

import os
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from streams.time_guard import Reading, TimeGuard, Trust


class Clock(Protocol):
    """Says what time it is. Cheap enough to be asked for every batch."""

    def now_ms(self) -> int:
        """Milliseconds since the epoch, UTC; never less than an answer given before by the same clock."""
        ...

    @property
    def trust(self) -> Trust:
        """How far the last answer may be used."""
        ...

    @property
    def wrong_by_ms(self) -> int | None:
        """How far the machine's wall clock is ahead of the answers, where it was found wrong."""
        ...

    def heard(self, broker_ms: int, asked: Reading) -> None:
        """The broker stamped a record of ours between the reading `asked` and now."""
        ...


class SystemClock:
    """The machine's wall clock, held still while the machine steps back; once guarded, jumps of it are doubted.

    Safe to use from several threads: the fetcher and the tasks ask the same clock.
    """

    def __init__(self) -> None:
        self._last = 0
        self._guard: TimeGuard | None = None
        self._lock = threading.Lock()

    def guard(self, skew_ms: int) -> None:
        """From now on a jump of the wall clock is believed only when the broker agrees; it was `skew_ms` ahead just now."""
        with self._lock:
            self._guard = TimeGuard(read_machine(), skew_ms)

    def now_ms(self) -> int:
        with self._lock:
            at = read_machine()
            self._last = max(self._last, at.wall_ms if self._guard is None else self._guard.now_ms(at))
            return self._last

    @property
    def trust(self) -> Trust:
        return Trust.TRUSTED if self._guard is None else self._guard.trust

    @property
    def wrong_by_ms(self) -> int | None:
        return None if self._guard is None else self._guard.wrong_by_ms

    def heard(self, broker_ms: int, asked: Reading) -> None:
        if self._guard is not None:
            with self._lock:
                self._guard.heard(broker_ms, asked, read_machine())


def read_machine() -> Reading:
    """Both clocks of this machine, now."""
    return Reading(time.time_ns() // 1_000_000, time.monotonic_ns() // 1_000_000)


class FileClock:
    """A virtual wall clock: the RFC 3339 time in a small file, which whoever drives it replaces with `write_clock_file`.

    It stands still between two writes and never goes back, whatever the file says. Each call reads the file, a few microseconds:
    comparing inode and time of change instead would miss two replacements within one tick of the file system's clock.
    """

    trust = Trust.TRUSTED
    wrong_by_ms = None

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

    def heard(self, broker_ms: int, asked: Reading) -> None:
        """Nothing: whoever drives it knows the time."""


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
