"""What is known when a trigger is tried: an account's state and a roster's, as the topics `state` and `roster.state` hold them."""

from collections.abc import Mapping
from dataclasses import dataclass

from streams.engine.cursor import CURSOR_KEY
from streams.engine.store import CellStore
from streams.processing.cells import Cells

Records = Mapping[bytes, bytes]
"""The last record of each key."""


@dataclass(frozen=True, slots=True)
class Known:
    """Both states, and in words where they come from. `held_by` None: nobody is taken to hold anything beside what is in `roster`.

    `answers`: whether there is a roster to be asked at all; without, owners are chosen by the owners file alone.
    """

    account_id: str
    state: Records
    roster: Records
    account_from: str
    held_by: str | None = None
    remarks: tuple[str, ...] = ()
    answers: bool = True

    def account(self) -> Cells:
        """The account's cells, to be changed at will: the next call gives them anew."""
        return _cells(self.state, self.account_id)

    def asked(self) -> Cells:
        """The roster's cells of the account, those of people and pools beside them; as freely."""
        return _cells(self.roster, self.account_id)


def _cells(records: Records, account_id: str) -> Cells:
    store = CellStore()
    for key, value in records.items():
        if key != CURSOR_KEY:
            store.restore(key, value)
    return store.cells(account_id)
