"""All cells of one partition in memory, with the figures that prove a recovery complete."""

from collections.abc import Iterator

from xxhash import xxh64_intdigest

from streams.processing.cell import Cell, S
from streams.processing.cells import Cells

SEPARATOR = b"\x00"
_MASK = (1 << 64) - 1


def state_key(account_id: str, cell: str) -> bytes:
    """Key on `state`: account id, 0x00, cell name. Account ids cannot contain 0x00 (decoding refuses them)."""
    return account_id.encode() + SEPARATOR + cell.encode()


def fingerprint(key: bytes, value: bytes) -> int:
    """xxh64 over key length, key and value; summed modulo 2^64 it is independent of order."""
    return xxh64_intdigest(len(key).to_bytes(4, "big") + key + value)


class CellStore:
    """Encoded cells by account; decoded ones only for accounts touched since the last commit."""

    __slots__ = ("_raw", "_touched", "count", "sum")

    def __init__(self) -> None:
        self._raw: dict[str, dict[str, bytes]] = {}
        self._touched: dict[str, Cells] = {}
        self.count = 0
        self.sum = 0

    def restore(self, key: bytes, value: bytes | None) -> None:
        """Apply one record of `state` in log order; None is a tombstone."""
        account_bytes, _, cell_bytes = key.rpartition(SEPARATOR)
        account, cell = account_bytes.decode(), cell_bytes.decode()
        cells = self._raw.get(account)
        if cells is None:
            cells = self._raw[account] = {}
        old = cells.get(cell)
        if old is not None:
            self._forget(key, old)
        if value is None:
            cells.pop(cell, None)
            if not cells:
                del self._raw[account]
        else:
            cells[cell] = value
            self.count += 1
            self.sum = (self.sum + fingerprint(key, value)) & _MASK

    def cells(self, account_id: str) -> Cells:
        """The account's cells, shared by everyone until the next flush."""
        cells = self._touched.get(account_id)
        if cells is None:
            raw = self._raw.get(account_id)
            if raw is None:
                raw = self._raw[account_id] = {}
            cells = self._touched[account_id] = Cells(account_id, raw)
        return cells

    def each(self, cell: Cell[S]) -> Iterator[tuple[str, S]]:
        """(account, decoded value) of every account that has the cell, as committed; nothing counts as touched."""
        for account, raw in self._raw.items():
            data = raw.get(cell.name)
            if data is not None:
                yield account, cell.decode(data)

    @property
    def touched(self) -> int:
        """Accounts decoded since the last flush."""
        return len(self._touched)

    def flush(self) -> list[tuple[bytes, bytes | None]]:
        """Encode what changed, in order of first touch: records for `state`. Keeps count and sum."""
        out: list[tuple[bytes, bytes | None]] = []
        total, count = self.sum, self.count
        for account, cells in self._touched.items():
            if cells.dirty:
                prefix = account.encode() + SEPARATOR
                for name, old, new in cells.flush():
                    key = prefix + name.encode()
                    size = len(key).to_bytes(4, "big") + key
                    if old is not None:
                        total -= xxh64_intdigest(size + old)
                        count -= 1
                    if new is not None:
                        total += xxh64_intdigest(size + new)
                        count += 1
                    out.append((key, new))
            if not self._raw.get(account):
                self._raw.pop(account, None)
        self._touched.clear()
        self.sum, self.count = total & _MASK, count
        return out

    def _forget(self, key: bytes, old: bytes) -> None:
        self.count -= 1
        self.sum = (self.sum - fingerprint(key, old)) & _MASK
