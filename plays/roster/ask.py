"""The question who takes a run, and what a person holds already."""

from dataclasses import dataclass

import msgspec


@dataclass(frozen=True, slots=True)
class Ask:
    """Who takes this, as of `at_ms`? One role of one account; times in ms since the epoch, UTC.

    `own` is the account's own person for the role as its profile names them, `handled_by` who of this pool last had a run of it for
    the account, `holding` who has one now, of whatever pool, the latest first. `business`: the SLA counts working time, so the run
    may wait for a shift. `minutes` are SLA minutes. `named` is whom a level of a ladder names; `exclude`, who had the run before,
    begins with who has it now.
    """

    account_id: str
    at_ms: int
    role: str
    pool: str
    minutes: int = 0
    arr: int = 0
    business: bool = False
    own: str | None = None
    handled_by: str | None = None
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    named: str | None = None
    holding: tuple[str, ...] = ()


class Load(msgspec.Struct, array_like=True, omit_defaults=True):
    """What somebody holds. All of it is whole numbers, so that giving back what was taken gives back exactly that."""

    runs: int = 0
    minutes: int = 0
    arr: int = 0
    last_ms: int | None = None  # when they last got something

    def take(self, minutes: int, arr: int) -> None:
        """One more open run."""
        self.runs += 1
        self.minutes += minutes
        self.arr += arr

    def give_back(self, minutes: int, arr: int) -> None:
        """One less, with what it was taken with."""
        self.runs -= 1
        self.minutes -= minutes
        self.arr -= arr


NOTHING_HELD = Load()
