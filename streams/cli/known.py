"""What is known when a trigger is tried: an account's state and a roster's, as the topics `state` and `roster.state` hold them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from streams.engine.cursor import CURSOR_KEY
from streams.engine.store import CellStore
from streams.processing.cells import Cells

Records = Mapping[bytes, bytes]
"""The last record of each key."""


@dataclass(frozen=True, slots=True)
class Known:
    """Both states, and in words where they come from. `held_by` None: nobody is taken to hold anything beside what is in `roster`.

    `answers`: whether there is a roster to be asked at all; without, owners are chosen by the owners file alone.
    `recorded`: open runs are those that messages tell of, which say when clocks are due and not what they count.
    """

    account_id: str
    state: Records
    roster: Records
    account_from: str
    held_by: str | None = None
    remarks: tuple[str, ...] = ()
    answers: bool = True
    recorded: bool = False

    def account(self) -> Cells:
        """The account's cells, to be changed at will: the next call gives them anew."""
        return _store(self.state).cells(self.account_id)

    def asked(self) -> Cells:
        """The roster's cells of the account, those of people and pools beside them; as freely."""
        return _store(self.roster).cells(self.account_id)

    def changed(self, change: Callable[[Cells], None]) -> "Known":
        """The same after a change of the account's cells."""
        return replace(self, state=_changed(self.state, self.account_id, change))

    def changed_roster(self, change: Callable[[Cells], None]) -> "Known":
        """The same after a change of the roster's."""
        return replace(self, roster=_changed(self.roster, self.account_id, change))


def _changed(records: Records, account_id: str, change: Callable[[Cells], None]) -> Records:
    store = _store(records)
    change(store.cells(account_id))
    after = dict(records)
    for key, value in store.flush():
        if value is None:
            after.pop(key, None)
        else:
            after[key] = value
    return after


def _store(records: Records) -> CellStore:
    store = CellStore()
    for key, value in records.items():
        if key != CURSOR_KEY:
            store.restore(key, value)
    return store
