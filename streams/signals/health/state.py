"""What is remembered of an account's health."""

import msgspec

from streams.processing.cell import Cell

KEPT_DAYS = 100
MAX_CHANGES = 120


class Change(msgspec.Struct, array_like=True, gc=False):
    """From the end of `day` on: the score, and what indicators of usage lack in it, in tenths of a point."""

    day: int
    score: int
    missed: int
    band: str


class Health(msgspec.Struct, array_like=True, gc=False):
    """The present score in tenths of a point, and how it came to be: the changes of the last 100 days and the one before them."""

    number: int = 0  # changes so far
    score: int = -1
    band: str = ""
    band_since_ms: int = 0  # event time, or the end of the day
    changes: list[Change] = []

    def at(self, day: int) -> Change | None:
        """The score as it was at the end of the day; None where it was not known then."""
        return next((change for change in reversed(self.changes) if change.day <= day), None)


def _trim(health: Health) -> int:
    gone = len(health.changes) // 2
    del health.changes[:gone]
    return gone


HEALTH: Cell[Health] = Cell("health", Health, version=1, trim=_trim)


def note(health: Health, change: Change) -> None:
    """Remember the score of a day: several within a day are one, the oldest go."""
    changes = health.changes
    if changes and changes[-1].day >= change.day:
        changes[-1] = Change(changes[-1].day, change.score, change.missed, change.band)
    elif not changes or (changes[-1].score, changes[-1].missed, changes[-1].band) != (change.score, change.missed, change.band):
        changes.append(change)
    while len(changes) > MAX_CHANGES or (len(changes) > 1 and changes[1].day <= change.day - KEPT_DAYS):
        del changes[0]
