"""Questions to the roster: who takes a run, or a step of it.

What is asked for is called a step: `owner` for the run, `owner-3` when the third trigger wants another owner, `level-1` for the first
level of a ladder that was asked for, `step:NAME` for a step of the play (`step-1:NAME` after the run went over to another play once).
No two questions of a run have the same name: the roster gives one question one answer.
"""

import msgspec

from schemas.records.play_message import Clock

OWNER = "owner"
LEVEL = "level-"
_OF_PLAY = "step"


class Asked(msgspec.Struct, array_like=True):
    """A question without an answer yet. `asked_ms` is its time; at `until_ms` the answer is given up; `waited_ms` is the last wait."""

    step: str
    role: str
    asked_ms: int
    until_ms: int
    waited_ms: int
    because: str = ""  # what a level of the ladder says of the one before
    clock: Clock | None = None  # that ran out, for a level of the ladder
    channels: tuple[str, ...] = ()  # how a level of the ladder is to be told
    person: str | None = None  # whom a level of the ladder names


class Holder(msgspec.Struct, array_like=True):
    """Who counts, at the roster, as holding a step. `told_ms`: when that was last said."""

    step: str
    person: str
    told_ms: int


def ask_id(run_id: str, step: str) -> str:
    """The question's id: the same for every repetition of it."""
    return f"{run_id}/{step}"


def owns(step: str) -> bool:
    """Whether who holds this step owns the run; at any time one holds such a step."""
    return not step.startswith(_OF_PLAY)


def of_play(name: str, plays: int) -> str:
    """The question for a step of the play; `plays`: how often the run went over to another one."""
    return f"{_OF_PLAY}-{plays}:{name}" if plays else f"{_OF_PLAY}:{name}"


def name_in_play(step: str) -> str:
    """The name of the step that such a question is for."""
    return step.partition(":")[2]
