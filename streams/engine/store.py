"""All cells of one partition in memory, with the figures that prove a recovery complete."""

from collections import Counter
from collections.abc import Container, Iterator

from xxhash import xxh64_intdigest

from streams.engine.errors import ProcessingFailed
from streams.engine.partition_cells import PARTITION_ACCOUNT, PartitionCells
from streams.processing.cell import Cell, CellError, S
from streams.processing.cells import Cells

SEPARATOR = b"\x00"
_MASK = (1 << 64) - 1
_OF_PARTITION = PARTITION_ACCOUNT.encode() + SEPARATOR


def state_key(account_id: str, cell: str) -> bytes:
    """Key on `state`: account id, 0x00, cell name. Account ids cannot contain 0x00 (decoding refuses them)."""
    return account_id.encode() + SEPARATOR + cell.encode()


def fingerprint(key: bytes, value: bytes) -> int:
    """xxh64 over key length, key and value; summed modulo 2^64 it is independent of order."""
    return xxh64_intdigest(len(key).to_bytes(4, "big") + key + value)


class CellStore:
    """Encoded cells by account, decoded ones only for accounts touched since the last commit; and the partition's own."""

    __slots__ = ("_raw", "_touched", "count", "partition", "sum", "trimmed")

    def __init__(self) -> None:
        self._raw: dict[str, dict[str, bytes]] = {}
        self._touched: dict[str, Cells] = {}
        self.partition = PartitionCells()
        self.trimmed: Counter[str] = Counter()  # cells by name that had to lose detail; whoever reads it clears it
        self.count = 0
        self.sum = 0

    def restore(self, key: bytes, value: bytes | None) -> None:
        """Apply one record of `state` in log order; None is a tombstone."""
        if key.startswith(_OF_PARTITION):
            old = self.partition.restore(key[len(_OF_PARTITION) :].decode(), value)
            self._replace(key, old, value)
            return
        account_bytes, _, cell_bytes = key.rpartition(SEPARATOR)
        account, cell = account_bytes.decode(), cell_bytes.decode()
        cells = self._raw.get(account)
        if cells is None:
            cells = self._raw[account] = {}
        self._replace(key, cells.get(cell), value)
        if value is None:
            cells.pop(cell, None)
            if not cells:
                del self._raw[account]
        else:
            cells[cell] = value

    def cells(self, account_id: str) -> Cells:
        """The account's cells, shared by everyone until the next flush."""
        cells = self._touched.get(account_id)
        if cells is None:
            raw = self._raw.get(account_id)
            if raw is None:
                raw = self._raw[account_id] = {}
            cells = self._touched[account_id] = Cells(account_id, raw, self.cells)
        return cells

    def each(self, cell: Cell[S], without: Container[str] = ()) -> Iterator[tuple[str, S]]:
        """(account, decoded value) of every account that has the cell, as committed; nothing counts as touched.

        Accounts in `without` are passed over undecoded. Raises ProcessingFailed naming the account whose cell is damaged.
        """
        for account, raw in self._raw.items():
            data = raw.get(cell.name)
            if data is not None and account not in without:
                try:
                    value = cell.decode(data)
                except CellError as problem:
                    raise ProcessingFailed.on_state(account, problem) from problem
                yield account, value

    def accounts(self) -> list[str]:
        """Every account that has a cell, committed or not, in order of their ids."""
        return sorted(self._raw)

    def knows(self, account: str) -> bool:
        """Whether the account has a cell, committed or not."""
        return account in self._raw

    @property
    def touched(self) -> int:
        """Accounts decoded since the last flush."""
        return len(self._touched)

    def flush(self) -> list[tuple[bytes, bytes | None]]:
        """Encode what changed: records for `state`, accounts in order of first touch, then the partition's own by name.

        Keeps count and sum.
        """
        out: list[tuple[bytes, bytes | None]] = []
        total, count = self.sum, self.count
        for account, cells in self._touched.items():
            if cells.dirty:
                prefix = account.encode() + SEPARATOR
                for name, old, new in _encoded(account, cells):
                    key = prefix + name.encode()
                    size = len(key).to_bytes(4, "big") + key
                    if old is not None:
                        total -= xxh64_intdigest(size + old)
                        count -= 1
                    if new is not None:
                        total += xxh64_intdigest(size + new)
                        count += 1
                    out.append((key, new))
                if cells.trimmed:
                    self.trimmed.update(cells.trimmed)
            if not self._raw.get(account):
                self._raw.pop(account, None)
        self._touched.clear()
        self.sum, self.count = total & _MASK, count
        for name, old, new in self.partition.flush():
            key = _OF_PARTITION + name.encode()
            self._replace(key, old, new)
            out.append((key, new))
        return out

    def _replace(self, key: bytes, old: bytes | None, new: bytes | None) -> None:
        if old is not None:
            self.count -= 1
            self.sum -= fingerprint(key, old)
        if new is not None:
            self.count += 1
            self.sum += fingerprint(key, new)
        self.sum &= _MASK


def _encoded(account: str, cells: Cells) -> Iterator[tuple[str, bytes | None, bytes | None]]:
    try:
        yield from cells.flush()
    except CellError as problem:
        raise ProcessingFailed.on_state(account, problem) from problem
