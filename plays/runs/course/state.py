"""Where a run stands in its play: one entry per step, and what is known of the customer. Kept in state, so fields are only appended."""

from enum import IntEnum

import msgspec

from plays.runs.course.facts import Facts


class Stage(IntEnum):
    """A step waits, then has begun, then has ended in one of four ways. It never goes back."""

    WAITING = 0
    BEGUN = 1
    DONE = 2
    SKIPPED = 3
    CANCELLED = 4
    LAPSED = 5  # its `max_age` passed before it could begin


class StepState(msgspec.Struct, array_like=True):
    """One step of one run. Times in ms since the epoch, UTC; None is not yet, or does not apply."""

    stage: Stage = Stage.WAITING
    at_ms: int | None = None  # when it may begin: known once the steps it follows have ended; of an `until` the limit
    came_ms: int | None = None  # when what it waits for was seen to hold
    begun_ms: int | None = None
    due_ms: int | None = None
    ended_ms: int | None = None
    next_ms: int | None = None  # of a cadence: the next time
    retry_ms: int | None = None  # held back until then; None with `held`: until somebody says so
    times: int = 0  # how often it was asked for; more than once only of a cadence
    reported: int = 0  # of these, up to which one somebody said that it was done
    owner: str = ""  # whose it is; empty: whoever owns the run
    held: bool = False
    proven: int = 0  # bits: what it waits for is proven not to have come by its limit (1), its condition to hold (2)
    late_said: bool = False
    vain: bool = False  # its wait was in vain, so that another began instead
    hushed: str = ""  # what its message was last said to wait for
    excused_ms: int = 0  # of its age: for how long it was, or will be, held back until moments that were known

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to it."""
        return self.stage >= Stage.DONE


class Course(msgspec.Struct, array_like=True):
    """The way of one run through its play. `play` is the content hash of the playbook it is pinned to."""

    play: str
    left_out: list[int]  # places in the file of the steps that are for other accounts
    opened_ms: int
    trigger_ms: int
    act_by_ms: int | None
    steps: list[StepState]
    facts: Facts
    finished_ms: int | None = None

    @property
    def ended(self) -> bool:
        """Whether every step has ended."""
        return all(step.ended for step in self.steps)
