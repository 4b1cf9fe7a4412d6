"""Accounts pass from the library they were planned by to the present one: at their first touch, or at their turn in the sweep.

Which library an account is planned by is remembered without a word per account: accounts up to the sweep's position are
planned by its target, the rest by what was there before. Only an account touched ahead of the position carries a cell that
says so, until the sweep comes by. Position, cells and deadlines go into one commit, so that a crash resumes the sweep and no
account is planned twice.
"""

from bisect import bisect_left

import msgspec

from streams.engine.store import CellStore
from streams.processing.cell import Cell
from streams.processing.cells import Cells
from streams.processing.library import Change, Library, Revision, change_between

_NAME = "library.planned"


class Swept(msgspec.Struct, array_like=True):
    """Only of accounts ahead of the sweep: the revision they are planned by."""

    revision: str = ""


SWEPT: Cell[Swept] = Cell("swept", Swept, version=1)


class Position(msgspec.Struct, frozen=True):
    """Where the sweep stands: rides in the cursor. `after` is the last account that has had its turn."""

    after: str = ""
    to: str = ""
    began_ms: int = 0  # task time; 0: not begun
    done: int = 0


class Planned(msgspec.Struct):
    """The partition's own cell: by which library accounts were planned when the sweep set out.

    `bounds`: (last account, revision), in order; None is the end of all accounts. `libraries` has every revision named there,
    the target, and those of sweeps that were overtaken.
    """

    libraries: list[Library]
    bounds: list[tuple[str | None, str]]


class Sweep:
    """One per task. Pure bookkeeping: what is planned for an account is the processors' business."""

    __slots__ = (
        "_ahead",
        "_bounds",
        "_changes",
        "_index",
        "_left",
        "_libraries",
        "_library",
        "_rate",
        "_store",
        "_todo",
        "pending",
        "position",
    )

    def __init__(self, store: CellStore, library: Library, accounts_per_s: int) -> None:
        self._store = store
        self._library = library
        self._rate = accounts_per_s
        self._libraries: dict[str, Library] = {library.revision: library}
        self._bounds: list[tuple[str | None, str]] = [(None, library.revision)]
        self._ahead: set[str] = set()
        self._changes: dict[str, Change] = {}  # by the revision an account comes from
        self._left: set[str] = set()  # revisions of accounts that could not pass
        self._todo: list[str] = []
        self._index = 0
        self.pending = False
        self.position: Position | None = None

    def recover(self, cursor_revision: str | None, position: Position | None) -> None:
        """All of `state` is read: find out what is left to do. `cursor_revision` is None when there is no state."""
        target = self._library.revision
        data = self._store.partition.get(_NAME)
        if data is not None:
            planned = msgspec.json.decode(data, type=Planned)
        elif cursor_revision is None or Revision.parse(cursor_revision).digest == Revision.parse(target).digest:
            planned = Planned([self._library], [(None, target)])
        else:  # written before libraries were remembered
            planned = Planned([Library(cursor_revision, None)], [(None, cursor_revision)])
        self._libraries = {library.revision: library for library in planned.libraries} | {target: self._library}
        self._bounds = planned.bounds
        if position is not None and position.to != target:
            rest = [(until, revision) for until, revision in planned.bounds if until is None or until > position.after]
            self._bounds = [(position.after, position.to), *rest] if position.after else rest
        marked = {account: mark.revision for account, mark in self._store.each(SWEPT)}
        same = all(change_between(self._libraries[revision], self._library).empty for _, revision in self._bounds)
        if same and position is None and not marked:
            self._finish()
            return
        self.pending = True
        self.position = position if position is not None and position.to == target else Position(to=target)
        self._ahead = {account for account, revision in marked.items() if revision == target}
        self._todo = self._store.accounts()
        self._index = bisect_left(self._todo, self.position.after + "\x00") if self.position.after else 0
        self._remember(Planned(list(self._libraries.values()), self._bounds))
        if self.remaining == 0:
            self._finish()

    @property
    def remaining(self) -> int:
        """Accounts that have not had their turn."""
        return len(self._todo) - self._index

    def wants(self, account: str) -> bool:
        """Whether the account is still planned by another library. While `pending`, ask before anything touches an account."""
        assert self.position is not None
        return account > self.position.after and account not in self._ahead

    def pass_over(self, cells: Cells, now_ms: int) -> Change | None:
        """The account is planned by the target from here on: how that differs from before; None when nothing does.

        For an account that `wants`. The mark it leaves is taken away when the account's turn is over.
        """
        account = cells.account_id
        at = bisect_left(self._todo, account, self._index)
        change: Change | None = None
        if cells.empty:  # only now is it heard of: there is nothing that another library could have planned
            if at == len(self._todo) or self._todo[at] != account:
                self._todo.insert(at, account)
        else:
            revision = self._revision_of(cells)
            found = self._changes.get(revision)
            if found is None:
                found = self._changes[revision] = change_between(self._libraries[revision], self._library)
            change = None if found.empty else found._replace(turn_ms=self._turn(at, now_ms))
        cells.put(SWEPT, Swept(self._library.revision))
        self._ahead.add(account)
        return change

    def next(self) -> str | None:
        """The account whose turn it is; None at the end."""
        return self._todo[self._index] if self._index < len(self._todo) else None

    def advance(self, cells: Cells) -> None:
        """The account has had its turn. After the last one the sweep is over."""
        self._ahead.discard(cells.account_id)
        cells.drop(SWEPT)
        self._step(cells.account_id)

    def _step(self, account: str) -> None:
        assert self.position is not None
        self._index += 1
        began = self.position.began_ms
        self.position = Position(account, self.position.to, began, self.position.done + 1)
        if self._index == len(self._todo):
            self._finish()

    def leave(self, cells: Cells) -> None:
        """The account cannot pass now: it keeps its library, and a mark that makes the next start come back to it."""
        if self.wants(cells.account_id):
            revision = self._revision_of(cells)
            self._left.add(revision)
            cells.put(SWEPT, Swept(revision))
        self._step(cells.account_id)

    def _turn(self, at: int, now_ms: int) -> int:
        """When activation at a pace comes to this account: by its place in the order, from when the sweep began."""
        assert self.position is not None
        position = self.position
        if not position.began_ms:
            position = self.position = msgspec.structs.replace(position, began_ms=now_ms)
        place = position.done + at - self._index
        return max(now_ms, position.began_ms + place * 1000 // self._rate)

    def _revision_of(self, cells: Cells) -> str:
        mark = cells.get(SWEPT)
        if mark is not None:
            return mark.revision
        return next(revision for until, revision in self._bounds if until is None or cells.account_id <= until)

    def _finish(self) -> None:
        self.pending = False
        self.position = None
        self._ahead, self._todo, self._index = set(), [], 0
        kept = {self._library.revision, *self._left}
        self._left = set()
        self._libraries = {revision: library for revision, library in self._libraries.items() if revision in kept}
        self._bounds = [(None, self._library.revision)]
        self._remember(Planned(list(self._libraries.values()), self._bounds))

    def _remember(self, planned: Planned) -> None:
        self._store.partition.put(_NAME, msgspec.json.encode(planned))
