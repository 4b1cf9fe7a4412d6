"""Which account is due next: a heap with one live entry per account."""

from heapq import heapify, heappop, heappush

NEVER = 1 << 62


class Agenda:
    """A priority queue of (moment in ms, account).

    An account's entry only ever moves earlier by `arm`; a deadline that was cancelled or moved later leaves its entry
    behind, which is harmless: whoever pops it looks at the account and arms it anew.
    """

    __slots__ = ("_armed", "_heap", "next_ms")

    def __init__(self) -> None:
        self._heap: list[tuple[int, str]] = []
        self._armed: dict[str, int] = {}
        self.next_ms = NEVER

    def load(self, entries: dict[str, int]) -> None:
        """Replace everything."""
        self._armed = entries
        self._heap = [(at, account) for account, at in entries.items()]
        heapify(self._heap)
        self.next_ms = self._heap[0][0] if self._heap else NEVER

    def arm(self, account: str, at_ms: int) -> None:
        """Make sure the account is looked at no later than `at_ms`."""
        if at_ms < self._armed.get(account, NEVER):
            self._armed[account] = at_ms
            heappush(self._heap, (at_ms, account))
            self.next_ms = min(self.next_ms, at_ms)

    def pop(self) -> tuple[int, str] | None:
        """Take the first entry and disarm its account; None when the entry had been replaced by an earlier one."""
        at_ms, account = heappop(self._heap)
        self.next_ms = self._heap[0][0] if self._heap else NEVER
        if self._armed.get(account) != at_ms:
            return None
        del self._armed[account]
        return at_ms, account

    def count_until(self, now_ms: int) -> int:
        """Accounts with an entry at or before `now_ms`."""
        if self.next_ms > now_ms:
            return 0
        return sum(at <= now_ms for at in self._armed.values())
