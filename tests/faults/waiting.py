"""Waiting for what other processes do: a condition and a deadline, never a mere pause."""

import time
from collections.abc import Callable
from typing import TypeVar

POLL_S = 0.1

T = TypeVar("T")


class NotInTimeError(Exception):
    """What a scenario waited for did not come: the run is not exact, whatever else it shows."""


def until(condition: Callable[[], T], seconds: float, what: str) -> T:
    """The condition's first true answer. Raises NotInTimeError, naming `what`, after `seconds`."""
    end = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > end:
            raise NotInTimeError(f"not within {seconds:.0f} s: {what}")
        time.sleep(POLL_S)
    return answer


def hold(seconds: float, meanwhile: Callable[[], object]) -> None:
    """An outage of this length: it is the fault, not a wait for something. `meanwhile` is called again and again."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        meanwhile()
        time.sleep(POLL_S)
