"""Which account is due next: buckets of accounts by moment, and a heap of the moments."""

from bisect import insort
from heapq import heapify, heappop, heappush

NEVER = 1 << 62


class Agenda:
    """A priority queue of (moment in ms, account), for many accounts that share few moments: days close at midnight.

    An account's entry only ever moves earlier by `arm`; a deadline that was cancelled or moved later leaves its entry
    behind, which is harmless: whoever pops it looks at the account and arms it anew. A heap of pairs would compare account
    ids over and over; here each bucket is sorted once, when its moment comes.
    """

    __slots__ = ("_armed", "_buckets", "_moments", "_open", "_open_ms", "next_ms")

    def __init__(self) -> None:
        self.load({})

    def load(self, entries: dict[str, int]) -> None:
        """Replace everything."""
        self._armed = entries
        self._buckets: dict[int, list[str]] = {}
        for account, at_ms in entries.items():
            self._buckets.setdefault(at_ms, []).append(account)
        self._moments = list(self._buckets)
        heapify(self._moments)
        self._open: list[str] = []  # the bucket being emptied, last account first
        self._open_ms = -1
        self.next_ms = self._moments[0] if self._moments else NEVER

    def arm(self, account: str, at_ms: int) -> None:
        """Make sure the account is looked at no later than `at_ms`."""
        if at_ms >= self._armed.get(account, NEVER):
            return
        self._armed[account] = at_ms
        if at_ms == self._open_ms and self._open:
            insort(self._open, account, key=_descending)
            return
        bucket = self._buckets.get(at_ms)
        if bucket is None:
            self._buckets[at_ms] = [account]
            heappush(self._moments, at_ms)
            if at_ms < self.next_ms:
                self._close()
                self.next_ms = at_ms
        else:
            bucket.append(account)

    def pop(self) -> tuple[int, str] | None:
        """Take the first entry and disarm its account; None when the entry had been replaced by an earlier one."""
        self._turn()
        at_ms, account = self._open_ms, self._open.pop()
        if not self._open:
            self.next_ms = self._moments[0] if self._moments else NEVER
        if self._armed.get(account) != at_ms:
            return None
        del self._armed[account]
        return at_ms, account

    def __len__(self) -> int:
        """Accounts with an entry."""
        return len(self._armed)

    def peek(self) -> tuple[int, str]:
        """What `pop` would look at. The agenda must not be exhausted."""
        self._turn()
        return self._open_ms, self._open[-1]

    def count_until(self, now_ms: int) -> int:
        """Accounts with an entry at or before `now_ms`."""
        if self.next_ms > now_ms:
            return 0
        return sum(at <= now_ms for at in self._armed.values())

    def _turn(self) -> None:
        if not self._open:
            self._open_ms = heappop(self._moments)
            self._open = sorted(self._buckets.pop(self._open_ms), reverse=True)

    def _close(self) -> None:
        """Something earlier came: put back what is left of the open bucket."""
        if self._open:
            self._buckets[self._open_ms] = self._open
            heappush(self._moments, self._open_ms)
            self._open = []


class _descending(str):  # noqa: N801 used as a key function
    """Orders strings the other way round."""

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        return str.__gt__(self, other)
