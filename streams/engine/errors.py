"""Refusals of the engine: what is wrong with the state, and the remedy; what fails, and how to go on without it."""

from shlex import quote
from typing import Self

from streams.processing.cell import CellError


class StateError(Exception):
    """Recovered state that cannot be trusted. The message says what was found and what to do."""


class ProcessingFailed(Exception):
    """An exception while one record, one deadline or one account's state was worked on; the cause is chained.

    `place` is `topic:partition:offset`, the deadline, or the account alone; `flag` what `--quarantine` takes to go on without it.
    """

    def __init__(self, place: str, account: str | None, flag: str, problem: Exception) -> None:
        cell = problem.cell if isinstance(problem, CellError) else None
        whose = "" if account is None else f" of account {account!r}"
        text = str(problem)
        super().__init__(f"{place}{whose} fails with {type(problem).__name__}" + (f": {text}" if text else ""))
        self.place = place
        self.account = account
        self.cell = cell
        self.flag = flag

    @property
    def quoted_flag(self) -> str:
        """The flag as a shell takes it."""
        return quote(self.flag)

    @property
    def remedy(self) -> str:
        """How to go on."""
        return (
            "If it fails again at the next start, go on without it: "
            f"`playcall worker --quarantine {self.quoted_flag}`; `playcall doctor` finds whatever else fails"
        )

    @classmethod
    def on_record(cls, topic: str, partition: int, offset: int, account: str | None, problem: Exception) -> Self:
        """While a record was decoded or applied. Where a cell is to blame, the account's next record would fail as well."""
        place = f"{topic}:{partition}:{offset}"
        whole = account is not None and isinstance(problem, CellError)
        return cls(place, account, f"account:{account}" if whole else place, problem)

    @classmethod
    def on_deadline(cls, name: str, account: str, problem: Exception) -> Self:
        """While a deadline fired."""
        return cls(f"deadline {name!r}", account, f"account:{account}", problem)

    @classmethod
    def on_state(cls, account: str, problem: Exception) -> Self:
        """While an account's cells were decoded or encoded."""
        return cls("state", account, f"account:{account}", problem)
