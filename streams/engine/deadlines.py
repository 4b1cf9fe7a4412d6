"""Deadlines of all accounts: kept in a cell per account, found through agendas. Silences that are not proven are parked."""

from collections.abc import Callable, Container, Mapping
from typing import NamedTuple, Protocol

import msgspec

from streams.engine.agenda import NEVER, Agenda
from streams.engine.store import CellStore
from streams.processing.cell import Cell
from streams.processing.cells import Cells
from streams.processing.proof import Topics


class Deadlines(msgspec.Struct, array_like=True):
    """Pending deadlines of an account: processor index and name -> moment in ms."""

    clocks: dict[str, int] = {}  # the clock is enough
    silences: dict[str, int] = {}  # nothing may have arrived until then: reading must have passed the moment plus the grace
    held: dict[str, int] = {}  # silences whose holding was told, and since when


def _trim(known: Deadlines) -> int:
    """The deadlines that are furthest away go: what set them may set them again."""
    kind = max(known.clocks, known.silences, key=len)
    furthest = sorted(kind, key=lambda name: (kind[name], name))[-(-len(kind) * 3 // 4) :]
    for name in furthest:
        del kind[name]
    return len(furthest)


DEADLINES: Cell[Deadlines] = Cell("deadlines", Deadlines, version=1, trim=_trim)


class Named(NamedTuple):
    """One due deadline: its name and the moment it was set to.

    `unproven`: it is called although the silence is not proven. `held`: it is not called yet.
    """

    name: str
    at_ms: int
    unproven: bool = False
    held: bool = False


class Due(NamedTuple):
    """What is due for one account at one moment, in name order; `held` came due now and cannot be believed yet."""

    at_ms: int
    cells: Cells
    names: list[Named]
    held: list[Named]


class Witness(Protocol):
    """Says up to when silence on some topics is proven."""

    def proven_up_to(self, topics: Topics, now_ms: int) -> int:
        """The moment (grace included) up to which no event is missing, judged at task time `now_ms`; `NEVER` is: for good."""


class DeadlineQueue:
    """Finds what is due. At one moment clocks come before silences, those before the unproven, then by account, then by name."""

    __slots__ = (
        "_grace_ms",
        "_set_aside",
        "_store",
        "_topics_of",
        "_unproven_after_ms",
        "clock_limit_ms",
        "clocks",
        "parked",
        "pending",
        "silences",
    )

    def __init__(
        self,
        store: CellStore,
        grace_ms: int,
        topics_of: Callable[[str], Topics],
        unproven_after_ms: int | None,
        set_aside: Container[str] = (),
    ) -> None:
        self._store = store
        self._grace_ms = grace_ms
        self._topics_of = topics_of
        self._unproven_after_ms = NEVER if unproven_after_ms is None else unproven_after_ms
        self._set_aside = set_aside  # accounts whose deadlines stay where they are, and do not fire
        self.clocks = Agenda()
        self.silences = Agenda()
        self.parked: dict[Topics, Agenda] = {}  # due, but not proven, by the topics whose silence they assert
        self.pending = 0
        self.clock_limit_ms = NEVER  # later clocks wait: an answer may be on its way

    @property
    def next_ms(self) -> int:
        """Nothing that `pop` may take is due before this."""
        clock, silence = self.clocks.next_ms, self.silences.next_ms
        if clock > self.clock_limit_ms:
            clock = NEVER
        first = min(silence, clock)
        return min(first, self._forced_ms()) if self.parked else first

    @property
    def held(self) -> Mapping[Topics, int]:
        """Accounts that wait for the proof of a silence, by the topics of it."""
        return {topics: len(agenda) for topics, agenda in self.parked.items()}

    def rebuild(self) -> None:
        """After recovery: one agenda entry per account and kind."""
        self.pending = 0
        self.parked = {}
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
            if name in (known.clocks if silence else known.silences) or name in known.held:
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
            entries.held.pop(name, None)
        self.pending -= 1
        _drop_empty(cells, entries)

    def pop(self, witness: Witness, now_ms: int) -> Due | None:
        """Take what comes first: a clock, a silence, or what waited for proof too long. None when the entry was out of date."""
        clock, silence = self.clocks.next_ms, self.silences.next_ms
        forced = self._forced_ms() if self.parked else NEVER
        if clock <= silence and clock <= forced and clock <= self.clock_limit_ms:
            return self.pop_clock()
        return self.pop_silence(witness, now_ms) if silence <= forced else self._pop_forced()

    def pop_clock(self, proven_ms: int = NEVER) -> Due | None:
        """Take the first account's clocks of the agenda's next moment; unproven where that lies beyond `proven_ms`."""
        entry = self.clocks.pop()
        if entry is None:
            return None
        at_ms, account = entry
        cells = self._store.cells(account)
        known = cells.get(DEADLINES)
        names = [] if known is None else sorted((name, moment) for name, moment in known.clocks.items() if moment <= at_ms)
        if known is not None and len(names) < len(known.clocks):
            self.clocks.arm(account, min(moment for moment in known.clocks.values() if moment > at_ms))
        if not names:
            return None
        clocks = cells.edit(DEADLINES).clocks
        for name, _ in names:
            del clocks[name]
        self.pending -= len(names)
        _drop_empty(cells, cells.edit(DEADLINES))
        return Due(at_ms, cells, [Named(name, moment, moment > proven_ms) for name, moment in names], [])

    def pop_silence(self, witness: Witness, now_ms: int) -> Due | None:
        """The same for silences, whose moment includes the grace; what is not proven is parked."""
        entry = self.silences.pop()
        return None if entry is None else self._examine(*entry, witness, max(now_ms, entry[0]))

    def release(self, witness: Witness, now_ms: int) -> Due | None:
        """Take the first of what was parked and is proven by now; None when there is nothing."""
        while True:
            free = [agenda for topics, agenda in self.parked.items() if agenda.next_ms <= witness.proven_up_to(topics, now_ms)]
            if not free:
                return None
            entry = min(free, key=Agenda.peek).pop()
            self._drop_exhausted()
            due = None if entry is None else self._examine(*entry, witness, now_ms)
            if due is not None:
                return due

    def releasable(self, witness: Witness, topic: str, now_ms: int) -> bool:
        """Whether something parked for want of news of this topic is proven now."""
        return any(topic in topics and agenda.next_ms <= witness.proven_up_to(topics, now_ms) for topics, agenda in self.parked.items())

    def pop_overdue(self, now_ms: int) -> Due | None:
        """Take what has waited for proof too long by now; None when nothing has."""
        while self.parked and self._forced_ms() <= now_ms:
            due = self._pop_forced()
            if due is not None:
                return due
        return None

    def overdue(self, now_ms: int) -> int:
        """Accounts with a deadline that should have fired by `now_ms` and has not (late, or held)."""
        return self.clocks.count_until(now_ms) + self.silences.count_until(now_ms) + sum(self.held.values())

    def _forced_ms(self) -> int:
        return min(agenda.next_ms for agenda in self.parked.values()) + self._unproven_after_ms

    def _pop_forced(self) -> Due | None:
        entry = min(self.parked.values(), key=Agenda.peek).pop()
        self._drop_exhausted()
        return None if entry is None else self._examine(*entry, None, 0)

    def _examine(self, at_ms: int, account: str, witness: Witness | None, now_ms: int) -> Due | None:
        """Take the account's silences due by `at_ms` as far as they are proven; without a witness, all of them, unproven."""
        cells = self._store.cells(account)
        known = cells.get(DEADLINES)
        if known is None:
            return None
        grace_ms = self._grace_ms
        due: list[Named] = []
        held: list[Named] = []
        later = NEVER
        for name, moment in sorted(known.silences.items()):
            due_ms = moment + grace_ms
            if due_ms > at_ms:
                later = min(later, due_ms)
                continue
            if witness is None:
                due.append(Named(name, moment, unproven=True))
                continue
            topics = self._topics_of(name)
            if due_ms <= witness.proven_up_to(topics, now_ms):
                due.append(Named(name, moment))
                continue
            self.parked.setdefault(topics, Agenda()).arm(account, due_ms)
            if name not in known.held:
                held.append(Named(name, moment, held=True))
        if later < NEVER:  # also what is parked already: it will be found out again
            self.silences.arm(account, later)
        if due:
            silences = cells.edit(DEADLINES).silences
            for named in due:
                del silences[named.name]
            self.pending -= len(due)
        return Due(now_ms if witness is not None else at_ms + self._unproven_after_ms, cells, due, held) if due or held else None

    def _drop_exhausted(self) -> None:
        for topics in [topics for topics, agenda in self.parked.items() if not agenda]:
            del self.parked[topics]


def take_held(cells: Cells, name: str) -> int | None:
    """Since when a deadline that fires now was known to be held; afterwards nothing is remembered of it."""
    known = cells.get(DEADLINES)
    if known is None or name not in known.held:
        return None
    return cells.edit(DEADLINES).held.pop(name)


def note_held(cells: Cells, name: str, now_ms: int) -> None:
    """Remember that the holding of a silence was told."""
    cells.edit(DEADLINES).held[name] = now_ms


def drop_if_empty(cells: Cells) -> None:
    """Leave no empty cell behind."""
    known = cells.get(DEADLINES)
    if known is not None:
        _drop_empty(cells, known)


def _drop_empty(cells: Cells, entries: Deadlines) -> None:
    if not entries.clocks and not entries.silences and not entries.held:
        cells.drop(DEADLINES)


__all__ = ["DEADLINES", "NEVER", "DeadlineQueue", "Deadlines", "Due", "Named", "Witness", "drop_if_empty", "note_held", "take_held"]
