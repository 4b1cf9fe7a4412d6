"""The roster's own state: what was asked for each account, what each person holds, what was said of people.

Keys: the account's id for what was asked of it, `@` and the person's id for what is theirs, `#` and a pool's name for what is the
pool's (with a letter in front no name meets a key of the engine), `SHARED` for what is nobody's own.
"""

import msgspec

from plays.roster.ask import Load
from plays.roster.change import Stated
from streams.processing.cell import Cell
from streams.processing.cells import SHARED, Cells

QUESTIONS_AT_MOST = 200
"""Of one account; an account has at most some forty open runs, of a few steps each."""
POOLS_AT_MOST = 20
FREED_AT_MOST = 8


class Told(msgspec.Struct, array_like=True):
    """The answer as it was given: the same question again gets the same one."""

    run_id: str
    step: str
    at_ms: int
    person: str
    name: str
    email: str | None
    role: str
    reason: str
    detail: str
    on_duty_from_ms: int
    runners_up: list[str]
    calendar: str | None = None
    timezone: str | None = None


class Question(msgspec.Struct, array_like=True):
    """One ask, and who counts as holding what it was about. Times are event times, ms.

    `held_ms`: as of when `holder` does; `heard_ms`: when anything was last said of it; `freed`: who was released, as of when.
    """

    ask_id: str
    heard_ms: int
    pool: str | None = None
    holder: str | None = None
    minutes: int = 0
    arr: int = 0
    held_ms: int = 0
    freed: list[tuple[str, int]] = []
    told: Told | None = None


class Questions(msgspec.Struct, omit_defaults=True):
    """All of an account, in order of arrival. `handled`: by pool, who last had a run of it, and since when."""

    asked: list[Question] = []
    handled: dict[str, tuple[str, int]] = {}
    armed_ms: int | None = None

    def find(self, ask_id: str) -> Question | None:
        """The question of this id."""
        return next((one for one in self.asked if one.ask_id == ask_id), None)


class Turns(msgspec.Struct, omit_defaults=True):
    """What a pool that shares by turns owes its members, in runs."""

    owed: dict[str, float] = {}


class Changed(msgspec.Struct, omit_defaults=True):
    """Whose record on the topic counts over the file. `version` goes up with each change, so that a worker compiles the team once."""

    people: list[str] = []
    version: int = 0


class OfPerson(msgspec.Struct, omit_defaults=True):
    """The last good record of one person."""

    stated: Stated = Stated()


def _trim_questions(questions: Questions) -> int:
    """Words for people go first, the oldest before; who holds what never does."""
    wordy = [one.told for one in questions.asked if one.told is not None and (one.told.detail or one.told.runners_up)]
    for told in wordy[: -(-len(wordy) // 4)]:
        told.detail, told.runners_up = "", []
    return len(wordy)


QUESTIONS: Cell[Questions] = Cell("questions", Questions, version=1, trim=_trim_questions)
LOAD: Cell[Load] = Cell("load", Load, version=1)
TURNS: Cell[Turns] = Cell("turns", Turns, version=1)
CHANGED: Cell[Changed] = Cell("changed", Changed, version=1)
OF_PERSON: Cell[OfPerson] = Cell("of_person", OfPerson, version=1)


def of_person(cells: Cells, person_id: str) -> Cells:
    """The cells of a person."""
    return cells.beside(f"@{person_id}")


def of_pool(cells: Cells, pool: str) -> Cells:
    """The cells of a pool."""
    return cells.beside(f"#{pool}")


def shared(cells: Cells) -> Cells:
    """The cells that are nobody's own."""
    return cells.beside(SHARED)
