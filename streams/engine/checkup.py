"""One partition of `state`, examined record by record: what does not belong there, what cannot be decoded, what does not add up."""

from collections.abc import Iterator, Mapping
from heapq import nlargest
from typing import Any, NamedTuple

from schemas.decoding.keys import account_of
from schemas.decoding.partitioning import partition_of
from streams.engine.cursor import CURSOR_KEY, Cursor
from streams.engine.errors import ProcessingFailed, StateError
from streams.engine.finding import Finding
from streams.engine.partition_cells import PARTITION_ACCOUNT
from streams.engine.store import SEPARATOR, fingerprint
from streams.processing.cell import Cell, CellError
from streams.processing.cells import SHARED

LARGEST = 5
AT_MOST = 20
"""Findings of one kind that are spelled out; the rest is counted."""
_OF_PARTITION = PARTITION_ACCOUNT.encode() + SEPARATOR
_WRITERS = "stop whoever else writes to this topic (`playcall acls`); write a tombstone for the key, or restore the topic"


class Sizes(NamedTuple):
    """How much state there is, in bytes of keys and values, and where most of it lies."""

    cells: int
    accounts: int
    bytes: int
    largest_cells: list[tuple[str, str, int]]  # account, cell, bytes
    largest_accounts: list[tuple[str, int]]


class Checkup:
    """`take` every record in log order, then ask. Holds one partition's state, as a worker does."""

    def __init__(self, topic: str, partition: int, partitions: int, cells: Mapping[str, Cell[Any]]) -> None:
        self.state: dict[bytes, bytes] = {}
        self.cursor: Cursor | None = None
        self._place = f"{topic}:{partition}"
        self._partition = partition
        self._partitions = partitions
        self._cells = cells
        self._offsets: dict[bytes, int] = {}
        self._keyless: list[int] = []

    def take(self, offset: int, key: bytes | None, value: bytes | None) -> None:
        """One record of the partition."""
        if key is None:
            self._keyless.append(offset)
            return
        self._offsets[key] = offset
        if value is None:
            self.state.pop(key, None)
        else:
            self.state[key] = value

    def findings(self) -> list[Finding]:
        """Everything wrong with the records; also decodes the cursor, if it can."""
        found = [
            Finding("error", f"{self._place}:{offset}", "a record without a key", f"{_WRITERS}; a worker refuses it")
            for offset in self._keyless[:AT_MOST]
        ]
        return [*found, *self._cursor(), *_bounded(self._foreign()), *_bounded(self._undecodable())]

    def sizes(self) -> Sizes:
        """What there is, the largest first."""
        cells: list[tuple[str, str, int]] = []
        accounts: dict[str, int] = {}
        for key, value in self.state.items():
            account, _, name = key.decode(errors="backslashreplace").rpartition("\x00")
            if key == CURSOR_KEY:
                continue
            size = len(key) + len(value)
            owner = "(the partition itself)" if account == PARTITION_ACCOUNT else account
            cells.append((owner, name, size))
            if account != PARTITION_ACCOUNT:
                accounts[account] = accounts.get(account, 0) + size
        return Sizes(
            len(cells),
            len(accounts),
            sum(size for _, _, size in cells),
            nlargest(LARGEST, cells, key=lambda cell: cell[2]),
            nlargest(LARGEST, accounts.items(), key=lambda account: account[1]),
        )

    def _cursor(self) -> Iterator[Finding]:
        data = self.state.get(CURSOR_KEY)
        count = sum(key != CURSOR_KEY for key in self.state)
        if data is None:
            if count:
                yield Finding(
                    "error", self._place, f"holds {count} cells but no cursor: it was cut, or written by something else",
                    "restore the topic, or delete it and start with another app_id",
                )  # fmt: skip
            return
        try:
            self.cursor = cursor = Cursor.decode(data)
        except StateError as problem:
            yield Finding("error", f"{self._place}:{self._offsets[CURSOR_KEY]}", str(problem), "restore the topic, or run that release")
            return
        total = sum(fingerprint(key, value) for key, value in self.state.items() if key != CURSOR_KEY) % (1 << 64)
        if (count, total) != (cursor.cells, cursor.sum):
            yield Finding(
                "error", self._place,
                f"holds {count} cells with sum {total:016x}, its cursor says {cursor.cells} and {cursor.sum:016x}: records are missing or "
                "foreign",
                "check cleanup.policy=compact and who else writes there; take out what is foreign, or restore the topic",
            )  # fmt: skip

    def _foreign(self) -> Iterator[Finding]:
        for key in self.state:
            if key == CURSOR_KEY or key.startswith(_OF_PARTITION):
                continue
            account_bytes, separator, _ = key.rpartition(SEPARATOR)
            account = account_of(account_bytes)
            where = f"{self._place}:{self._offsets[key]}"
            if separator and account_bytes == SHARED.encode():
                continue
            if not separator or account is None:
                yield Finding("error", where, f"the key {key[:60]!r} is none of ours", _WRITERS)
            elif (home := partition_of(account_bytes, self._partitions)) != self._partition:
                yield Finding("error", where, f"account {account!r} belongs on partition {home} of {self._partitions}", _WRITERS)

    def _undecodable(self) -> Iterator[Finding]:
        for key, value in self.state.items():
            account_bytes, separator, name_bytes = key.rpartition(SEPARATOR)
            account = SHARED if separator and account_bytes == SHARED.encode() else account_of(account_bytes)
            if key == CURSOR_KEY or not separator or account is None:
                continue
            where = f"{self._place}:{self._offsets[key]}"
            name = name_bytes.decode(errors="backslashreplace")
            cell = self._cells.get(name)
            if cell is None:
                what = f"cell {name!r} of account {account!r} ({len(value)} bytes) is unknown to this release and stays unread"
                yield Finding("warning", where, what, "nothing, if a newer release ran here; else find out who writes to the topic")
                continue
            try:
                cell.decode(value)
            except CellError as problem:
                named = ProcessingFailed.on_state(account, problem)
                what = f"account {account!r}: {problem}"
                if f"{len(value)} bytes" not in what:
                    what += f" ({len(value)} bytes)"
                yield Finding("error", where, what, f"to go on without the account: `playcall worker --quarantine {named.quoted_flag}`")


def _bounded(findings: Iterator[Finding]) -> Iterator[Finding]:
    shown = 0
    more: Finding | None = None
    hidden = 0
    for finding in findings:
        if shown < AT_MOST:
            shown += 1
            yield finding
        else:
            more, hidden = finding, hidden + 1
    if more is not None:
        yield more._replace(where=more.where.rsplit(":", 1)[0], what=f"and {hidden} more like it, such as: {more.what}")
