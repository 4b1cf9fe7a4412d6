"""What a processor may know about time."""

from enum import Enum
from typing import NamedTuple

from streams.processing.proof import Proof


class Mode(Enum):
    """How a task passes time."""

    CATCHING_UP = "catching_up"  # time is the merged event time of what is read
    LIVE = "live"  # time is the wall clock


class Moment(NamedTuple):
    """The task time at which a processor is called, and what was known then."""

    now_ms: int
    historical: bool = False  # before go-live: state builds, triggers are marked, nothing launches
    mode: Mode = Mode.LIVE
    proof: Proof | None = None  # of a deadline that says that nothing came
