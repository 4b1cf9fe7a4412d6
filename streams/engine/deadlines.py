"""Deadlines of all accounts: kept in a cell per account, found through two agendas."""

from collections.abc import Container
from typing import NamedTuple

import msgspec

from streams.engine.agenda import NEVER, Agenda
from streams.engine.store import CellStore
from streams.processing.cell import Cell
from streams.processing.cells import Cells


class Deadlines(msgspec.Struct, array_like=True):
    """Pending deadlines of an account: processor index and name -> moment in ms."""

    clocks: dict[str, int] = {}  # the clock is enough
    silences: dict[str, int] = {}  # nothing may have arrived until then: reading must have passed the moment plus the grace


DEADLINES: Cell[Deadlines] = Cell("deadlines", Deadlines, version=1)


class Due(NamedTuple):
    """What is due for one account at one moment: names with the moments they were set to, in name order."""

    at_ms: int
    cells: Cells
    names: list[tuple[str, int]]


class DeadlineQueue:
    """Finds what is due. At one moment clocks come before silences, then by account, then by name."""

    __slots__ = ("_grace_ms", "_set_aside", "_store", "clocks", "pending", "proven_ms", "silences")

    def __init__(self, store: CellStore, grace_ms: int, set_aside: Container[str] = ()) -> None:
        self._store = store
        self._grace_ms = grace_ms
        self._set_aside = set_aside  # accounts whose deadlines stay where they are, and do not fire
        self.clocks = Agenda()
        self.silences = Agenda()
        self.pending = 0
        self.proven_ms = NEVER  # what `pop` takes of silences ends here

    @property
    def next_ms(self) -> int:
        """No clock, and no silence that `pop` may take, is due before this."""
        clock, silence = self.clocks.next_ms, self.silences.next_ms
        return min(silence, clock) if silence <= self.proven_ms else clock

    def rebuild(self) -> None:
        """After recovery: one agenda entry per account and kind."""
        self.pending = 0
        clocks: dict[str, int] = {}
        silences: dict[str, int] = {}
        for account, known in self._store.each(DEADLINES, self._set_aside):
            self.pending += len(known.clocks) + len(known.silences)
            if known.clocks:
                clocks[account] = min(known.clocks.values())
            if known.silences:
                silences[account] = min(known.silences.values()) + self._grace_ms
        self.clocks.load(clocks)
        self.silences.load(silences)

    def set(self, cells: Cells, name: str, at_ms: int, *, silence: bool) -> None:
        """Add a deadline, or move it. A name is a clock or a silence, whichever was said last."""
        known = cells.get(DEADLINES)
        if known is not None:
            if (known.silences if silence else known.clocks).get(name) == at_ms:
                return
            if name in (known.clocks if silence else known.silences):
                self.cancel(cells, name)
        entries = cells.edit(DEADLINES)
        kind = entries.silences if silence else entries.clocks
        if name not in kind:
            self.pending += 1
        kind[name] = at_ms
        if silence:
            self.silences.arm(cells.account_id, at_ms + self._grace_ms)
        else:
            self.clocks.arm(cells.account_id, at_ms)

    def cancel(self, cells: Cells, name: str) -> None:
        """Forget a deadline; an unknown name is fine."""
        known = cells.get(DEADLINES)
        if known is None or (name not in known.clocks and name not in known.silences):
            return
        entries = cells.edit(DEADLINES)
        if entries.clocks.pop(name, None) is None:
            del entries.silences[name]
        self.pending -= 1
        _drop_empty(cells, entries)

    def pop_clock(self) -> Due | None:
        """Take the first account's clocks of the agenda's next moment; None when the entry was out of date."""
        return self._pop(self.clocks, silence=False)

    def pop_silence(self) -> Due | None:
        """The same for silences; their moment includes the grace."""
        return self._pop(self.silences, silence=True)

    def pop(self) -> Due | None:
        """Take whichever comes first, of silences only those proven."""
        clock_first = self.clocks.next_ms <= self.silences.next_ms or self.silences.next_ms > self.proven_ms
        return self.pop_clock() if clock_first else self.pop_silence()

    def overdue(self, now_ms: int) -> int:
        """Accounts with a deadline that should have fired by `now_ms` and has not (late, or held)."""
        return self.clocks.count_until(now_ms) + self.silences.count_until(now_ms)

    def _pop(self, agenda: Agenda, *, silence: bool) -> Due | None:
        entry = agenda.pop()
        if entry is None:
            return None
        at_ms, account = entry
        cells = self._store.cells(account)
        known = cells.get(DEADLINES)
        grace = self._grace_ms if silence else 0
        kind = {} if known is None else (known.silences if silence else known.clocks)
        names = sorted((name, moment) for name, moment in kind.items() if moment + grace <= at_ms)
        if names:
            entries = cells.edit(DEADLINES)
            kind = entries.silences if silence else entries.clocks
            for name, _ in names:
                del kind[name]
            self.pending -= len(names)
        if kind:
            agenda.arm(account, min(kind.values()) + grace)
        if not names:
            return None
        _drop_empty(cells, entries)
        return Due(at_ms, cells, names)


def _drop_empty(cells: Cells, entries: Deadlines) -> None:
    if not entries.clocks and not entries.silences:
        cells.drop(DEADLINES)


__all__ = ["DEADLINES", "NEVER", "DeadlineQueue", "Deadlines", "Due"]
